#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "api/sync_reader.h"
#include "api/sync_request.h"
#include "http/message.h"

namespace dunlin::api {

/// The feed as server-sent events (docs/protocol/sync.md, "Streams"): with `snapshot` the rows in
/// pages first, then every commit, until the client goes, its rights end or the server stops.
/// Memory is bounded by limits::stream_queue_bytes_max and one portion of the log; a slow client
/// makes it read later. `executor` is the loop's.
http::Response sync_stream(asio::any_io_executor executor, SyncLoop loop, SyncSources sources,
                           const SyncRequest& request, Identity identity, realtime::FeedView view);

/// `{"code":"resync","message","position","details":null,"hint"}`.
std::string resync_json(const SyncStep& step);

}  // namespace dunlin::api
