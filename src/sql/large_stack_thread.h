#pragma once

#include <pthread.h>

#include <condition_variable>
#include <functional>
#include <mutex>

namespace dunlin::sql {

/// The one thread that libpg_query runs on: its recursion needs a stack of
/// `limits::parser_stack_bytes`, and it leaks a thread-specific key for every thread it has seen
/// (1,024 are a process's limit).
class LargeStackThread {
public:
    LargeStackThread();
    ~LargeStackThread();
    LargeStackThread(const LargeStackThread&) = delete;
    LargeStackThread& operator=(const LargeStackThread&) = delete;

    /// The process's own, started by the first use.
    static LargeStackThread& shared();

    /// Runs `work` there and waits for its end; callers take turns. `work` must not throw or call
    /// run.
    void run(const std::function<void()>& work);

private:
    void serve();

    std::mutex turn_;  // held by the caller whose work is being done
    std::mutex mutex_;
    std::condition_variable changed_;
    const std::function<void()>* work_ = nullptr;  // guarded by mutex_, as is stopping_
    bool stopping_ = false;
    pthread_t thread_{};
};

}  // namespace dunlin::sql
