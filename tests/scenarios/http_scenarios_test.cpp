#include <gtest/gtest.h>

#include "scenario_server.h"

namespace dunlin::scenarios {

constexpr const char* notes = "create table notes (id bigint primary key, text text);";

TEST(HttpScenarios, EveryWayInAsksForAKey) {
    const ScenarioServer server(notes);
    struct Case {
        const char* why;
        Sender sender;
        const char* method;
        const char* target;
        int status;
    };
    const Case cases[] = {
        {"read without a key", Sender::Nobody, "GET", "/rest/v1/notes", 401},
        {"write without a key", Sender::Nobody, "POST", "/rest/v1/notes", 401},
        {"read with the key", Sender::Anon, "GET", "/rest/v1/notes", 200},
        {"key as parameter only", Sender::Nobody, "GET", "/rest/v1/notes?apikey=wrong", 401},
        {"health is public", Sender::Nobody, "GET", "/healthz", 200},
        {"metrics are public on this host", Sender::Nobody, "GET", "/metrics", 200},
        {"files are public", Sender::Nobody, "GET", "/", 200},
        {"no such file", Sender::Nobody, "GET", "/nothing.html", 404},
        {"outside the folder", Sender::Nobody, "GET", "/../dunlin.toml", 404},
        {"outside the folder, encoded", Sender::Nobody, "GET", "/%2e%2e/dunlin.toml", 404},
        {"not built yet", Sender::Anon, "POST", "/storage/v1/bucket", 501},
        {"no functions yet", Sender::Anon, "POST", "/rest/v1/rpc/hello", 404},
        {"method that the data API lacks", Sender::Anon, "TRACE", "/rest/v1/notes", 405},
        {"socket without upgrade", Sender::Anon, "GET", "/realtime/v1/websocket?vsn=2.0.0", 426},
    };
    for (const Case& c : cases) {
        const int status = server.send(c.sender, c.method, c.target).status;
        if (c.status == 404) {
            EXPECT_TRUE(status == 404 || status == 400) << c.why << ": " << status;
        } else {
            EXPECT_EQ(status, c.status) << c.why;
        }
    }
}

TEST(HttpScenarios, MalformedRequestsAreRefusedAndTheServerGoesOn) {
    const ScenarioServer server(notes);
    const char* cases[] = {
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
        "POST /rest/v1/notes HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST /rest/v1/notes HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    };
    for (const char* bytes : cases) {
        const std::string answer = server.exchange(bytes);
        ASSERT_GE(answer.size(), 12u) << bytes;
        const char family = answer[9];
        EXPECT_TRUE(family == '4' || family == '5') << bytes << "\n" << answer;
        EXPECT_EQ(server.send(Sender::Anon, "GET", "/healthz").status, 200) << bytes;
    }
}

TEST(HttpScenarios, PagesOfAnotherOriginMayCallTheApi) {
    const ScenarioServer server(notes);
    const auto preflight = server.send(Sender::Nobody, "OPTIONS", "/rest/v1/notes", "",
                                       {{"Origin", "http://app.example"},
                                        {"Access-Control-Request-Method", "PATCH"},
                                        {"Access-Control-Request-Headers", "apikey,prefer"}});
    EXPECT_TRUE(preflight.status == 200 || preflight.status == 204);
    EXPECT_NE(preflight.header("access-control-allow-methods").find("PATCH"), std::string::npos);
    EXPECT_NE(preflight.header("access-control-allow-headers").find("prefer"), std::string::npos);
    const auto answer =
        server.send(Sender::Anon, "GET", "/rest/v1/notes", "", {{"Origin", "http://app.example"}});
    EXPECT_FALSE(answer.header("access-control-allow-origin").empty());
    EXPECT_NE(answer.header("access-control-expose-headers").find("Content-Range"),
              std::string::npos);
}

}  // namespace dunlin::scenarios
