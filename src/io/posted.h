#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <utility>

namespace dunlin::io {

/// How a thread that is no loop hands a result back: calling what this returns runs `handler` on
/// the handler's own executor, which is kept from finishing until then. Call it once, on any
/// thread.
template <typename Outcome, typename Handler>
std::move_only_function<void(Outcome)> posted(Handler handler) {
    auto guard = boost::asio::make_work_guard(handler);
    return [handler = std::move(handler), guard = std::move(guard)](Outcome outcome) mutable {
        boost::asio::post(guard.get_executor(),
                          [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
                              std::move(handler)(std::move(outcome));
                          });
        guard.reset();
    };
}

}  // namespace dunlin::io
