#pragma once

#include <array>
#include <atomic>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <unordered_set>
#include <vector>

#include "http/server.h"
#include "wire/websocket_frame.h"

namespace dunlin::http {

using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

/// Counters shared by every loop.
struct Counters {
    std::atomic<std::uint64_t> connections = 0, websockets = 0, requests = 0;
    std::atomic<std::uint64_t> errors_4xx = 0, errors_5xx = 0, bytes_sent = 0;
    std::atomic<std::uint64_t> streams = 0, slow_streams = 0;
};

/// Anything with a socket on a loop. Times are seconds of LoopState::now_s.
class Peer {
public:
    virtual ~Peer() = default;
    /// Called every second: closes itself when its deadline has passed.
    virtual void tick() = 0;
    /// The server drains: finish what is under way, accept nothing new.
    virtual void drain() = 0;
    /// Ends at once.
    virtual void abandon() = 0;
    /// Writes what is queued, once per loop turn.
    virtual void flush() {}
};

/// What the connections of one loop share. Belongs to that loop.
struct LoopState {
    LoopState(asio::io_context& given_context, std::uint32_t given_index,
              const Router& given_router, const Clock& given_clock, Counters& given_counters,
              const ServerOptions& given_options)
        : context(given_context),
          index(given_index),
          router(given_router),
          clock(given_clock),
          counters(given_counters),
          options(given_options),
          timer(given_context) {}

    asio::io_context& context;
    std::uint32_t index;
    const Router& router;
    const Clock& clock;
    Counters& counters;
    const ServerOptions& options;
    asio::steady_timer timer;
    std::int64_t now_s = 0;
    std::size_t held_bytes = 0;  // bodies of requests and answers that its connections hold
    bool draining = false;
    bool flush_posted = false;
    std::uint64_t next_request = 0;
    std::unordered_set<std::shared_ptr<Peer>> peers;  // with their pending handlers, the owners
    std::vector<std::shared_ptr<Peer>> dirty;         // to be flushed at the end of this turn
    /// Empty queues for frames, lent to connections while they have something to send: an idle one
    /// holds no memory, and a busy one does not allocate.
    std::vector<std::vector<wire::Frame>> spare_queues;
    std::function<void()> on_empty;      // while draining
    std::array<char, 64 * 1024> buffer;  // reads land here: idle peers own no buffer

    void add(std::shared_ptr<Peer> peer) { peers.insert(std::move(peer)); }
    void remove(const std::shared_ptr<Peer>& peer);
    void flush_later(std::shared_ptr<Peer> peer);
    std::vector<wire::Frame> lend_queue();
    void take_back(std::vector<wire::Frame> queue);
};

}  // namespace dunlin::http
