#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

namespace json = boost::json;

constexpr const char* notes = "create table notes (id bigint primary key, text text);";

json::object body_of(const Answer& answer) {
    boost::system::error_code failure;
    const auto body = json::parse(answer.body, failure);
    EXPECT_TRUE(!failure && body.is_object()) << answer.body;
    return !failure && body.is_object() ? body.as_object() : json::object();
}

/// The value of a line "NAME VALUE" of /metrics, -1 when there is none.
double metric(const std::string& text, const std::string& name) {
    const auto at = text.find("\n" + name + " ");
    return at == text.npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

}  // namespace

TEST(SyncStatusScenarios, EachEndpointAsksForItsOwnRight) {
    const ScenarioServer server(notes);
    struct Case {
        const char* why;
        Sender sender;
        const char* method;
        const char* target;
        int status;
    };
    const Case cases[] = {
        {"health is public", Sender::Nobody, "GET", "/api/sync/health", 200},
        {"status without a key", Sender::Nobody, "GET", "/api/sync/status", 401},
        {"the key alone is no sign-in", Sender::Anon, "GET", "/api/sync/status", 401},
        {"status of one's own", Sender::Ann, "GET", "/api/sync/status", 200},
        {"stats without a key", Sender::Nobody, "GET", "/api/sync/stats", 401},
        {"stats with the key alone", Sender::Anon, "GET", "/api/sync/stats", 401},
        {"stats are not for everybody", Sender::Ann, "GET", "/api/sync/stats", 403},
        {"stats for the service", Sender::Service, "GET", "/api/sync/stats", 200},
        {"only reading", Sender::Service, "POST", "/api/sync/stats", 405},
        {"the page holds no data", Sender::Nobody, "GET", "/_/live", 200},
        {"its data, on this machine under --dev", Sender::Nobody, "GET", "/_/live/state", 200},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(server.send(c.sender, c.method, c.target).status, c.status) << c.why;
    }
}

TEST(SyncStatusScenarios, BodiesHaveTheFieldsThatApplicationsRead) {
    const ScenarioServer server(notes);
    struct Case {
        const char* why;
        const char* target;
        std::vector<const char*> members;
    };
    const Case cases[] = {
        {"health",
         "/api/sync/health",
         {"status", "service", "activeSubscriptions", "timestamp", "connections", "lastHeartbeat",
          "position", "lag", "uptimeSeconds"}},
        {"status",
         "/api/sync/status",
         {"status", "activeSubscriptions", "subscriptions", "timestamp"}},
        {"stats", "/api/sync/stats", {"stats", "roles", "subscriptions", "timestamp", "position"}},
        {"inspector",
         "/_/live/state",
         {"counters", "latencyUs", "tables", "slowClients", "loops", "healthy", "nowMs"}},
    };
    for (const Case& c : cases) {
        const Answer answer = server.send(Sender::Service, "GET", c.target);
        EXPECT_EQ(answer.header("cache-control"), "no-store") << c.why;
        const json::object body = body_of(answer);
        for (const char* member : c.members) EXPECT_TRUE(body.contains(member)) << c.why << member;
    }
    const json::object health = body_of(server.send(Sender::Nobody, "GET", "/api/sync/health"));
    EXPECT_EQ(health.at("status"), "healthy");
    EXPECT_EQ(health.at("service"), "realtime-sync");
    EXPECT_EQ(health.at("activeSubscriptions"), 0);
    EXPECT_EQ(health.at("lastHeartbeat"), nullptr);
    const json::string& time = health.at("timestamp").as_string();
    ASSERT_EQ(time.size(), 24u) << time;
    EXPECT_EQ(time[10], 'T');
    EXPECT_EQ(time[19], '.');
    EXPECT_EQ(time[23], 'Z');
    const json::object stats = body_of(server.send(Sender::Service, "GET", "/api/sync/stats"));
    EXPECT_EQ(stats.at("stats"), (json::object{{"total", 0}}));
}

TEST(SyncStatusScenarios, AskingForHealthIsNoChange) {
    const ScenarioServer server(notes);
    const auto position = [&] {
        return body_of(server.send(Sender::Nobody, "GET", "/api/sync/health")).at("position");
    };
    const auto before = position();
    EXPECT_EQ(position(), before);
    server.send(Sender::Service, "POST", "/rest/v1/notes", R"({"id":1,"text":"a"})");
    EXPECT_NE(position(), before);
}

TEST(SyncStatusScenarios, ThePageIsWholeAndRunsNothingOfOthers) {
    const ScenarioServer server(notes);
    const Answer page = server.send(Sender::Nobody, "GET", "/_/live");
    EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
    EXPECT_NE(page.header("content-security-policy").find("default-src 'none'"), std::string::npos);
    EXPECT_TRUE(page.body.starts_with("<!doctype html>"));
    EXPECT_NE(page.body.find("</html>"), std::string::npos);
}

TEST(SyncStatusScenarios, MetricsHaveWhatLiveDoes) {
    const ScenarioServer server(notes);
    server.send(Sender::Service, "POST", "/rest/v1/notes", R"({"id":1,"text":"a"})");
    const std::string text = server.send(Sender::Nobody, "GET", "/metrics").body;
    EXPECT_EQ(metric(text, "dunlin_live_silent_loops"), 0);
    EXPECT_EQ(metric(text, "dunlin_live_channels"), 0);
    EXPECT_EQ(metric(text, "dunlin_live_changes_total"), 2) << "one change, matched by two loops";
    EXPECT_EQ(metric(text, "dunlin_live_candidates_per_change_bucket{le=\"0\"}"), 2);
    EXPECT_EQ(metric(text, "dunlin_live_candidates_per_change_bucket{le=\"+Inf\"}"), 2);
    EXPECT_EQ(metric(text, "dunlin_live_candidates_per_change_count"), 2);
    EXPECT_EQ(metric(text, "dunlin_live_delivery_seconds_bucket{le=\"0.0005\"}"), 0);
    EXPECT_EQ(metric(text, "dunlin_live_delivery_seconds_count"), 0) << "it concerned nobody";
}

}  // namespace dunlin::scenarios
