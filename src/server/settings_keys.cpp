#include "server/settings_keys.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace dunlin::server {

namespace {

constexpr std::int64_t bytes_per_megabyte = 1024 * 1024;

constexpr std::pair<std::string_view, api::TransactionEnd> transaction_ends[] = {
    {"commit", api::TransactionEnd::Commit},
    {"commit-allow-override", api::TransactionEnd::CommitAllowOverride},
    {"rollback", api::TransactionEnd::Rollback},
    {"rollback-allow-override", api::TransactionEnd::RollbackAllowOverride},
};

std::string_view set_transaction_end(Settings& settings, const Given& given) {
    for (const auto& [name, end] : transaction_ends) {
        if (name != given.text) continue;
        settings.rest.transaction_end = end;
        return {};
    }
    return "commit, commit-allow-override, rollback or rollback-allow-override";
}

std::string_view set_openapi(Settings& settings, const Given& given) {
    settings.rest.openapi = given.text != "disabled";
    return given.text == "enabled" || given.text == "disabled" ? "" : "enabled or disabled";
}

std::string_view set_schemas(Settings& settings, const Given& given) {
    const bool named = std::ranges::none_of(given.list, &std::string::empty);
    if (given.list.empty() || !named) return "a list of names";
    settings.rest.schemas = given.list;
    return {};
}

/// Names stand in lists of the live feed, between commas and colons.
bool is_group_name(std::string_view name) {
    return std::ranges::all_of(name, [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

std::string_view set_group(Settings& settings, const Given& given) {
    const bool named = std::ranges::none_of(given.list, &std::string::empty);
    if (!is_group_name(given.name) || given.list.empty() || !named) {
        return "a list of tables, under a name of letters, digits, _ and -";
    }
    settings.change_groups[given.name] = {.tables = given.list, .where = given.where};
    return {};
}

std::string_view set_admin_roles(Settings& settings, const Given& given) {
    if (std::ranges::any_of(given.list, &std::string::empty)) return "a list of roles";
    settings.live_admin_roles = given.list;
    return {};
}

/// `8s`, `500ms`, `2min`: PostgreSQL's units.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    constexpr std::pair<std::string_view, std::int64_t> units[] = {
        {"ms", 1}, {"s", 1000}, {"min", 60'000}};
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const auto& [name, milliseconds] : units) {
        if (failure != std::errc{} || unit != name) continue;
        // A statement without an end would hold up the one writer for good.
        const bool sane = number > 0 && number <= 3'600'000 / milliseconds;
        if (sane) return std::chrono::milliseconds(number * milliseconds);
    }
    return std::nullopt;
}

template <Role role>
std::string_view set_timeout(Settings& settings, const Given& given) {
    const auto duration = parse_duration(given.text);
    if (!duration) return "a time such as \"500ms\", \"8s\" or \"2min\", at most an hour";
    settings.statement_timeouts.of(role) = *duration;
    return {};
}

using enum KeyKind;

constexpr Key keys[] = {
    {"server.host", "DUNLIN_HOST", Text, 0, 0,
     [](Settings& s, const Given& given) {
         s.host = given.text;
         return std::string_view();
     }},
    {"server.port", "DUNLIN_PORT", Number, 0, 65535,
     [](Settings& s, const Given& given) {
         s.port = static_cast<std::uint16_t>(given.number);
         return std::string_view();
     }},
    {"server.loops", "DUNLIN_LOOPS", Number, 1, 64,
     [](Settings& s, const Given& given) {
         s.loops = static_cast<int>(given.number);
         return std::string_view();
     }},
    {"server.drain_seconds", "DUNLIN_DRAIN_SECONDS", Number, 0, 300,
     [](Settings& s, const Given& given) {
         s.drain = std::chrono::seconds(given.number);
         return std::string_view();
     }},
    {"live.queue_bytes_max", "DUNLIN_LIVE_QUEUE_BYTES_MAX", Number, 64 * 1024, 64 * 1024 * 1024,
     [](Settings& s, const Given& given) {
         s.queue_bytes_max = static_cast<std::size_t>(given.number);
         return std::string_view();
     }},
    {"live.memory_bytes_max", "DUNLIN_LIVE_MEMORY_BYTES_MAX", Number, 16 * 1024 * 1024,
     std::int64_t{1} << 40,
     [](Settings& s, const Given& given) {
         s.memory_bytes_max = static_cast<std::size_t>(given.number);
         return std::string_view();
     }},
    {"database.readers", "DUNLIN_READERS", Number, 1, 64,
     [](Settings& s, const Given& given) {
         s.readers = static_cast<int>(given.number);
         return std::string_view();
     }},
    {"api.schemas", "DUNLIN_API_SCHEMAS", List, 0, 0, set_schemas},
    {"api.tx_end", "DUNLIN_API_TX_END", Text, 0, 0, set_transaction_end},
    {"api.openapi", "DUNLIN_API_OPENAPI", Text, 0, 0, set_openapi},
    {"api.plan", "DUNLIN_API_PLAN", Boolean, 0, 1,
     [](Settings& s, const Given& given) {
         s.rest.plan = given.number != 0;
         return std::string_view();
     }},
    {"api.aggregates", "DUNLIN_API_AGGREGATES", Boolean, 0, 1,
     [](Settings& s, const Given& given) {
         s.rest.aggregates = given.number != 0;
         return std::string_view();
     }},
    {"api.max_rows", "DUNLIN_API_MAX_ROWS", Number, 1,
     static_cast<std::int64_t>(limits::rows_per_request_max),
     [](Settings& s, const Given& given) {
         s.rest.rows_max = static_cast<std::uint64_t>(given.number);
         return std::string_view();
     }},
    {"limits.statement_timeout.anon", "DUNLIN_TIMEOUT_ANON", Text, 0, 0, set_timeout<Role::Anon>},
    {"limits.statement_timeout.authenticated", "DUNLIN_TIMEOUT_AUTHENTICATED", Text, 0, 0,
     set_timeout<Role::Authenticated>},
    {"limits.statement_timeout.service_role", "DUNLIN_TIMEOUT_SERVICE_ROLE", Text, 0, 0,
     set_timeout<Role::ServiceRole>},
    {"live.messages_hours", "DUNLIN_LIVE_MESSAGES_HOURS", Number, 1, 876'000,
     [](Settings& s, const Given& given) {
         s.messages_hours = given.number;
         return std::string_view();
     }},
    {"groups.*", "", List, 0, 0, set_group},
    {"live.admin_roles", "DUNLIN_LIVE_ADMIN_ROLES", List, 0, 0, set_admin_roles},
    {"log.days_max", "DUNLIN_LOG_DAYS_MAX", Number, 1, 36500,
     [](Settings& s, const Given& given) {
         s.log_days_max = given.number;
         return std::string_view();
     }},
    {"log.megabytes_max", "DUNLIN_LOG_MEGABYTES_MAX", Number, 1, 1'000'000,
     [](Settings& s, const Given& given) {
         s.log_bytes_max = static_cast<std::uint64_t>(given.number * bytes_per_megabyte);
         return std::string_view();
     }},
};

}  // namespace

std::span<const Key> settings_keys() {
    static const std::vector<Key> all = [] {
        std::vector<Key> joined(std::begin(keys), std::end(keys));
        const auto of_auth = auth_settings_keys();
        joined.insert(joined.end(), of_auth.begin(), of_auth.end());
        const auto of_providers = provider_settings_keys();
        joined.insert(joined.end(), of_providers.begin(), of_providers.end());
        return joined;
    }();
    return all;
}

}  // namespace dunlin::server
