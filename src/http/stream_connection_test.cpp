#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "http/body_reader.h"
#include "http/server_fixture.h"

namespace dunlin::http {

namespace {

using namespace std::chrono_literals;

/// The body behind the chunks; "cut" when the last chunk is missing, "broken" when it is no such
/// body, or when something follows it.
std::string unchunked(std::string_view bytes) {
    BodyReader reader(true, 0, 1 << 30);
    if (!reader.take(bytes) || !bytes.empty()) return "broken";
    return reader.done() ? reader.body() : "cut";
}

}  // namespace

TEST(Stream, IsFramedForItsClient) {
    const std::string get_10 = "GET /stream?ends HTTP/1.0\r\n\r\n";
    struct Case {
        const char* why;
        std::string bytes;
        const char* coding;
        const char* length;
        const char* connection;
        std::string rest;
    };
    const std::string chunks = "6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n";
    const Case cases[] = {
        {"HTTP/1.1", request("GET /stream?ends"), "chunked", "", "close", chunks},
        {"never compressed: an event would wait for the next ones",
         request("GET /stream?ends", "Accept-Encoding: gzip\r\n"), "chunked", "", "close", chunks},
        {"HTTP/1.0 knows no chunks", get_10, "", "", "close", "hello world"},
        {"the connection ends with the stream", request("GET /stream?ends") + request("GET /echo"),
         "chunked", "", "close", chunks},
        {"HEAD tells the same of itself, and opens nothing",
         request("HEAD /stream?ends", "Connection: close\r\n"), "chunked", "", "close", ""},
    };
    TestServer server;
    for (const Case& c : cases) {
        Client client(server.port());
        client.send(c.bytes);
        const Answer answer = client.read();
        EXPECT_EQ(answer.status, 200) << c.why;
        EXPECT_EQ(answer.header("transfer-encoding"), c.coding) << c.why;
        EXPECT_EQ(answer.header("content-length"), c.length) << c.why;
        EXPECT_EQ(answer.header("connection"), c.connection) << c.why;
        EXPECT_EQ(answer.header("access-control-allow-origin"), "*") << c.why;
        EXPECT_EQ(client.read_to_end(), c.rest) << c.why;
        EXPECT_FALSE(client.was_reset()) << c.why;
    }
    server.wait_for_closed(4);
}

TEST(Stream, HeadKeepsTheConnection) {
    TestServer server;
    Client client(server.port());
    EXPECT_EQ(client.exchange(request("HEAD /stream?ends")).header("connection"), "keep-alive");
    EXPECT_EQ(client.exchange(request("GET /echo")).body, "GET /echo ");
}

TEST(Stream, SendsWhatIsWrittenWhileItIsOpen) {
    TestServer server;
    Client client(server.port());
    EXPECT_EQ(client.exchange(request("GET /stream?open")).status, 200);
    EXPECT_EQ(client.read_bytes(19), "6\r\nhello \r\n5\r\nworld");
    EXPECT_EQ(server.server().statistics().streams, 1u);
    EXPECT_EQ(server.server().statistics().connections, 1u);
}

TEST(Stream, ABodyThatIsCutHasNoLastChunk) {
    const char* const names[] = {"breaks", "throws", "flood"};
    TestServer server;
    for (const char* name : names) {
        Client client(server.port());
        client.send(request(std::string("GET /stream?") + name));
        const std::string all = client.read_to_end();
        const auto head = all.find("\r\n\r\n");
        if (head != all.npos) EXPECT_EQ(unchunked(all.substr(head + 4)), "cut") << name;
    }
    server.wait_for_closed(3);
    EXPECT_EQ(server.server().statistics().slow_streams, 1u) << "the one that did not hold back";
    EXPECT_EQ(server.server().statistics().streams, 0u);
}

TEST(Stream, EndsWhenItsClientGoes) {
    TestServer server;
    {
        Client client(server.port());
        client.exchange(request("GET /stream?open"));
    }
    server.wait_for_closed(1);
    EXPECT_EQ(server.server().statistics().streams, 0u);
}

TEST(Stream, OutlivesEveryTimeoutOfARequest) {
    TestServer server({.second = 5ms});
    Client client(server.port());
    client.exchange(request("GET /stream?open"));
    Client other(server.port());
    other.exchange(request("GET /echo"));
    EXPECT_EQ(other.read_to_end(), "") << "an idle minute has passed";
    server.begin_drain();
    const std::string rest = client.read_to_end();
    EXPECT_EQ(unchunked(rest), "hello world, bye");
}

TEST(Stream, ADownloadWaitsForItsReaderAndHoldsLittle) {
    TestServer server;
    Client client(server.port(), 64 * 1024);
    EXPECT_EQ(client.exchange(request("GET /download?1")).status, 200);
    client.read_to_end();
    Client slow(server.port(), 16 * 1024);
    EXPECT_EQ(slow.exchange(request("GET /download?100")).status, 200);
    std::size_t read = 0;
    std::uint64_t most = 0;
    for (std::string part = "x"; !part.empty(); read += part.size()) {
        part = slow.read_bytes(64 * 1024);
        most = std::max(most, server.server().statistics().queue_bytes);
    }
    EXPECT_GT(read, 100u << 20);
    EXPECT_GT(most, 0u);
    EXPECT_LE(most, limits::stream_queue_bytes_soft + 70'000) << "one piece more than it asks for";
}

TEST(Stream, AnIdleOneHoldsLittle) {
    constexpr std::size_t count = 300;
    TestServer server;
    std::vector<std::unique_ptr<Client>> clients;
    const auto open_one = [&] {
        clients.push_back(std::make_unique<Client>(server.port()));
        clients.back()->exchange(request("GET /stream?open"));
        clients.back()->read_bytes(19);
    };
    open_one();
    const std::size_t before = ::mallinfo2().uordblks;
    for (std::size_t i = 0; i < count; ++i) open_one();
    const std::size_t each = (::mallinfo2().uordblks - before) / count;
    EXPECT_LT(each, 6u * 1024) << "that of the client's side included";
    RecordProperty("bytes", static_cast<int>(each));
}

TEST(Stream, AReaderThatTakesNothingIsCutAndDelaysNobody) {
    TestServer server({.second = 5ms});
    Client stuck(server.port(), 4096);
    stuck.send(request("GET /download?100"));
    Client reads(server.port());
    EXPECT_EQ(reads.exchange(request("GET /download?10")).status, 200);
    EXPECT_EQ(unchunked(reads.read_to_end()).size(), 10u << 20);
    server.wait_for_closed(2);
    EXPECT_EQ(server.server().statistics().slow_streams, 1u);
}

TEST(Stream, IsInTheAccessLogAtItsEnd) {
    struct Seen {
        std::string path;
        int status;
        std::uint64_t bytes;
    };
    std::vector<Seen> seen;
    ServerOptions options;
    options.on_request = [&](const RequestRecord& record) {
        seen.push_back({std::string(record.path), record.status, record.bytes});
        EXPECT_EQ(record.method, "GET");
        EXPECT_FALSE(record.id.empty());
        EXPECT_TRUE(record.remote.starts_with("127.0.0.1:"));
    };
    std::string all;
    {
        TestServer server(options);
        Client client(server.port());
        client.send(request("GET /stream?ends"));
        all = client.read_to_end();
        server.wait_for_closed(1);
    }
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].path, "/stream");
    EXPECT_EQ(seen[0].status, 200);
    EXPECT_EQ(seen[0].bytes, all.size());
}

TEST(Stream, SaysGoodbyeWhenTheServerStops) {
    TestServer server;
    Client polite(server.port());
    polite.exchange(request("GET /stream?open"));
    server.begin_drain();
    EXPECT_EQ(unchunked(polite.read_to_end()), "hello world, bye");
    polite.half_close();
    server.wait_drained();
}

TEST(Stream, ThatDoesNotEndIsAbandonedAfterTheDrain) {
    TestServer server({.second = 10ms});
    Client client(server.port());
    client.exchange(request("GET /stream?stays"));
    server.drain();
    EXPECT_EQ(unchunked(client.read_to_end()), "cut");
}

}  // namespace dunlin::http
