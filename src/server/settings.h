#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/rest_settings.h"
#include "auth/settings.h"
#include "core/limits.h"
#include "core/result.h"
#include "engine/engine.h"

namespace dunlin::server {

/// Tables that live calls by one name.
struct ChangeGroup {
    std::vector<std::string> tables;  // `table` or `schema.table`
    std::string where;                // FILE:LINE:COLUMN, for errors
};

/// What decides how a project runs. Precedence: command line, environment, dunlin.toml, default
/// (docs/operating/settings.md).
struct Settings {
    std::filesystem::path project;
    std::filesystem::path data;  // default: project/.dunlin
    std::string host = "127.0.0.1";
    std::uint16_t port = 54321;
    bool development = false;
    int loops = 1;                                                    // event loops, each a thread
    std::chrono::seconds drain = limits::http_farewell_time;          // sockets say goodbye within
    std::size_t queue_bytes_max = limits::websocket_queue_bytes_max;  // for one slow reader
    std::size_t memory_bytes_max = limits::held_bytes_max;            // for all together
    int readers = 2;                                                  // database reader threads
    std::int64_t log_days_max = 30;  // change log: older commits are trimmed
    std::uint64_t log_bytes_max = 1024ULL * 1024 * 1024;
    std::int64_t messages_hours = 72;  // stored broadcasts: older ones are removed
    api::RestSettings rest{};
    engine::StatementTimeouts statement_timeouts{};
    auth::Settings auth{};
    std::map<std::string, ChangeGroup> change_groups{};
    /// Who may see everybody's subscriptions, besides service_role: app_metadata.role.
    std::vector<std::string> live_admin_roles = {"admin"};
};

/// Options given on the command line; empty means not given.
struct CommandLine {
    std::filesystem::path project;
    std::optional<std::filesystem::path> data;
    std::optional<std::string> host;
    std::optional<std::uint16_t> port;
    bool development = false;
};

/// Reads `project`/dunlin.toml if there is one.
/// Fails with InvalidInput, FILE:LINE:COLUMN and the known keys for a wrong key or value; and when
/// development mode is asked for on an address that is not loopback.
Result<Settings> load_settings(const CommandLine& command_line);

}  // namespace dunlin::server
