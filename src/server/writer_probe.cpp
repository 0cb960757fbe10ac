#include "server/writer_probe.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

#include "core/limits.h"
#include "io/log.h"
#include "io/spawn.h"

namespace dunlin::server {

namespace {

constexpr std::int64_t interval_us = 5'000'000;
constexpr std::int64_t patience_us =
    std::chrono::duration_cast<std::chrono::microseconds>(limits::liveness_timeout).count();

}  // namespace

asio::awaitable<bool> WriterProbe::is_writable() {
    const std::int64_t now_us = clock_.now_us();
    if (ended_us_ != 0 && now_us - ended_us_ < interval_us && !writing_) co_return writable_;
    if (writing_.exchange(true)) co_return writable_&& now_us - began_us_ < patience_us;
    began_us_ = now_us;
    const auto executor = co_await asio::this_coro::executor;
    // Shared with the write, which may end long after nobody waits any more.
    auto finished = std::make_shared<asio::steady_timer>(executor, limits::liveness_timeout);
    io::spawn(executor, write(finished), "writer probe");
    co_await finished->async_wait(asio::as_tuple(asio::use_awaitable));
    co_return !writing_ && writable_;
}

asio::awaitable<void> WriterProbe::write(std::shared_ptr<asio::steady_timer> finished) {
    engine::Work work = [this](engine::Session& session) { return log_.touch(session); };
    const auto written =
        co_await engine_.write(Identity{.role = Role::ServiceRole}, std::move(work));
    if (!written && writable_) {
        log::error("the database cannot be written", {{"error", written.error().message}});
    }
    writable_ = written.has_value();
    ended_us_ = clock_.now_us();
    writing_ = false;
    finished->cancel();
}

}  // namespace dunlin::server
