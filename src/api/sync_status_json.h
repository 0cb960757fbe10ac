#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>

#include "api/live_facts.h"
#include "core/position.h"

/// The bodies of the status endpoints (docs/protocol/sync-status.md); times of the server's clock.
namespace dunlin::api {

/// What all loops and the database say together.
struct LiveState {
    explicit LiveState(LiveFacts::Descriptions answers);

    LiveFacts::Descriptions loops;
    realtime::ShardStatistics total;
    bool database_writable = false;
    Position log_position{};
    std::int64_t now_us = 0;
    std::int64_t started_us = 0;

    /// Every loop answers and has ticked lately, and the database takes writes.
    bool is_healthy() const;
    bool is_alive(std::size_t loop) const;
};

boost::json::object health_json(const LiveState& state);
/// The caller's own channels.
boost::json::object status_json(const LiveState& state);
/// Everybody's, counted by the first part of their names and by role.
boost::json::object stats_json(const LiveState& state);
/// What the inspector draws.
boost::json::object inspector_json(const LiveState& state);

/// `2026-08-21T10:11:12.345Z`
std::string timestamp_text(std::int64_t us);

}  // namespace dunlin::api
