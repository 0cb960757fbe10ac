#include "api/live_facts.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "core/limits.h"

namespace dunlin::api {

namespace {

/// Collects on the executor of whoever asks.
template <typename Answer>
struct Answers {
    Answers(const asio::any_io_executor& executor, std::size_t count)
        : timer(executor, limits::liveness_timeout), values(count), missing(count) {}

    void take(std::size_t index, Answer answer) {
        if (index >= values.size()) return;  // Too late: they are given away.
        values[index] = std::move(answer);
        if (--missing == 0) timer.cancel();
    }

    asio::steady_timer timer;
    std::vector<std::optional<Answer>> values;
    std::size_t missing;
};

template <typename Answer, typename Question>
asio::awaitable<std::vector<std::optional<Answer>>> ask(std::vector<LiveFacts::Loop> loops,
                                                        Question question) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    // Shared with the posts, which may come back after the time is over.
    const auto answers = std::make_shared<Answers<Answer>>(executor, loops.size());
    for (std::size_t i = 0; i < loops.size(); ++i) {
        const realtime::Shard& shard = loops[i].shard;
        asio::post(loops[i].context, [answers, executor, i, &shard, question] {
            asio::post(executor, [answers, i, answer = question(shard)]() mutable {
                answers->take(i, std::move(answer));
            });
        });
    }
    if (answers->missing > 0) {
        co_await answers->timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_return std::exchange(answers->values, {});
}

}  // namespace

asio::awaitable<LiveFacts::Statistics> LiveFacts::statistics() const {
    return ask<realtime::ShardStatistics>(
        loops_, [](const realtime::Shard& shard) { return shard.statistics(); });
}

asio::awaitable<LiveFacts::Descriptions> LiveFacts::describe(
    realtime::DescriptionRequest request) const {
    return ask<realtime::ShardDescription>(
        loops_, [request = std::move(request)](const realtime::Shard& shard) {
            return shard.describe(request);
        });
}

}  // namespace dunlin::api
