#include "http/server.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "http/server_fixture.h"

namespace dunlin::http {

namespace {

std::string chunked_post(std::string_view chunks) {
    return request("POST /echo", "Transfer-Encoding: chunked\r\n") + std::string(chunks);
}

std::string unzip(const std::string& packed, std::size_t size) {
    std::string plain(size, '\0');
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(plain.data());
    stream.avail_out = static_cast<uInt>(plain.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    inflateEnd(&stream);
    return plain;
}

}  // namespace

TEST(Server, AnswersByMethodAndPath) {
    TestServer server;
    struct Case {
        const char* why;
        std::string bytes;
        int status;
        std::string body;  // "": any
        std::string allow;
    };
    const Case cases[] = {
        {"exact", request("GET /echo"), 200, "GET /echo ", ""},
        {"query is not part of the path", request("GET /echo?a=b"), 200, "GET /echo ", ""},
        {"below a prefix", request("GET /below/a/b"), 200, "GET /below/a/b ", ""},
        {"body", request("POST /echo", "Content-Length: 2\r\n") + "hi", 200, "POST /echo hi", ""},
        {"body in chunks", chunked_post("1\r\nh\r\n1;x\r\ni\r\n0\r\nT: u\r\n\r\n"), 200,
         "POST /echo hi", ""},
        {"no such path", request("GET /nothing"), 404, "", ""},
        {"more than the exact path", request("GET /echo/"), 404, "", ""},
        {"known path, other method", request("DELETE /echo"), 405, "", "GET, HEAD, POST"},
        {"method of nobody", request("BREW /echo"), 405, "", "GET, HEAD, POST"},
        {"method of nobody, no such path", request("BREW /nothing"), 404, "", ""},
        {"a socket is for GET", request("POST /socket"), 405, "", "GET"},
    };
    Client client(server.port());
    for (const Case& c : cases) {
        const Answer answer = client.exchange(c.bytes);
        EXPECT_EQ(answer.status, c.status) << c.why;
        if (!c.body.empty()) EXPECT_EQ(answer.body, c.body) << c.why;
        EXPECT_EQ(answer.header("allow"), c.allow) << c.why;
        EXPECT_EQ(answer.header("connection"), "keep-alive") << c.why;
    }
}

TEST(Server, EveryAnswerHasDateIdAndLength) {
    TestServer server;
    Client client(server.port());
    const Answer answer = client.exchange(request("GET /echo"));
    EXPECT_TRUE(answer.header("date").ends_with(" GMT")) << answer.head;
    EXPECT_EQ(answer.header("content-length"), std::to_string(answer.body.size()));
    const std::string id = answer.header("x-request-id");
    EXPECT_FALSE(id.empty());
    EXPECT_NE(client.exchange(request("GET /echo")).header("x-request-id"), id);
    struct Case {
        const char* why;
        std::string given;
        bool kept;
    };
    const Case cases[] = {
        {"UUID", "0f6b2d5e-8a7c-4a38-9d0e-1b2c3d4e5f60", true},
        {"too long", std::string(65, 'a'), false},
        {"not a word, and it goes to the log", "a b\"c", false},
        {"not ASCII", "\xff", false},
    };
    for (const Case& c : cases) {
        const auto given =
            client.exchange(request("GET /echo", "X-Request-Id: " + c.given + "\r\n"));
        EXPECT_EQ(given.header("x-request-id") == c.given, c.kept) << c.why;
    }
    const Answer refused = client.exchange("nonsense\r\n\r\n");
    EXPECT_NE(refused.header("x-request-id"), "\xff");
    EXPECT_FALSE(refused.header("x-request-id").empty()) << "also when the head could not be read";
}

TEST(Server, HeadHasTheHeadersOfGetAndNoBody) {
    TestServer server;
    Client client(server.port());
    client.send(request("HEAD /letters?5") + request("GET /letters?5"));
    const Answer head = client.read(Client::Body::None);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-length"), "5");
    EXPECT_EQ(client.read().body, "aaaaa") << "the next answer begins where the head ends";
}

TEST(Server, KeepsTheConnectionAsAsked) {
    struct Case {
        const char* why;
        std::string bytes;
        bool kept;
    };
    const Case cases[] = {
        {"1.1", request("GET /echo"), true},
        {"1.1 with close", request("GET /echo", "Connection: close\r\n"), false},
        {"1.0", "GET /echo HTTP/1.0\r\n\r\n", false},
        {"1.0 with keep-alive", "GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
    };
    TestServer server;
    for (const Case& c : cases) {
        Client client(server.port());
        const Answer answer = client.exchange(c.bytes);
        EXPECT_EQ(answer.header("connection"), c.kept ? "keep-alive" : "close") << c.why;
        if (c.kept)
            EXPECT_EQ(client.exchange(request("GET /echo")).status, 200) << c.why;
        else
            EXPECT_EQ(client.read_to_end(), "") << c.why;
    }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
    TestServer server;
    Client client(server.port());
    std::string bytes = request("GET /wait?first");
    for (int i = 0; i < 100; ++i) bytes += request("GET /below/" + std::to_string(i));
    client.send(bytes);
    server.wait_for_waiting(1);
    server.release();
    EXPECT_EQ(client.read().body, "waited first");
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(client.read().body, "GET /below/" + std::to_string(i) + " ");
}

TEST(Server, ReadsARequestHoweverItArrives) {
    TestServer server;
    Client client(server.port());
    const std::string bytes = chunked_post("2\r\nhi\r\n0\r\n\r\n");
    for (const char byte : bytes) client.send({&byte, 1});
    EXPECT_EQ(client.read().body, "POST /echo hi");
}

TEST(Server, SaysContinueWhenItWillReadTheBody) {
    TestServer server;
    Client client(server.port());
    const std::string expects = "Expect: 100-continue\r\n";
    const Answer go = client.exchange(request("POST /echo", expects + "Content-Length: 2\r\n"));
    EXPECT_EQ(go.status, 100);
    EXPECT_EQ(client.exchange("hi").body, "POST /echo hi");
    EXPECT_EQ(client.exchange(request("GET /echo", expects)).status, 200)
        << "no body, nothing to wait for";
    EXPECT_EQ(
        client.exchange(request("POST /echo", expects + "Content-Length: 2\r\n") + "hi").status,
        200)
        << "the body is already here";
    EXPECT_EQ(
        client.exchange(request("POST /echo", expects + "Content-Length: 99999999\r\n")).status,
        413);
    EXPECT_EQ(client.read_to_end(), "");
}

TEST(Server, PagesOfOtherOriginsMayAskAndRead) {
    TestServer server;
    Client client(server.port());
    const Answer preflight =
        client.exchange(request("OPTIONS /echo",
                                "Origin: http://app\r\nAccess-Control-Request-Method: PATCH\r\n"
                                "Access-Control-Request-Headers: apikey, prefer\r\n"));
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.header("content-length"), "") << "RFC 9110 section 8.6";
    EXPECT_NE(preflight.header("access-control-allow-methods").find("PATCH"), std::string::npos);
    EXPECT_EQ(preflight.header("access-control-allow-headers"), "apikey, prefer");
    for (const char* path : {"GET /echo", "GET /nothing", "GET /fails/later", "OPTIONS *"}) {
        const Answer answer = client.exchange(request(path));
        EXPECT_EQ(answer.header("access-control-allow-origin"), "*") << path;
        EXPECT_NE(answer.header("access-control-expose-headers").find("Content-Range"),
                  std::string::npos)
            << path;
    }
}

TEST(Server, CompressesWhatIsLargeForWhoAcceptsIt) {
    struct Case {
        const char* why;
        std::string accept;
        std::size_t size;
        bool packed;
    };
    const Case cases[] = {
        {"large and accepted", "Accept-Encoding: gzip\r\n", 5000, true},
        {"too large to pack on a loop", "Accept-Encoding: gzip\r\n", 5 * 1024 * 1024, false},
        {"in a list", "Accept-Encoding: br;q=1.0, gzip;q=0.5\r\n", 5000, true},
        {"in a second field", "Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n", 5000, true},
        {"small", "Accept-Encoding: gzip\r\n", 100, false},
        {"not asked for", "", 5000, false},
        {"other coding", "Accept-Encoding: br\r\n", 5000, false},
        {"refused (RFC 9110, 12.4.2)", "Accept-Encoding: gzip;q=0\r\n", 5000, false},
        {"refused with digits", "Accept-Encoding: gzip; q=0.000\r\n", 5000, false},
    };
    TestServer server;
    Client client(server.port());
    for (const Case& c : cases) {
        const Answer answer =
            client.exchange(request("GET /letters?" + std::to_string(c.size), c.accept));
        EXPECT_EQ(answer.header("content-encoding"), c.packed ? "gzip" : "") << c.why;
        const std::string plain = c.packed ? unzip(answer.body, c.size) : answer.body;
        EXPECT_TRUE(plain == std::string(c.size, 'a')) << c.why;
        EXPECT_EQ(answer.header("vary"), c.size == 5000 ? "Accept-Encoding" : "") << c.why;
    }
}

TEST(Server, AnUnclearEndOfARequestEndsTheConnection) {
    const std::string smuggled = request("GET /below/smuggled");
    struct Case {
        const char* why;
        std::string bytes;
        int status;
    };
    const Case cases[] = {
        {"two lengths", request("POST /echo", "Content-Length: 0\r\nContent-Length: 44\r\n"), 400},
        {"length and chunks",
         request("POST /echo", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n",
         400},
        {"unknown coding",
         request("POST /echo", "Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n", 501},
        {"folded coding", request("POST /echo", "Transfer-Encoding:\r\n chunked\r\n") + "0\r\n\r\n",
         400},
        {"blank before a colon", request("POST /echo", "Content-Length : 4\r\n"), 400},
        {"bare LF", "GET /echo HTTP/1.1\nHost: a\n\n", 400},
        {"chunk longer than said", chunked_post("1\r\nabc\r\n0\r\n\r\n"), 400},
        {"chunk size with a blank", chunked_post("1 \r\na\r\n0\r\n\r\n"), 400},
        {"body too large", request("POST /echo", "Content-Length: 999999999\r\n"), 413},
    };
    TestServer server;
    for (const Case& c : cases) {
        Client client(server.port());
        // A first request, so that nothing of it can leak into the refusal.
        client.send(request("HEAD /echo", "X-Request-Id: first\r\n"));
        client.read(Client::Body::None);
        client.send(c.bytes + smuggled);
        const Answer answer = client.read();
        EXPECT_EQ(answer.status, c.status) << c.why;
        EXPECT_EQ(answer.header("connection"), "close") << c.why;
        EXPECT_NE(answer.header("x-request-id"), "first") << c.why;
        EXPECT_NE(answer.body.find("\"message\":"), std::string::npos)
            << c.why << ": " << answer.body;
        EXPECT_EQ(client.read_to_end(), "") << c.why << ": nothing behind it is answered";
    }
}

TEST(Server, AHandlerThatThrowsIsAnsweredWith500) {
    TestServer server;
    Client client(server.port());
    for (const char* path : {"GET /fails/later", "GET /fails/at-once"}) {
        const Answer answer = client.exchange(request(path, "X-Request-Id: the-id\r\n"));
        EXPECT_EQ(answer.status, 500) << path;
        EXPECT_NE(answer.body.find("the-id"), std::string::npos) << path << ": " << answer.body;
        EXPECT_EQ(answer.body.find("library"), std::string::npos)
            << path << ": what failed is for the log";
    }
    EXPECT_EQ(client.exchange(request("GET /echo")).status, 200) << "the connection goes on";
}

TEST(Server, AHandlerCannotBreakTheFraming) {
    TestServer server;
    Client client(server.port());
    const Answer answer = client.exchange(request("GET /careless"));
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("x-injected"), "");
    EXPECT_EQ(client.exchange(request("GET /echo")).body, "GET /echo ") << "a 204 has no body";
}

}  // namespace dunlin::http
