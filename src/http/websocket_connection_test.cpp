#include "http/websocket_connection.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "http/server_fixture.h"
#include "http/websocket_client.h"

namespace dunlin::http {

namespace {

using namespace std::chrono_literals;

}  // namespace

TEST(WebSocketUpgrade, IsAnsweredOrRefused) {
    const auto get = [](std::string_view a, std::string_view b = "", std::string_view c = "") {
        return request("GET /socket", std::string(a) + std::string(b) + std::string(c));
    };
    struct Case {
        const char* why;
        std::string bytes;
        int status;
    };
    const Case cases[] = {
        {"as RFC 6455 has it", get(asks_for_websocket, websocket_version, websocket_key), 101},
        {"Firefox",
         get("Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n", websocket_version,
             websocket_key),
         101},
        {"no upgrade", get(""), 426},
        {"no Upgrade header", get("Connection: Upgrade\r\n", websocket_version, websocket_key),
         426},
        {"no Connection header", get("Upgrade: websocket\r\n", websocket_version, websocket_key),
         426},
        {"upgrade to something else",
         get("Connection: Upgrade\r\nUpgrade: h2c\r\n", websocket_version, websocket_key), 426},
        {"no version", get(asks_for_websocket, websocket_key), 426},
        {"other version", get(asks_for_websocket, "Sec-WebSocket-Version: 8\r\n", websocket_key),
         426},
        {"no key", get(asks_for_websocket, websocket_version), 400},
        {"short key", get(asks_for_websocket, websocket_version, "Sec-WebSocket-Key: dGhl\r\n"),
         400},
        {"key that is not base64",
         get(asks_for_websocket, websocket_version,
             "Sec-WebSocket-Key: ----------------------==\r\n"),
         400},
        {"HTTP/1.0",
         "GET /socket HTTP/1.0\r\n" + std::string(asks_for_websocket) +
             std::string(websocket_version) + std::string(websocket_key) + "\r\n",
         426},
        {"other method",
         request("POST /socket", std::string(asks_for_websocket) + std::string(websocket_version) +
                                     std::string(websocket_key)),
         405},
        {"refused by the endpoint", upgrade("/socket/refused"), 401},
        {"an endpoint that throws", upgrade("/socket/throws"), 500},
        {"no socket there", upgrade("/echo"), 200},
    };
    TestServer server;
    for (const Case& c : cases) {
        Client client(server.port());
        const Answer answer = client.exchange(c.bytes);
        EXPECT_EQ(answer.status, c.status) << c.why;
        if (c.status == 101)
            EXPECT_EQ(answer.header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
                << c.why;
        if (c.status == 426) EXPECT_EQ(answer.header("sec-websocket-version"), "13") << c.why;
        if (c.status == 401) EXPECT_EQ(answer.body, R"({"error":"no \"key\""})") << c.why;
    }
}

TEST(WebSocketConnection, AnswersFramesAndRefusesBrokenOnes) {
    struct Case {
        const char* why;
        std::string bytes;
        std::vector<std::string> seen;
    };
    const std::string large(5 * 1024 * 1024, 'a');
    const std::string unmasked(
        "\x81\x01"
        "a",
        3);
    const Case cases[] = {
        {"text", frame(0x81, "hi"), {"T:hi"}},
        {"binary", frame(0x82, "\xff"), {"B:\xff"}},
        {"ping", frame(0x89, "p"), {"O:p"}},
        {"pong that nobody asked for", frame(0x8a, "p") + frame(0x81, "hi"), {"T:hi"}},
        {"fragments with a ping between",
         frame(0x01, "a") + frame(0x89, "p") + frame(0x80, "b"),
         {"O:p", "T:ab"}},
        {"close", close_frame(1000), {"C:1000", ""}},
        {"the client's code comes back (RFC 6455, 5.5.1)", close_frame(3001), {"C:3001", ""}},
        {"close without a code", frame(0x88, ""), {"C:1000", ""}},
        {"nothing is heard behind a close", close_frame(1000) + frame(0x81, "hi"), {"C:1000", ""}},
        {"closed by the endpoint",
         frame(0x81, "close") + frame(0x81, "hi") + close_frame(4000),
         {"C:4000", ""}},
        {"unmasked", unmasked, {"C:1002"}},
        {"reserved bit", frame(0xc1, "a"), {"C:1002"}},
        {"unknown opcode", frame(0x83, "a"), {"C:1002"}},
        {"continuation of nothing", frame(0x80, "a"), {"C:1002"}},
        {"not UTF-8", frame(0x81, "\xff"), {"C:1007"}},
        {"too large", "\x82" + sized(large.size() + 1) + std::string(4, '\0'), {"C:1009"}},
        {"too large in fragments", frame(0x02, large) + frame(0x80, "a"), {"C:1009"}},
        {"what was whole before is answered",
         frame(0x81, "hi") + unmasked + frame(0x81, "no"),
         {"T:hi", "C:1002"}},
        {"an endpoint that throws", frame(0x81, "throw"), {"C:1011"}},
    };
    TestServer server;
    for (const Case& c : cases) {
        Socket13 socket(server);
        socket.send(c.bytes);
        for (const auto& seen : c.seen) EXPECT_EQ(socket.next(), seen) << c.why;
    }
    server.wait_for_closed(std::size(cases));
}

TEST(WebSocketConnection, HearsWhatCameWithTheUpgrade) {
    TestServer server;
    Client client(server.port());
    client.send(upgrade() + frame(0x81, "early") + close_frame(1000));
    EXPECT_EQ(client.read().status, 101);
    const std::string rest = client.read_to_end();
    EXPECT_NE(rest.find("welcome"), std::string::npos);
    EXPECT_NE(rest.find("early"), std::string::npos);
}

TEST(WebSocketConnection, ASilentClientIsAskedThenCut) {
    TestServer server({.second = 5ms});
    Socket13 socket(server);
    EXPECT_EQ(socket.next(), "P:") << "after half of the time";
    socket.send(frame(0x8a, ""));
    EXPECT_EQ(socket.next(), "P:") << "its pong was heard";
    EXPECT_EQ(socket.next(), "") << "no pong";
}

TEST(WebSocketConnection, ACloseThatIsNotAnsweredEnds) {
    TestServer server({.second = 10ms});
    Socket13 socket(server);
    socket.send(frame(0x81, "close"));
    EXPECT_EQ(socket.next(), "C:4000");
    EXPECT_EQ(socket.next(), "");
}

TEST(WebSocketConnection, AReaderThatIsTooSlowLosesItsQueue) {
    TestServer server({.second = 10ms});
    Socket13 socket(server, 4096);
    socket.send(frame(0x81, "flood"));
    server.wait_for_closed(1);
    EXPECT_LT(socket.read_to_end().size(), 8'000'000u);
}

TEST(WebSocketConnection, PongsForWhoDoesNotReadHaveABound) {
    TestServer server({.second = 10ms});
    Socket13 socket(server, 4096);
    std::string pings;
    for (int i = 0; i < 100; ++i) pings += frame(0x89, std::string(125, 'p'));
    // Far more than the buffers of both sides and the queue hold together.
    int sent = 0;
    while (sent < 10'000 && socket.send(pings)) ++sent;
    EXPECT_LT(sent, 10'000) << "the server never hung up";
}

TEST(WebSocketConnection, KeepsNothingOfWhatComesBehindABrokenFrame) {
    TestServer server;
    Socket13 socket(server);
    const auto kilobytes = [] {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
    };
    const std::string megabyte(1024 * 1024, 'a');
    const auto before = kilobytes();
    socket.send(frame(0x83, ""));
    EXPECT_EQ(socket.next(), "C:1002");
    for (int i = 0; i < 200 && socket.send(megabyte); ++i) {
    }
    EXPECT_LT(kilobytes() - before, 100'000);
}

TEST(WebSocketConnection, GoesAwayWithTheServer) {
    TestServer server;
    Socket13 socket(server);
    Client late(server.port());
    late.send(upgrade().substr(0, 30));
    // An answer shows that the server has read what was sent before, on the same loop.
    Client(server.port()).exchange(request("GET /echo"));
    server.begin_drain();
    EXPECT_EQ(socket.next(), "C:1001");
    EXPECT_FALSE(server.is_drained());
    socket.send(close_frame(1001));
    EXPECT_EQ(socket.next(), "");
    late.send(upgrade().substr(30));
    EXPECT_EQ(late.read().status, 503) << "no new socket while draining";
    EXPECT_EQ(late.read_to_end(), "");
    late.half_close();
    server.wait_drained();
    EXPECT_EQ(server.server().statistics().websockets, 0u);
}

TEST(WebSocketConnection, MayBeOpenWhenTheLoopsEnd) {
    TestServer server;
    Socket13 socket(server);
    socket.send(frame(0x81, "hi"));
    EXPECT_EQ(socket.next(), "T:hi");
}

TEST(WebSocketConnection, IsAbandonedWhenTheDrainTakesTooLong) {
    TestServer server({.second = 10ms});
    Socket13 socket(server);
    server.drain();
    EXPECT_EQ(socket.next(), "C:1001");
    EXPECT_EQ(socket.next(), "");
}

}  // namespace dunlin::http
