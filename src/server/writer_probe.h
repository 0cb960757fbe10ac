#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>

#include "changes/change_log.h"
#include "core/clock.h"
#include "engine/engine.h"

namespace dunlin::server {

namespace asio = boost::asio;

/// Whether the database takes writes, found out by writing: at most once in five seconds, however
/// many ask. Thread-safe; borrows everything.
class WriterProbe {
public:
    WriterProbe(engine::Engine& engine, const changes::ChangeLog& log, const Clock& clock)
        : engine_(engine), log_(log), clock_(clock) {}

    /// False when the last write failed or does not come to its end in limits::liveness_timeout.
    asio::awaitable<bool> is_writable();

private:
    asio::awaitable<void> write(std::shared_ptr<asio::steady_timer> finished);

    engine::Engine& engine_;
    const changes::ChangeLog& log_;
    const Clock& clock_;
    // Each says something by itself; nothing is derived from two of them together.
    std::atomic<bool> writing_ = false;
    std::atomic<bool> writable_ = true;
    std::atomic<std::int64_t> began_us_ = 0;
    std::atomic<std::int64_t> ended_us_ = 0;
};

}  // namespace dunlin::server
