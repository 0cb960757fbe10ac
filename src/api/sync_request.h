#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "core/limits.h"
#include "core/position.h"
#include "core/result.h"
#include "http/message.h"
#include "realtime/feed.h"

namespace dunlin::api {

/// The parameters of `GET /sync/v1/changes` (docs/protocol/sync.md).
struct SyncRequest {
    realtime::FeedRequest feed{};
    std::optional<Position> since{};  // nothing: from now on
    std::size_t changes_max = limits::feed_changes_default;
    std::chrono::seconds wait{0};
    bool snapshot = false;
    bool stream = false;
};

/// Fails with 22023 for a parameter that is unknown, malformed or over its limit; the message names
/// it.
Result<SyncRequest> read_sync_request(const http::Request& request);

}  // namespace dunlin::api
