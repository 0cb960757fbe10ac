#pragma once

#include <boost/asio/awaitable.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/result.h"

namespace dunlin::auth {

/// Threads that hash passwords, since one hash takes a core for 30 ms and 19 MiB: `threads` bounds
/// both. Thread-safe; a caller resumes on its own executor. Stop it before that executor's loop is
/// destroyed.
class PasswordPool {
public:
    /// At most `queue_max` passwords wait for a thread. At least one thread.
    PasswordPool(std::size_t threads, std::size_t queue_max);
    ~PasswordPool();
    PasswordPool(const PasswordPool&) = delete;
    PasswordPool& operator=(const PasswordPool&) = delete;

    /// hash_password(). Fails with Unavailable when the queue is full or the pool is stopped.
    boost::asio::awaitable<Result<std::string>> hash(std::string password);

    /// verify_password(). With `stored` empty, which says that there is no such user, it does the
    /// work of an Argon2id hash and is false: the time does not tell who is known. (A hash brought
    /// along from elsewhere takes its own time, until needs_rehash() has it replaced.) Fails as
    /// hash().
    boost::asio::awaitable<Result<bool>> verify(std::string password, std::string stored);

    /// Refuses what waits, lets the threads finish their work, and waits for them. May be called
    /// again.
    void stop();

private:
    /// Does the work and resumes its caller; with an error, resumes it with that.
    using Job = std::move_only_function<void(const Error* refusal)>;

    void push(Job job);
    void serve();

    std::size_t queue_max_;
    // Guards the queue: filled by every loop, emptied by threads that compute and so have no loop
    // to post to.
    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<Job> queue_;
    bool stopped_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace dunlin::auth
