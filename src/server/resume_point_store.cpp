#include "server/resume_point_store.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "core/limits.h"
#include "io/log.h"

namespace dunlin::server {

namespace asio = boost::asio;

namespace {

constexpr auto write_interval = std::chrono::seconds(5);
constexpr const char* create_table =
    "create table if not exists _dunlin_resume_points (key blob primary key, epoch integer not "
    "null, sequence integer not null, used_us integer not null) strict, without rowid";

Value number(std::uint64_t value) {
    return Value(static_cast<std::int64_t>(value));
}

void report(const Error& error) {
    log::warn("the resume points could not be written", {{"error", error.message}});
}

}  // namespace

Result<void> ResumePointStore::open() {
    auto created = engine_.migrate([](engine::Session& session) -> Result<void> {
        auto done = session.run({create_table});
        if (!done) return std::unexpected(done.error());
        return {};
    });
    if (!created) return created;
    return engine_.read_now([this](engine::Session& session) -> Result<void> {
        const auto rows = session.run(
            {"select key, epoch, sequence from (select * from _dunlin_resume_points order by "
             "used_us desc limit ?1) order by used_us",
             {number(limits::resume_points_max)}});
        if (!rows) return std::unexpected(rows.error());
        std::vector<realtime::ResumePoints::Point> points;
        for (const Row& row : rows->rows) {
            points.push_back({row[0].bytes(),
                              {static_cast<std::uint64_t>(row[1].integer()),
                               static_cast<std::uint64_t>(row[2].integer())}});
        }
        points_.restore(points);
        return {};
    });
}

Result<void> ResumePointStore::write(
    engine::Session& session, const std::vector<realtime::ResumePoints::Point>& changes) const {
    for (const auto& [key, position] : changes) {
        const bool forgotten = position == Position{};
        auto done =
            forgotten ? session.run({"delete from _dunlin_resume_points where key = ?1",
                                     {Value(Blob{key})}})
                      : session.run(
                            {"insert or replace into _dunlin_resume_points values (?1, ?2, ?3, ?4)",
                             {Value(Blob{key}), number(position.epoch), number(position.sequence),
                              Value(clock_.now_us())}});
        if (!done) return std::unexpected(done.error());
    }
    return {};
}

asio::awaitable<void> ResumePointStore::keep() {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (true) {
        timer.expires_after(write_interval);
        co_await timer.async_wait(asio::use_awaitable);
        const auto changes = points_.take_changes();
        if (changes.empty()) continue;
        engine::Work work = [&](engine::Session& session) { return write(session, changes); };
        auto written = co_await engine_.write({.role = Role::ServiceRole}, std::move(work));
        if (!written) report(written.error());
    }
}

void ResumePointStore::finish() {
    const auto changes = points_.take_changes();
    if (changes.empty()) return;
    auto written =
        engine_.migrate([&](engine::Session& session) { return write(session, changes); });
    if (!written) report(written.error());
}

}  // namespace dunlin::server
