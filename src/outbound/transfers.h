#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/limits.h"
#include "core/result.h"

namespace dunlin::outbound {

namespace asio = boost::asio;

class Transfer;

struct TransferLimits {
    std::size_t transfers_max = limits::outbound_transfers_max;  // at the same time
    std::size_t queue_max = limits::outbound_queue_max;          // waiting
};

/// The thread "outbound", which carries out all transfers at once (libcurl's multi interface), so
/// that no loop waits for another server. Thread-safe.
class Transfers {
public:
    /// Fails with Unavailable when the thread or libcurl cannot be had.
    static Result<std::unique_ptr<Transfers>> open(TransferLimits limits = {});
    ~Transfers();
    Transfers(const Transfers&) = delete;
    Transfers& operator=(const Transfers&) = delete;

    /// Carries out `transfer` and gives it back, whatever came of it. Resumes on the caller's
    /// executor, which must live until then or until stop(). Fails with Unavailable when the queue
    /// is full or the server stops.
    asio::awaitable<Result<std::unique_ptr<Transfer>>> run(std::unique_ptr<Transfer> transfer);

    /// Ends what is under way with Unavailable and refuses what comes. Blocks until the thread is
    /// done; may be called again.
    void stop();

private:
    using Outcome = Result<std::unique_ptr<Transfer>>;
    struct Job {
        std::unique_ptr<Transfer> transfer;
        std::move_only_function<void(Outcome)> done;
    };

    Transfers(void* multi, TransferLimits limits);
    void push(Job job);
    void work();
    /// Takes what waits while there are places. Whether to go on.
    bool admit();
    void begin(Job job);
    void collect();
    void end(std::size_t index, int code);
    void abandon_all();

    void* multi_;  // CURLM*, used by the outbound thread; others only wake it up
    TransferLimits limits_;
    std::vector<Job> running_;  // the outbound thread's
    // Guards the two below: filled by every loop, emptied by a thread that waits in libcurl and so
    // has no loop to post to.
    std::mutex mutex_;
    std::deque<Job> waiting_;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace dunlin::outbound
