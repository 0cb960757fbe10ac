#pragma once

#include <exception>
#include <memory>
#include <string>

#include "http/body_reader.h"
#include "http/loop_state.h"
#include "http/request_head.h"

namespace dunlin::http {

/// One HTTP/1.1 connection until it is closed or becomes a WebSocket. Requests are answered one
/// after the other; pipelined ones wait in the socket. Between requests it owns no buffer. Belongs
/// to its loop.
class Connection final : public Peer, public std::enable_shared_from_this<Connection> {
public:
    Connection(LoopState& loop, Socket socket);
    void start();

    void tick() override;
    void drain() override;
    void abandon() override;

private:
    enum class Phase : std::uint8_t { Idle, Head, Body, Handling, Writing, Lingering };

    // connection.cpp: to the handler
    void enter(Phase phase);
    void wait_readable();
    void on_readable();
    void advance();
    bool read_head();
    bool read_body();
    std::string choose_id();
    bool hold(std::size_t bytes);
    void handle();
    void upgrade(const WebSocketFactory& factory);
    void upgrade_now(const WebSocketFactory& factory, const std::string& key);
    Response too_many_upgrades();
    void become_websocket(std::unique_ptr<WebSocketHandler> handler, const std::string& key);

    // connection_answer.cpp: from the handler
    Response failed(const std::exception_ptr& failure) const;
    void answer(Response response);
    void become_stream(Response response);
    void count(int status);
    void refuse(int status, const std::string& message);
    void write();
    void after_write();
    void linger();
    void report(int status, std::uint64_t bytes) const;
    RequestRecord record() const;
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
    std::size_t held_bytes_ = 0;  // its part of LoopState::memory
    std::int64_t deadline_s_ = 0;
    std::int64_t started_us_ = 0;
    int status_ = 0;
    Phase phase_ = Phase::Idle;
    bool keep_alive_ = true;
    bool waiting_readable_ = false;
    bool closed_ = false;
};

}  // namespace dunlin::http
