#include "server/settings.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <thread>

#include <algorithm>

namespace dunlin::server {

namespace {

Error invalid(std::string message, std::string hint = {}) {
    return Error{ErrorCode::InvalidInput, std::move(message), "", "", std::move(hint)};
}

/// One key of dunlin.toml and how it is taken over; `apply` gets its value as an integer or text.
struct Key {
    std::string_view name;
    std::string_view variable;
    bool is_text;
    std::int64_t low, high;
    void (*apply)(Settings&, std::int64_t, std::string_view);
};

constexpr Key keys[] = {
    {"server.host", "DUNLIN_HOST", true, 0, 0,
     [](Settings& s, std::int64_t, std::string_view text) { s.host = text; }},
    {"server.port", "DUNLIN_PORT", false, 0, 65535,
     [](Settings& s, std::int64_t n, std::string_view) { s.port = static_cast<std::uint16_t>(n); }},
    {"server.loops", "DUNLIN_LOOPS", false, 1, 64,
     [](Settings& s, std::int64_t n, std::string_view) { s.loops = static_cast<int>(n); }},
    {"database.readers", "DUNLIN_READERS", false, 1, 64,
     [](Settings& s, std::int64_t n, std::string_view) { s.readers = static_cast<int>(n); }},
    {"log.days_max", "DUNLIN_LOG_DAYS_MAX", false, 1, 36500,
     [](Settings& s, std::int64_t n, std::string_view) { s.log_days_max = n; }},
    {"log.megabytes_max", "DUNLIN_LOG_MEGABYTES_MAX", false, 1, 1'000'000,
     [](Settings& s, std::int64_t n, std::string_view) {
         s.log_bytes_max = static_cast<std::uint64_t>(n) * 1024 * 1024;
     }},
};

std::string known_keys() {
    std::string list;
    for (const Key& key : keys) list += (list.empty() ? "" : ", ") + std::string(key.name);
    return "Known keys: " + list + ".";
}

Result<void> apply_number(Settings& settings, const Key& key, std::int64_t number,
                          std::string_view where) {
    if (number < key.low || number > key.high) {
        return std::unexpected(invalid(
            fmt::format("{}: {} must be from {} to {}", where, key.name, key.low, key.high)));
    }
    key.apply(settings, number, "");
    return {};
}

std::string place(const std::filesystem::path& file, const toml::source_region& region) {
    return fmt::format("{}:{}:{}", file.string(), region.begin.line, region.begin.column);
}

Result<void> apply_node(Settings& settings, const std::string& name, const toml::node& node,
                        const std::filesystem::path& file) {
    const std::string where = place(file, node.source());
    const auto* key = std::find_if(std::begin(keys), std::end(keys),
                                   [&](const Key& candidate) { return candidate.name == name; });
    if (key == std::end(keys)) {
        return std::unexpected(
            invalid(fmt::format("{}: unknown key {}", where, name), known_keys()));
    }
    if (key->is_text && node.is_string()) {
        key->apply(settings, 0, node.as_string()->get());
        return {};
    }
    if (!key->is_text && node.is_integer()) {
        return apply_number(settings, *key, node.as_integer()->get(), where);
    }
    return std::unexpected(invalid(
        fmt::format("{}: {} must be {}", where, name, key->is_text ? "text" : "a whole number")));
}

Result<void> apply_file(Settings& settings, const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) return {};
    toml::table document;
    // toml++ reports bad syntax by throwing; this is the one place that meets it.
    try {
        document = toml::parse_file(file.string());
    } catch (const toml::parse_error& failure) {
        return std::unexpected(
            invalid(fmt::format("{}: {}", place(file, failure.source()), failure.description())));
    }
    for (const auto& [section, content] : document) {
        const std::string section_name(section.str());
        if (!content.is_table()) {
            auto applied = apply_node(settings, section_name, content, file);
            if (!applied) return applied;
            continue;
        }
        for (const auto& [name, node] : *content.as_table()) {
            auto applied =
                apply_node(settings, section_name + "." + std::string(name.str()), node, file);
            if (!applied) return applied;
        }
    }
    return {};
}

Result<void> apply_environment(Settings& settings) {
    for (const Key& key : keys) {
        const char* text = std::getenv(std::string(key.variable).c_str());
        if (text == nullptr) continue;
        if (key.is_text) {
            key.apply(settings, 0, text);
            continue;
        }
        const std::string_view digits(text);
        std::int64_t number = 0;
        const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), number);
        if (failure != std::errc{} || end != digits.end()) {
            return std::unexpected(invalid(fmt::format("{} must be a whole number", key.variable)));
        }
        auto applied = apply_number(settings, key, number, key.variable);
        if (!applied) return applied;
    }
    return {};
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

Result<Settings> load_settings(const CommandLine& command_line) {
    Settings settings;
    settings.project = command_line.project;
    settings.loops = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / 2);
    if (!std::filesystem::is_directory(settings.project)) {
        return std::unexpected(
            invalid(fmt::format("{} is not a folder", settings.project.string()),
                    "Give the project's folder, the one with dunlin.toml and migrations/ in it."));
    }
    auto applied = apply_file(settings, settings.project / "dunlin.toml");
    if (applied) applied = apply_environment(settings);
    if (!applied) return std::unexpected(applied.error());

    settings.data = command_line.data.value_or(settings.project / ".dunlin");
    if (command_line.host) settings.host = *command_line.host;
    if (command_line.port) settings.port = *command_line.port;
    settings.development = command_line.development;
    if (settings.development && !is_loopback(settings.host)) {
        return std::unexpected(invalid(
            fmt::format("--dev uses a publicly known secret and works on loopback only, not on {}",
                        settings.host),
            "Leave --dev out, or use --host 127.0.0.1."));
    }
    return settings;
}

}  // namespace dunlin::server
