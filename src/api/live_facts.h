#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <vector>

#include "realtime/shard.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// What the shards of all loops say of themselves, asked each on its own loop. Thread-safe; the
/// coroutines resume on their caller's executor. Borrows loops and shards.
class LiveFacts {
public:
    struct Loop {
        asio::io_context& context;
        const realtime::Shard& shard;
    };
    explicit LiveFacts(std::vector<Loop> loops) : loops_(std::move(loops)) {}

    /// By loop; nothing for one that does not answer within limits::liveness_timeout.
    using Statistics = std::vector<std::optional<realtime::ShardStatistics>>;
    asio::awaitable<Statistics> statistics() const;

    using Descriptions = std::vector<std::optional<realtime::ShardDescription>>;
    asio::awaitable<Descriptions> describe(realtime::DescriptionRequest request) const;

private:
    std::vector<Loop> loops_;
};

}  // namespace dunlin::api
