#include "auth/password_pool.h"

#include <fmt/format.h>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "auth/password_hash.h"
#include "auth/secret_text.h"
#include "core/check.h"
#include "io/log.h"
#include "io/thread_name.h"

namespace dunlin::auth {

namespace asio = boost::asio;

namespace {

Error unavailable(const char* message) {
    return Error{ErrorCode::Unavailable, message, "53300", "", "Retry later."};
}

template <typename T>
using Computation = std::move_only_function<Result<T>()>;

template <typename T>
Result<T> run_caught(Computation<T>& computation) {
    try {
        return computation();
    } catch (const std::exception& failure) {
        log::error("a password could not be hashed", {{"what", failure.what()}});
        return std::unexpected(Error{ErrorCode::Internal, "internal error"});
    }
}

/// The job that computes and then runs `handler` on its own executor, which is kept from finishing
/// until then.
template <typename T, typename Handler>
auto job_of(Computation<T> computation, Handler handler) {
    auto guard = asio::make_work_guard(handler);
    return [computation = std::move(computation), handler = std::move(handler),
            guard = std::move(guard)](const Error* refusal) mutable {
        Result<T> result =
            refusal != nullptr ? Result<T>(std::unexpected(*refusal)) : run_caught<T>(computation);
        computation = nullptr;  // The password is wiped before its caller goes on.
        asio::post(guard.get_executor(),
                   [handler = std::move(handler), result = std::move(result)]() mutable {
                       std::move(handler)(std::move(result));
                   });
        guard.reset();
    };
}

/// Gives the job to `push` when awaited; the awaiting coroutine resumes on its executor.
template <typename T, typename Push>
asio::awaitable<Result<T>> compute(Push push, Computation<T> computation) {
    auto initiate = [push](auto handler, Computation<T> what) {
        push(job_of<T>(std::move(what), std::move(handler)));
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(
        std::move(initiate), asio::use_awaitable, std::move(computation));
}

}  // namespace

PasswordPool::PasswordPool(std::size_t threads, std::size_t queue_max) : queue_max_(queue_max) {
    CHECK(threads > 0);
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this, i] {
            io::name_thread(fmt::format("hasher {}", i));
            io::yield_to_others();  // events and requests come before passwords
            serve();
        });
    }
}

PasswordPool::~PasswordPool() {
    stop();
}

asio::awaitable<Result<std::string>> PasswordPool::hash(std::string password) {
    return compute<std::string>(
        [this](auto job) { push(std::move(job)); },
        [secret = SecretText(std::move(password))] { return hash_password(secret.view()); });
}

asio::awaitable<Result<bool>> PasswordPool::verify(std::string password, std::string stored) {
    return compute<bool>(
        [this](auto job) { push(std::move(job)); },
        [secret = SecretText(std::move(password)), stored = std::move(stored)]() -> Result<bool> {
            const bool nobody = stored.empty();
            const bool same =
                verify_password(secret.view(), nobody ? hash_of_nobody : std::string_view(stored));
            return same && !nobody;
        });
}

void PasswordPool::push(Job job) {
    const char* refusal = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) {
            refusal = "the server is shutting down";
        } else if (queue_.size() >= queue_max_) {
            refusal = "too many sign-ins at once";
        } else {
            queue_.push_back(std::move(job));
        }
    }
    if (refusal == nullptr) return filled_.notify_one();
    const Error error = unavailable(refusal);
    job(&error);
}

void PasswordPool::serve() {
    while (true) {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [&] { return stopped_ || !queue_.empty(); });
        if (stopped_) return;
        Job job = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        job(nullptr);
    }
}

void PasswordPool::stop() {
    std::deque<Job> left;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        left.swap(queue_);
    }
    filled_.notify_all();
    const Error error = unavailable("the server is shutting down");
    for (auto& job : left) job(&error);
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

}  // namespace dunlin::auth
