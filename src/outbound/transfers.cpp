#include "outbound/transfers.h"

#include <curl/curl.h>
#include <pthread.h>

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <system_error>
#include <utility>

#include "io/posted.h"
#include "io/thread_name.h"
#include "outbound/transfer.h"

namespace dunlin::outbound {

namespace {

constexpr int wait_ms_max = 1'000;  // libcurl shortens it when a timer of its own is due
constexpr long idle_connections_max = 16;

Error stopping() {
    return Error{ErrorCode::Unavailable, "the server is shutting down"};
}

/// TLS writes to sockets without MSG_NOSIGNAL; a server that hangs up must not end the process.
void ignore_broken_pipes() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

Result<std::unique_ptr<Transfers>> Transfers::open(TransferLimits limits) {
    // Counted by libcurl: each success is given back by the destructor.
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return std::unexpected(Error{ErrorCode::Unavailable, "libcurl cannot be set up"});
    }
    CURLM* multi = curl_multi_init();
    CHECK(multi != nullptr);  // Out of memory.
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, idle_connections_max);
    std::unique_ptr<Transfers> transfers(new Transfers(multi, limits));
    transfers->thread_ = std::thread([&self = *transfers] {
        io::name_thread("outbound");
        ignore_broken_pipes();
        self.work();
    });
    return transfers;
}

Transfers::Transfers(void* multi, TransferLimits limits) : multi_(multi), limits_(limits) {}

Transfers::~Transfers() {
    stop();
    curl_multi_cleanup(multi_);
    curl_global_cleanup();
}

asio::awaitable<Result<std::unique_ptr<Transfer>>> Transfers::run(
    std::unique_ptr<Transfer> transfer) {
    auto initiate = [this](auto handler, std::unique_ptr<Transfer> given) {
        push({std::move(given), io::posted<Outcome>(std::move(handler))});
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(
        std::move(initiate), asio::use_awaitable, std::move(transfer));
}

void Transfers::push(Job job) {
    const char* refusal = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) {
            refusal = "the server is shutting down";
        } else if (waiting_.size() >= limits_.queue_max) {
            refusal = "too many requests to other servers are waiting";
        } else {
            waiting_.push_back(std::move(job));
        }
    }
    if (refusal != nullptr) {
        return job.done(std::unexpected(Error{ErrorCode::Unavailable, refusal}));
    }
    curl_multi_wakeup(multi_);
}

void Transfers::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    curl_multi_wakeup(multi_);
    if (thread_.joinable()) thread_.join();
}

void Transfers::work() {
    while (admit()) {
        int running = 0;
        curl_multi_perform(multi_, &running);
        collect();
        // Zero descriptors of our own: woken by sockets, timers and curl_multi_wakeup.
        curl_multi_poll(multi_, nullptr, 0, wait_ms_max, nullptr);
    }
    abandon_all();
}

bool Transfers::admit() {
    while (true) {
        Job job;
        {
            const std::lock_guard lock(mutex_);
            if (stopped_) return false;
            if (waiting_.empty() || running_.size() >= limits_.transfers_max) return true;
            job = std::move(waiting_.front());
            waiting_.pop_front();
        }
        begin(std::move(job));
    }
}

void Transfers::begin(Job job) {
    Transfer& transfer = *job.transfer;
    const auto left = transfer.time_left();
    if (left.count() <= 0) {
        transfer.finish(CURLE_OPERATION_TIMEDOUT);
        return job.done(std::move(job.transfer));
    }
    transfer.set(CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    CHECK(curl_multi_add_handle(multi_, transfer.easy()) == CURLM_OK);
    running_.push_back(std::move(job));
}

void Transfers::collect() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const auto ended = std::ranges::find_if(
            running_, [&](const Job& job) { return job.transfer->easy() == message->easy_handle; });
        CHECK(ended != running_.end());
        end(static_cast<std::size_t>(ended - running_.begin()), message->data.result);
        // A place is free: look at the queue again before waiting.
        curl_multi_wakeup(multi_);
    }
}

void Transfers::end(std::size_t index, int code) {
    Job job = std::move(running_[index]);
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(index));
    curl_multi_remove_handle(multi_, job.transfer->easy());
    job.transfer->finish(static_cast<CURLcode>(code));
    job.done(std::move(job.transfer));
}

void Transfers::abandon_all() {
    for (Job& job : running_) {
        curl_multi_remove_handle(multi_, job.transfer->easy());
        job.transfer.reset();
        job.done(std::unexpected(stopping()));
    }
    running_.clear();
    std::deque<Job> waiting;
    {
        const std::lock_guard lock(mutex_);
        waiting.swap(waiting_);
    }
    for (Job& job : waiting) job.done(std::unexpected(stopping()));
}

}  // namespace dunlin::outbound
