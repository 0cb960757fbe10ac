#pragma once

#include <memory>
#include <string>

#include "http/body_reader.h"
#include "http/loop_state.h"
#include "http/request_head.h"

namespace dunlin::http {

/// One HTTP/1.1 connection until it is closed or becomes a WebSocket. Requests are answered one after
/// the other; pipelined ones wait in the socket. Belongs to its loop.
class Connection final : public Peer, public std::enable_shared_from_this<Connection> {
public:
    Connection(LoopState& loop, Socket socket);
    void start();

    void tick() override;
    void drain() override;
    void abandon() override;

private:
    enum class Phase : std::uint8_t { Idle, Head, Body, Handling, Writing };

    void enter(Phase phase);
    void wait_readable();
    void on_readable();
    void advance();
    bool read_head();
    bool read_body();
    void handle();
    void upgrade(const WebSocketFactory& factory, const Request& request);
    void answer(Response response);
    void refuse(int status, const std::string& message);
    void write();
    void after_write();
    void close();

    LoopState& loop_;
    Socket socket_;
    std::string input_;
    std::string output_head_;
    std::string output_body_;
    std::size_t written_ = 0;
    RequestHead head_;
    BodyReader body_;
    Request request_;
    std::string remote_;
    std::int64_t deadline_s_ = 0;
    Phase phase_ = Phase::Idle;
    bool keep_alive_ = true;
    bool closed_ = false;
};

}  // namespace dunlin::http
