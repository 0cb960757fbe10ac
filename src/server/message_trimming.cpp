#include "server/message_trimming.h"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <string_view>

#include "io/log.h"

namespace dunlin::server {

namespace asio = boost::asio;

namespace {

constexpr auto trim_interval = std::chrono::minutes(1);
constexpr std::int64_t rows_max = 500;
constexpr std::int64_t bytes_max = 4LL * 1024 * 1024;

/// The oldest rows whose time `column` is before ?1, up to the one that makes `bytes_max` full.
std::string oldest(std::string_view column) {
    return fmt::format(
        "sequence in (select sequence from (select sequence, sum(coalesce(length(payload), 0) + "
        "coalesce(length(binary_payload), 0)) over (order by sequence rows between unbounded "
        "preceding and 1 preceding) as bytes_before from (select sequence, payload, binary_payload "
        "from \"realtime.messages\" where {0} < ?1 order by {0} limit {1})) where "
        "coalesce(bytes_before, 0) < {2})",
        column, rows_max, bytes_max);
}

}  // namespace

Result<bool> remove_old_messages(data::OwnerSession& session, std::int64_t now_us,
                                 std::int64_t age_us) {
    auto expired = session.remove("realtime.messages", oldest("expires_at"), {Value(now_us)});
    if (!expired) return std::unexpected(expired.error());
    if (*expired > 0) return true;
    auto old = session.remove("realtime.messages", oldest("inserted_at"), {Value(now_us - age_us)});
    if (!old) return std::unexpected(old.error());
    return *old > 0;
}

asio::awaitable<void> trim_messages(data::Owner& owner, const Clock& clock, std::int64_t age_us) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (true) {
        timer.expires_after(trim_interval);
        co_await timer.async_wait(asio::use_awaitable);
        bool more = true;
        while (more) {
            data::Owner::Work work = [&](data::OwnerSession& session) -> Result<void> {
                auto removed = remove_old_messages(session, clock.now_us(), age_us);
                if (!removed) return std::unexpected(removed.error());
                more = *removed;
                return {};
            };
            auto done = co_await owner.write({}, std::move(work));
            if (done) continue;
            more = false;
            log::warn("old messages could not be removed", {{"error", done.error().message}});
        }
    }
}

}  // namespace dunlin::server
