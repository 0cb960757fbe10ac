#include "server/settings.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <thread>

#include <algorithm>

#include "server/settings_keys.h"

namespace dunlin::server {

namespace {

Error invalid(std::string message, std::string hint = {}) {
    return Error{ErrorCode::InvalidInput, std::move(message), "", "", std::move(hint)};
}

std::string known_keys() {
    std::string list;
    for (const Key& key : settings_keys())
        list += (list.empty() ? "" : ", ") + std::string(key.name);
    return "Known keys: " + list + ".";
}

Result<void> apply(Settings& settings, const Key& key, const Given& given, std::string_view where) {
    if (key.kind == KeyKind::Number && (given.number < key.low || given.number > key.high)) {
        return std::unexpected(invalid(
            fmt::format("{}: {} must be from {} to {}", where, key.name, key.low, key.high)));
    }
    const std::string_view wanted = key.apply(settings, given);
    if (wanted.empty()) return {};
    return std::unexpected(invalid(fmt::format("{}: {} must be {}", where, key.name, wanted)));
}

std::string_view kind_text(KeyKind kind) {
    switch (kind) {
        case KeyKind::Text:
            return "text";
        case KeyKind::Number:
            return "a whole number";
        case KeyKind::Boolean:
            return "true or false";
        case KeyKind::List:
            return "a list of texts";
    }
    return {};
}

std::string place(const std::filesystem::path& file, const toml::source_region& region) {
    return fmt::format("{}:{}:{}", file.string(), region.begin.line, region.begin.column);
}

std::optional<std::vector<std::string>> text_list(const toml::node& node) {
    std::vector<std::string> list;
    if (!node.is_array()) return std::nullopt;
    for (const toml::node& item : *node.as_array()) {
        if (!item.is_string()) return std::nullopt;
        list.push_back(item.as_string()->get());
    }
    return list;
}

/// Nothing when the node is of another kind.
std::optional<Given> given_by(KeyKind kind, const toml::node& node) {
    Given given;
    if (kind == KeyKind::Text && node.is_string()) {
        given.text = node.as_string()->get();
        return given;
    }
    if (kind == KeyKind::Number && node.is_integer()) {
        given.number = node.as_integer()->get();
        return given;
    }
    if (kind == KeyKind::Boolean && node.is_boolean()) {
        given.number = node.as_boolean()->get() ? 1 : 0;
        return given;
    }
    auto list = kind == KeyKind::List ? text_list(node) : std::nullopt;
    if (!list) return std::nullopt;
    given.list = std::move(*list);
    return given;
}

/// Whether the key has this name; `wildcard` takes what stands for its `*`.
bool is_named(const Key& key, std::string_view name, std::string& wildcard) {
    const auto star = key.name.find('*');
    if (star == key.name.npos) return key.name == name;
    const std::string_view before = key.name.substr(0, star);
    const std::string_view after = key.name.substr(star + 1);
    if (name.size() <= before.size() + after.size()) return false;
    if (!name.starts_with(before) || !name.ends_with(after)) return false;
    name.remove_prefix(before.size());
    name.remove_suffix(after.size());
    wildcard = name;
    return !name.contains('.');
}

Result<void> apply_table(Settings& settings, const std::string& prefix, const toml::table& table,
                         const std::filesystem::path& file);

Result<void> apply_node(Settings& settings, const std::string& name, const toml::node& node,
                        const std::filesystem::path& file) {
    if (node.is_table()) return apply_table(settings, name + ".", *node.as_table(), file);
    const std::string where = place(file, node.source());
    const auto keys = settings_keys();
    std::string wildcard;
    const auto key = std::ranges::find_if(
        keys, [&](const Key& known) { return is_named(known, name, wildcard); });
    if (key == keys.end()) {
        return std::unexpected(
            invalid(fmt::format("{}: unknown key {}", where, name), known_keys()));
    }
    auto given = given_by(key->kind, node);
    if (given) {
        given->name = wildcard;
        given->where = where;
        return apply(settings, *key, *given, where);
    }
    return std::unexpected(
        invalid(fmt::format("{}: {} must be {}", where, name, kind_text(key->kind))));
}

Result<void> apply_table(Settings& settings, const std::string& prefix, const toml::table& table,
                         const std::filesystem::path& file) {
    for (const auto& [name, node] : table) {
        auto applied = apply_node(settings, prefix + std::string(name.str()), node, file);
        if (!applied) return applied;
    }
    return {};
}

Result<void> apply_file(Settings& settings, const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) return {};
    // toml++ reports bad syntax by throwing; this is the one place that meets it.
    try {
        const toml::table document = toml::parse_file(file.string());
        return apply_table(settings, "", document, file);
    } catch (const toml::parse_error& failure) {
        return std::unexpected(
            invalid(fmt::format("{}: {}", place(file, failure.source()), failure.description())));
    }
}

std::vector<std::string> split_at_commas(std::string_view text) {
    std::vector<std::string> parts;
    while (true) {
        const auto comma = text.find(',');
        parts.emplace_back(text.substr(0, comma));
        if (comma == text.npos) return parts;
        text.remove_prefix(comma + 1);
    }
}

/// Nothing when the text of an environment variable is of another kind.
std::optional<Given> given_by(KeyKind kind, std::string_view text) {
    if (kind == KeyKind::Text) return Given{.text = std::string(text)};
    if (kind == KeyKind::List) return Given{.list = split_at_commas(text)};
    if (kind == KeyKind::Boolean) {
        if (text != "true" && text != "false") return std::nullopt;
        return Given{.number = text == "true" ? 1 : 0};
    }
    Given given;
    const char* end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, given.number);
    if (failure != std::errc{} || rest != end) return std::nullopt;
    return given;
}

Result<void> apply_environment(Settings& settings) {
    for (const Key& key : settings_keys()) {
        const char* text =
            key.variable.empty() ? nullptr : std::getenv(std::string(key.variable).c_str());
        if (text == nullptr) continue;
        const auto given = given_by(key.kind, std::string_view(text));
        if (!given) {
            return std::unexpected(
                invalid(fmt::format("{} must be {}", key.variable, kind_text(key.kind))));
        }
        auto applied = apply(settings, key, *given, key.variable);
        if (!applied) return applied;
    }
    return {};
}

/// On the developer's own machine everybody may sign up, and many try from one address.
auth::Settings development_sign_in() {
    auth::Settings open;
    open.sign_ups = true;
    open.anonymous = true;
    open.manual_linking = true;
    open.confirm_email = false;
    open.confirm_phone = false;
    open.password_policy.refuse_common = false;
    open.limits.address.count_max = 30'000;
    open.limits.global.count_max = 60'000;
    open.limits.refresh.count_max = 180'000;
    open.limits.messages.count_max = 3'000;
    open.limits.message_pause_s = 1;
    return open;
}

std::size_t machine_memory_bytes() {
    const long pages = ::sysconf(_SC_PHYS_PAGES), page_bytes = ::sysconf(_SC_PAGESIZE);
    return static_cast<std::size_t>(pages) * static_cast<std::size_t>(page_bytes);
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

Result<Settings> load_settings(const CommandLine& command_line) {
    Settings settings;
    settings.project = command_line.project;
    settings.memory_bytes_max = std::min(limits::held_bytes_max, machine_memory_bytes() / 4);
    settings.loops = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / 2);
    if (!std::filesystem::is_directory(settings.project)) {
        return std::unexpected(
            invalid(fmt::format("{} is not a folder", settings.project.string()),
                    "Give the project's folder, the one with dunlin.toml and migrations/ in it."));
    }
    if (command_line.development) settings.auth = development_sign_in();
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
    if (settings.auth.url.empty()) {
        settings.auth.url = fmt::format("http://{}:{}", settings.host, settings.port);
    }
    if (settings.auth.site_url.empty()) settings.auth.site_url = settings.auth.url;
    return settings;
}

}  // namespace dunlin::server
