#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "http/server.h"
#include "http/server_fixture.h"

namespace dunlin::http {

namespace {

using namespace std::chrono_literals;

/// Every timeout is a hundredth of its real length.
ServerOptions hurried() {
    return {.second = 10ms};
}

}  // namespace

TEST(ServerLimits, WhatDoesNotArriveInTimeIsRefused) {
    struct Case {
        const char* why;
        std::string first;  // answered, when there is one
        std::string bytes;
        int status;  // 0: closed without a word
    };
    const Case cases[] = {
        {"nothing at all: browsers open connections ahead", "", "", 0},
        {"half a request line", "", "GET /ec", 408},
        {"half a head", "", "GET /echo HTTP/1.1\r\nHost: a\r\n", 408},
        {"half a body", "", request("POST /echo", "Content-Length: 5\r\n") + "ab", 408},
        {"half a chunk", "", request("POST /echo", "Transfer-Encoding: chunked\r\n") + "5\r\nab",
         408},
        {"idle after an answer", request("GET /echo"), "", 0},
        {"half a second head", request("GET /echo"), "GET /e", 408},
    };
    for (const Case& c : cases) {
        TestServer server(hurried());
        Client client(server.port());
        if (!c.first.empty()) EXPECT_EQ(client.exchange(c.first).status, 200) << c.why;
        client.send(c.bytes);
        const Answer answer = client.read();
        EXPECT_EQ(answer.status, c.status) << c.why;
        if (c.status != 0) EXPECT_FALSE(answer.header("x-request-id").empty()) << c.why;
        EXPECT_EQ(client.read_to_end(), "") << c.why;
    }
}

TEST(ServerLimits, AHandlerMayTakeLongerThanAnyTimeout) {
    TestServer server(hurried());
    Client idle(server.port());
    Client client(server.port());
    idle.exchange(request("GET /echo"));
    client.send(request("GET /wait?x"));
    server.wait_for_waiting(1);
    EXPECT_EQ(idle.read_to_end(), "") << "the idle timeout has passed";
    server.release();
    EXPECT_EQ(client.read().body, "waited x");
}

TEST(ServerLimits, ASlowReaderIsCutAndDelaysNobody) {
    std::atomic<bool> slow_ended = false;
    ServerOptions options = hurried();
    options.on_request = [&](const RequestRecord& record) {
        if (record.path != "/letters") return;
        EXPECT_LT(record.bytes, 8'000'000u);
        slow_ended = true;
        slow_ended.notify_all();
    };
    TestServer server(std::move(options));
    Client slow(server.port(), 4096);
    slow.send(request("GET /letters?8000000"));
    Client other(server.port());
    EXPECT_EQ(other.exchange(request("GET /echo")).status, 200);
    // The server's word that it has cut: without reading, the client cannot know.
    slow_ended.wait(false);
    EXPECT_LT(slow.read_to_end().size(), 8'000'000u) << "it was cut in the middle";
}

TEST(ServerLimits, AReaderThatReadsGetsItAllWithASmallWindow) {
    TestServer server;
    Client client(server.port(), 4096);
    EXPECT_EQ(client.exchange(request("GET /letters?3000000")).body.size(), 3'000'000u);
}

TEST(ServerLimits, OneConnectionTooManyIsToldSo) {
    TestServer server({.connections_max = 2});
    Client first(server.port());
    Client second(server.port());
    EXPECT_EQ(first.exchange(request("GET /echo")).status, 200);
    EXPECT_EQ(second.exchange(request("GET /echo")).status, 200);
    Client third(server.port());
    EXPECT_EQ(third.read().status, 503);
    EXPECT_EQ(third.read_to_end(), "");
    first.exchange(request("GET /echo", "Connection: close\r\n"));
    first.half_close();
    EXPECT_EQ(first.read_to_end(), "");
    // The place is free as soon as the server has seen the other side close.
    int status = 503;
    while (status == 503) status = Client(server.port()).exchange(request("GET /echo")).status;
    EXPECT_EQ(status, 200);
}

TEST(ServerLimits, BodiesTogetherHaveABound) {
    TestServer server({.memory_bytes_max = 200'000});
    const std::string expects = "Expect: 100-continue\r\n";
    const auto post = [](std::string_view more = "") {
        return request("POST /echo", "Content-Length: 90000\r\n" + std::string(more));
    };
    Client first(server.port());
    EXPECT_EQ(first.exchange(post(expects)).status, 100);
    first.send(std::string(80'000, 'a'));
    // The server takes one connection after the other, so these bytes come before the next ones.
    Client(server.port()).exchange(request("GET /echo"));
    Client second(server.port());
    const Answer refused = second.exchange(post() + std::string(80'000, 'a'));
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.header("connection"), "close");
    const auto small = request("POST /echo", "Content-Length: 2\r\n") + "hi";
    EXPECT_EQ(Client(server.port()).exchange(small).status, 200) << "small ones always pass";
    first.send(std::string(10'000, 'a'));
    EXPECT_EQ(first.read().status, 200);
    Client third(server.port());
    EXPECT_EQ(third.exchange(post() + std::string(90'000, 'a')).status, 200)
        << "what was answered counts no more";
}

TEST(ServerLimits, AnswersThatNobodyReadsHaveABound) {
    TestServer server({.memory_bytes_max = 20'000'000});
    Client slow(server.port(), 4096);
    slow.send(request("GET /letters?9000000"));
    slow.read_bytes(1);
    Client other(server.port());
    EXPECT_EQ(other.exchange(request("GET /letters?9000000")).status, 503);
    EXPECT_EQ(other.exchange(request("GET /echo")).status, 200) << "small ones always pass";
    EXPECT_EQ(slow.read_bytes(9'000'000).size(), 9'000'000u);
    EXPECT_EQ(other.exchange(request("GET /letters?9000000")).status, 200);
}

TEST(ServerLimits, ARefusalReachesAClientThatStillSends) {
    TestServer server;
    for (int i = 0; i < 20; ++i) {
        Client client(server.port());
        client.send(request("POST /echo", "Content-Length: 99999999\r\n") +
                    std::string(1'000'000, 'a'));
        EXPECT_EQ(client.read().status, 413);
        client.half_close();
        EXPECT_EQ(client.read_to_end(), "");
        EXPECT_FALSE(client.was_reset()) << "RFC 9112 section 9.6";
    }
}

TEST(ServerLimits, AHalfClosedClientGetsItsAnswer) {
    TestServer server;
    Client client(server.port());
    client.send(request("GET /wait?x") + request("GET /echo"));
    client.half_close();
    server.wait_for_waiting(1);
    server.release();
    EXPECT_EQ(client.read().body, "waited x");
    EXPECT_EQ(client.read().body, "GET /echo ");
    EXPECT_EQ(client.read_to_end(), "");
}

TEST(ServerLimits, AClientThatLeavesDisturbsNobody) {
    TestServer server;
    {
        Client client(server.port());
        client.send(request("GET /wait?x") + request("GET /echo"));
        server.wait_for_waiting(1);
    }
    server.release();
    EXPECT_EQ(Client(server.port()).exchange(request("GET /echo")).status, 200);
}

TEST(ServerDrain, FinishesWhatRunsAndRefusesWhatIsNew) {
    TestServer server;
    Client running(server.port());
    Client idle(server.port());
    Client fresh(server.port());
    running.send(request("GET /wait?x") + request("GET /echo"));
    idle.exchange(request("GET /echo"));
    fresh.exchange("\r\n" + request("GET /echo"));
    server.wait_for_waiting(1);
    server.begin_drain();
    EXPECT_EQ(idle.read_to_end(), "");
    EXPECT_EQ(fresh.read_to_end(), "");
    EXPECT_FALSE(server.is_drained());
    server.release();
    const Answer answer = running.read();
    EXPECT_EQ(answer.body, "waited x");
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(running.read_to_end(), "") << "the pipelined one is not begun";
    running.half_close();
    server.wait_drained();
    EXPECT_EQ(server.server().statistics().connections, 0u);
}

TEST(ServerDrain, DoesNotWaitForeverForAHandler) {
    TestServer server(hurried());
    Client client(server.port());
    client.send(request("GET /wait?x") + request("GET /echo"));
    server.wait_for_waiting(1);
    server.drain();
    EXPECT_EQ(client.read().status, 0);
    // The handler outlives its connection and answers nobody.
    server.release();
}

TEST(ServerDrain, EndsOnceOnAllLoops) {
    TestServer server({}, 3);
    server.drain();
    TestServer busy({}, 3);
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 30; ++i) {
        clients.push_back(std::make_unique<Client>(busy.port()));
        EXPECT_EQ(clients.back()->exchange(request("GET /echo")).status, 200);
    }
    EXPECT_EQ(busy.server().statistics().requests, 30u);
    busy.drain();
    for (const auto& client : clients) EXPECT_EQ(client->read_to_end(), "");
}

TEST(Server, LetsInAllWhoWaitBeforeItGoesOn) {
    const TestServer routes;
    asio::io_context context(1);
    SystemClock clock;
    auto server = Server::listen({.port = 0}, {&context}, routes.router(), clock);
    ASSERT_TRUE(server) << server.error().message;
    std::vector<std::unique_ptr<Client>> crowd;
    for (int i = 0; i < 100; ++i) crowd.push_back(std::make_unique<Client>((*server)->port()));
    // One handler begins to listen, the next finds the crowd.
    context.run_one();
    context.run_one();
    EXPECT_EQ((*server)->statistics().connections, 100u);
}

TEST(Server, RefusesAnAddressThatIsTaken) {
    TestServer server;
    asio::io_context context;
    SystemClock clock;
    struct Case {
        const char* why;
        ServerOptions options;
    };
    const Case cases[] = {
        {"taken", {.port = server.port()}},
        {"not an address", {.host = "example.invalid", .port = 0}},
        {"not of this machine", {.host = "192.0.2.1", .port = 0}},
    };
    for (const Case& c : cases) {
        const auto listening = Server::listen(c.options, {&context}, server.router(), clock);
        ASSERT_FALSE(listening) << c.why;
        EXPECT_EQ(listening.error().code, ErrorCode::Unavailable) << c.why;
    }
}

}  // namespace dunlin::http
