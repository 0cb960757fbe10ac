#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "http/loop_state.h"

namespace dunlin::http {

/// Accepts the connections of one loop, gives them a tick every second, and takes leave of them at
/// a stop. Belongs to its loop once accept() has been posted to it.
class Listener {
public:
    using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;

    Listener(asio::io_context& context, std::uint32_t index, const Router& router,
             const Clock& clock, Counters& counters, const ServerOptions& options,
             std::size_t loops)
        : loop(context, index, router, clock, counters, options, loops),
          acceptor(context),
          farewell_timer_(context) {}

    void accept();
    void tick();
    void drain(std::function<void()> done);

    LoopState loop;
    Acceptor acceptor;

private:
    bool accept_waiting();
    void welcome(Socket socket);
    void turn_away(Socket socket);
    void take_leave();

    asio::steady_timer farewell_timer_;
    std::vector<std::shared_ptr<Peer>> leaving_;  // told to go, one after the other
    std::size_t leaving_per_step_ = 0;
    std::int64_t drain_by_s_ = 0;
    bool accepts_ = true;
};

}  // namespace dunlin::http
