#pragma once

#include <array>
#include <atomic>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_set>
#include <vector>

#include "http/loop_memory.h"
#include "http/server.h"
#include "wire/websocket_frame.h"

namespace dunlin::http {

using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

/// Counters shared by every loop.
struct Counters {
    std::atomic<std::uint64_t> connections = 0, websockets = 0, requests = 0;
    std::atomic<std::uint64_t> errors_4xx = 0, errors_5xx = 0, bytes_sent = 0;
    std::atomic<std::uint64_t> streams = 0, lagging = 0, body_bytes = 0, queue_bytes = 0;
    std::atomic<std::uint64_t> slow_streams = 0, slow_websockets = 0, evictions = 0;
    std::atomic<std::uint64_t> refused_connections = 0, refused_upgrades = 0;
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
    /// Stays for hours: at a stop, such peers leave one after the other.
    virtual bool is_long_lived() const { return false; }
    /// What waits to be sent and may be dropped by evict().
    virtual std::size_t queued_bytes() const { return 0; }
    /// Makes room: drops its queue and ends, so that it can come back and go on.
    virtual void evict() {}
};

/// What the connections of one loop share. Belongs to that loop.
struct LoopState {
    LoopState(asio::io_context& given_context, std::uint32_t given_index,
              const Router& given_router, const Clock& given_clock, Counters& given_counters,
              const ServerOptions& given_options, std::size_t loops)
        : context(given_context),
          index(given_index),
          router(given_router),
          clock(given_clock),
          counters(given_counters),
          options(given_options),
          timer(given_context),
          memory(given_options.memory_bytes_max / loops, given_counters.body_bytes,
                 given_counters.queue_bytes) {}

    asio::io_context& context;
    std::uint32_t index;
    const Router& router;
    const Clock& clock;
    Counters& counters;
    const ServerOptions& options;
    asio::steady_timer timer;
    std::int64_t now_s = 0;
    LoopMemory memory;
    bool draining = false;
    bool flush_posted = false;
    bool upgrade_posted = false;
    bool relieve_posted = false;
    std::uint64_t next_request = 0;
    std::uint64_t next_jitter = 0;
    std::unordered_set<std::shared_ptr<Peer>> peers;  // with their pending handlers, the owners
    std::deque<std::shared_ptr<Peer>> dirty;          // to be flushed at the end of this turn
    std::deque<std::function<void()>> upgrades;       // handshakes that wait for their turn
    /// Empty queues for frames, lent to connections while they have something to send: an idle one
    /// holds no memory, and a busy one does not allocate.
    std::vector<std::vector<wire::Frame>> spare_queues;
    std::function<void()> on_empty;      // while draining
    std::array<char, 64 * 1024> buffer;  // reads land here: idle peers own no buffer

    void add(std::shared_ptr<Peer> peer) { peers.insert(std::move(peer)); }
    void remove(const std::shared_ptr<Peer>& peer);
    /// Flushes at the end of this turn, limits::flushes_per_turn_max at a time: delivery to a crowd
    /// must not keep others from being read.
    void flush_later(std::shared_ptr<Peer> peer);
    /// Runs `upgrade` in its turn: a crowd that comes back must not hold up who is connected.
    /// False when too many wait already.
    bool upgrade_later(std::function<void()> upgrade);
    /// Over LoopState::memory the largest queues go, from a turn of its own.
    void relieve_if_over();
    /// From 0 to `below` - 1, in rotation: what spreads evenly needs no chance.
    std::int64_t jitter(std::int64_t below);
    /// When who is refused may come back, in seconds: not all at the same time again.
    std::int64_t retry_after_s() { return 1 + jitter(5); }
    std::vector<wire::Frame> lend_queue();
    void take_back(std::vector<wire::Frame> queue);

private:
    void flush();
    void upgrade();
    void relieve();
};

}  // namespace dunlin::http
