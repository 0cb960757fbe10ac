#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "http/server_fixture.h"
#include "http/websocket_client.h"

/// What becomes of slow readers, of crowds, and of everybody at a stop.
namespace dunlin::http {

namespace {

using namespace std::chrono_literals;

constexpr int small_window = 4096;

/// An answer shows that the loop has done what was asked of it before.
void settle(const TestServer& server) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(Client(server.port()).exchange(request("GET /echo")).status, 200);
    }
}

int binary_frames(Socket13& socket, int count) {
    int seen = 0;
    while (seen < count && socket.next().starts_with("B:")) ++seen;
    return seen;
}

/// What the socket is told after the frames that were on their way.
std::string last_word(Socket13& socket) {
    std::string word = socket.next();
    while (word.starts_with("B:")) word = socket.next();
    return word;
}

}  // namespace

TEST(SlowReader, IsMeasuredInBytesAndNotInFrames) {
    TestServer server;
    Socket13 socket(server, small_window);
    socket.send(frame(0x81, "small 4000"));
    settle(server);
    EXPECT_EQ(binary_frames(socket, 4000), 4000) << "a commit of many small changes";
    EXPECT_EQ(server.server().statistics().slow_websockets, 0u);
}

TEST(SlowReader, IsToldToItsEndpointAndSoIsItsRecovery) {
    TestServer server;
    Socket13 socket(server, small_window);
    Socket13 other(server);
    socket.send(frame(0x81, "large 60"));
    settle(server);
    EXPECT_EQ(server.lagged(), 1);
    EXPECT_EQ(server.caught_up(), 0);
    const auto during = server.server().statistics();
    EXPECT_EQ(during.lagging_websockets, 1u);
    EXPECT_GT(during.queue_bytes, 256u * 1024);
    EXPECT_LT(during.queue_bytes, 700'000u);
    other.send(frame(0x81, "hi"));
    EXPECT_EQ(other.next(), "T:hi") << "nobody else notices";
    EXPECT_EQ(binary_frames(socket, 60), 60);
    socket.send(frame(0x81, "hi"));
    EXPECT_EQ(socket.next(), "T:hi");
    EXPECT_EQ(server.lagged(), 1) << "once, not for every frame";
    EXPECT_EQ(server.caught_up(), 1);
    const auto after = server.server().statistics();
    EXPECT_EQ(after.lagging_websockets, 0u);
    EXPECT_EQ(after.queue_bytes, 0u);
}

TEST(SlowReader, IsClosedWithAWordThatItMayComeBack) {
    TestServer server({.queue_bytes_max = 200'000});
    Socket13 socket(server, small_window);
    socket.send(frame(0x81, "large 60"));
    settle(server);
    const auto statistics = server.server().statistics();
    EXPECT_EQ(statistics.slow_websockets, 1u);
    EXPECT_LT(statistics.queue_bytes, 20'000u) << "the queue is dropped at once";
    EXPECT_EQ(last_word(socket), "C:1013");
    socket.send(close_frame(1013));
    EXPECT_EQ(socket.next(), "");
    server.wait_for_closed(1);
    EXPECT_EQ(server.server().statistics().queue_bytes, 0u);
    EXPECT_EQ(server.server().statistics().lagging_websockets, 0u);
}

TEST(SlowReader, MayAlwaysHaveOneFrameHoweverLarge) {
    TestServer server({.queue_bytes_max = 1000});
    Socket13 socket(server);
    socket.send(frame(0x81, "large 1"));
    EXPECT_EQ(binary_frames(socket, 1), 1);
}

TEST(Memory, TheLargestQueueGoesWhenAllTogetherAreTooLarge) {
    TestServer server({.memory_bytes_max = 1'800'000});
    struct Case {
        const char* asks;
        int frames;
    };
    const Case cases[] = {{"large 90", 90}, {"large 60", 60}, {"large 80", 80}};
    std::vector<std::unique_ptr<Socket13>> sockets;
    for (const Case& c : cases) {
        EXPECT_EQ(server.server().statistics().evictions, 0u) << "before " << c.asks;
        sockets.push_back(std::make_unique<Socket13>(server, small_window));
        sockets.back()->send(frame(0x81, c.asks));
        settle(server);
    }
    EXPECT_EQ(server.server().statistics().evictions, 1u);
    EXPECT_LT(server.server().statistics().queue_bytes, 1'800'000u);
    EXPECT_EQ(last_word(*sockets[0]), "C:1013");
    EXPECT_EQ(binary_frames(*sockets[1], 60), 60);
    EXPECT_EQ(binary_frames(*sockets[2], 80), 80);
}

TEST(Memory, PartsOfMessagesCount) {
    TestServer server({.memory_bytes_max = 400'000});
    Socket13 first(server), second(server);
    const std::string part(150'000, 'a');
    first.send(frame(0x02, part) + frame(0x89, ""));
    EXPECT_EQ(first.next(), "O:") << "all of the part is there";
    EXPECT_EQ(server.server().statistics().body_bytes, part.size());
    second.send(frame(0x02, part));
    EXPECT_EQ(second.next(), "C:1013");
    first.send(frame(0x80, "b"));
    EXPECT_EQ(first.next(), "B:" + part + "b");
    settle(server);
    EXPECT_LT(server.server().statistics().body_bytes, 100u) << "but for an answer of settle()";
}

TEST(Crowd, HandshakesTakeTurnsWithEverybodyElse) {
    const TestServer routes;
    asio::io_context context(1);
    SystemClock clock;
    auto server = Server::listen({.port = 0}, {&context}, routes.router(), clock);
    ASSERT_TRUE(server) << server.error().message;
    std::vector<std::unique_ptr<Client>> crowd;
    for (int i = 0; i < 200; ++i) {
        crowd.push_back(std::make_unique<Client>((*server)->port()));
        crowd.back()->send(upgrade());
    }
    std::uint64_t upgraded = 0, most = 0;
    while (upgraded < crowd.size()) {
        context.run_one();
        const std::uint64_t now = (*server)->statistics().websockets;
        most = std::max(most, now - upgraded);
        upgraded = now;
    }
    EXPECT_LE(most, limits::upgrades_per_turn_max);
    EXPECT_GT(most, 1u) << "nor one at a time";
}

TEST(Crowd, WhoDoesNotFindAPlaceIsToldWhenToComeBack) {
    TestServer server({.upgrades_waiting_max = 0});
    std::set<std::string> seconds;
    for (int i = 0; i < 5; ++i) {
        Client client(server.port());
        const Answer refused = client.exchange(upgrade());
        EXPECT_EQ(refused.status, 503);
        seconds.insert(refused.header("retry-after"));
        EXPECT_EQ(client.exchange(request("GET /echo")).status, 200) << "requests are served";
    }
    EXPECT_EQ(seconds, (std::set<std::string>{"1", "2", "3", "4", "5"})) << "not all at once again";
    EXPECT_EQ(server.server().statistics().refused_upgrades, 5u);
}

TEST(Drain, SocketsAreClosedOneGroupAfterTheOther) {
    // The second step comes in three minutes.
    TestServer server({.farewell_time = 5s, .second = 1h});
    std::vector<std::unique_ptr<Socket13>> sockets;
    for (int i = 0; i < 40; ++i) sockets.push_back(std::make_unique<Socket13>(server));
    server.begin_drain();
    int closed = 0;
    for (auto& socket : sockets) {
        socket->send(frame(0x81, "hi"));
        const auto word = socket->next();
        if (word == "C:1001")
            ++closed;
        else
            EXPECT_EQ(word, "T:hi") << "served until its turn";
    }
    EXPECT_EQ(closed, 5) << "a hundred a second when there are few";
}

TEST(Drain, InTheEndAllAreClosed) {
    TestServer server({.farewell_time = 5s, .second = 10ms});
    std::vector<std::unique_ptr<Socket13>> sockets;
    for (int i = 0; i < 40; ++i) sockets.push_back(std::make_unique<Socket13>(server));
    server.begin_drain();
    for (auto& socket : sockets) EXPECT_EQ(socket->next(), "C:1001");
    server.wait_drained();
}

}  // namespace dunlin::http
