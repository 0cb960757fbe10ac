#include "realtime/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "core/limits.h"
#include "realtime/shard_fixture.h"

namespace dunlin::realtime {

namespace {

using namespace test;
using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(ShardTest, EchoesBindingsAsTheyWereSentInBothFramings) {
    const ClientId client = connect(ann);
    join(client, "a",
         R"({"event":"INSERT","schema":"public","table":"notes","filter":"room=eq.7"},)"
         R"({"event":"*","table":"notes","filter":""},{"event":"*","schema":"public","x":1})");
    const auto texts = ann.take();
    ASSERT_EQ(texts.size(), 2U);
    const boost::json::value reply = boost::json::parse(texts[0]);
    EXPECT_EQ(reply.at(0), "1");
    EXPECT_EQ(reply.at(1), "1");
    EXPECT_EQ(reply.at(2), "realtime:a");
    EXPECT_EQ(reply.at(3), "phx_reply");
    EXPECT_EQ(reply.at(4).at("status"), "ok");
    const auto& echo = reply.at(4).at("response").at("postgres_changes").as_array();
    ASSERT_EQ(echo.size(), 3U);
    std::string bare;
    for (const auto& entry : echo) {
        auto object = entry.as_object();
        const auto id = object.at("id").to_number<std::uint64_t>();
        EXPECT_GT(id, 0U);
        EXPECT_LT(id, std::uint64_t{1} << 53);
        object.erase("id");
        bare += boost::json::serialize(object) + "\n";
    }
    EXPECT_EQ(bare, R"({"event":"INSERT","schema":"public","table":"notes","filter":"room=eq.7"})"
                    "\n"
                    R"({"event":"*","table":"notes","filter":""})"
                    "\n"
                    R"({"event":"*","schema":"public","x":1})"
                    "\n");
    EXPECT_EQ(texts[1],
              R"([null,null,"realtime:a","system",{"extension":"postgres_changes","status":"ok",)"
              R"("message":"Subscribed to PostgreSQL","channel":"a"}])");

    const ClientId old = connect(bob, Version::V1);
    shard.receive(old, R"({"topic":"realtime:b","event":"phx_join","payload":{},"ref":"3"})");
    EXPECT_THAT(
        bob.take(),
        ElementsAre(R"({"topic":"realtime:b","event":"phx_reply","payload":)"
                    R"({"status":"ok","response":{"postgres_changes":[],"position":"0-0"}},)"
                    R"("ref":"3","join_ref":null})"));
}

TEST_F(ShardTest, AnswersJoins) {
    std::string hundred = every_note;
    for (std::size_t i = 0; i < limits::bindings_per_channel_max; ++i) hundred += "," + every_note;
    const auto payload = [](const std::string& text) {
        return R"(["1","1","realtime:a","phx_join",)" + text + "]";
    };
    const auto bound = [&](const std::string& binding) { return join_text("a", binding); };
    const std::string unable =
        "system error Unable to subscribe to changes with given parameters. Please check Realtime "
        "is "
        "enabled for the given connect parameters: ";
    struct Case {
        const char* why;
        std::string text;
        std::vector<std::string> expected;
    };
    const Case cases[] = {
        {"plain", bound(every_note), {joined, live}},
        {"no bindings", bound(""), {joined}},
        {"no config", payload("{}"), {joined}},
        {"null config", payload(R"({"config":null})"), {joined}},
        {"booleans as text", payload(R"({"config":{"private":"false"}})"), {joined}},
        {"private",
         payload(R"({"config":{"private":true}})"),
         {"reply error Unauthorized: there is no table realtime.messages to authorize private "
          "channels"}},
        {"private as text",
         payload(R"({"config":{"private":"true"}})"),
         {"reply error Unauthorized: there is no table realtime.messages to authorize private "
          "channels"}},
        {"payload is a list", payload("[]"), {"reply error InvalidJoinPayload: not an object"}},
        {"bindings are an object",
         payload(R"({"config":{"postgres_changes":{}}})"),
         {"reply error InvalidJoinPayload: `postgres_changes` is not a list"}},
        {"binding is text",
         bound("\"x\""),
         {"reply error InvalidJoinPayload: a postgres_changes entry is not an object"}},
        {"binding without event",
         bound(R"({"schema":"public"})"),
         {"reply error InvalidJoinPayload: `event` of a postgres_changes entry is not text"}},
        {"table is a number",
         bound(R"({"event":"*","table":1})"),
         {"reply error InvalidJoinPayload: `table` of a postgres_changes entry is not text"}},
        {"too many bindings",
         bound(hundred),
         {"reply error InvalidJoinPayload: more than 100 postgres_changes entries"}},
        {"expired token",
         join_text("a", every_note, "expired"),
         {"reply error InvalidJWTToken: Token has expired 12 seconds ago"}},
        {"no topic name",
         R"(["1","1","realtime:","phx_join",{}])",
         {"reply error TopicNameRequired: You must provide a topic name"}},
        {"other topic", R"(["1","1","room:a","phx_join",{}])", {"reply error unmatched topic"}},
        {"long topic",
         join_text(std::string(300, 'a'), ""),
         {"reply error InvalidJoinPayload: the topic is over 255 bytes"}},
        {"unknown table",
         bound(R"({"event":"*","schema":"public","table":"nope"})"),
         {joined, unable + "[event: *, schema: public, table: nope, filters: [], select: []]. "
                           "There is no such table."}},
        {"unknown event",
         bound(R"({"event":"TRUNCATE","table":"notes"})"),
         {joined, unable + "[event: TRUNCATE, schema: public, table: notes, filters: [], select: "
                           "[]]. The event is none of INSERT, UPDATE, DELETE and *."}},
        {"unknown column in select",
         bound(R"({"event":"*","table":"notes","select":["x"]})"),
         {joined, unable + "[event: *, schema: public, table: notes, filters: [], select: [x]]. "
                           "column \"x\" does not exist."}},
        {"nothing named",
         bound(R"({"event":"*"})"),
         {joined,
          "system error No subscription params provided. Please provide at least a `schema` "
          "or `table` to subscribe to: [event: *, schema: public, table: *, filters: [], "
          "select: []]"}},
        {"bad filter",
         bound(R"({"event":"*","table":"notes","filter":"room=eq.x"})"),
         {joined,
          "system error Error parsing `filter` params: invalid input syntax for type bigint: "
          "\"x\""}},
        {"filter on a wildcard",
         bound(R"({"event":"*","schema":"public","filter":"room=eq.1"})"),
         {joined,
          "system error Error parsing `filter` params: a filter needs one schema and one "
          "table: [event: *, schema: public, table: *, filters: [room=eq.1], select: []]"}},
        {"select on a wildcard",
         bound(R"({"event":"*","schema":"public","select":["id"]})"),
         {joined,
          "system error Column selection is not supported for wildcard subscriptions: "
          "[event: *, schema: public, table: *, filters: [], select: [id]]"}},
        {"table that cannot be followed",
         bound(R"({"event":"*","schema":"hidden","table":"odd"})"),
         {joined, unable +
                      "[event: *, schema: hidden, table: odd, filters: [], select: []]. policy "
                      "p calls now()"}},
        {"one bad binding stops them all",
         bound(every_note + R"(,{"event":"*","table":"nope"})"),
         {joined, unable + "[event: *, schema: public, table: nope, filters: [], select: []]. "
                           "There is no such table."}},
    };
    for (const Case& c : cases) {
        const ClientId client = connect(ann);
        shard.receive(client, c.text);
        EXPECT_EQ(summary(ann.take()), c.expected) << c.why;
        shard.disconnect(client);
    }
    EXPECT_EQ(shard.statistics().subscriptions, 0U);
    EXPECT_EQ(shard.statistics().channels, 0U);
}

TEST_F(ShardTest, KeepsAChannelAlive) {
    const ClientId client = connect(ann);
    shard.receive(client, R"([null,"5","phoenix","heartbeat",{}])");
    EXPECT_THAT(
        ann.take(),
        ElementsAre(
            R"([null,"5","phoenix","phx_reply",{"status":"ok","response":{"position":"0-0"}}])"));
    join(client, "a", every_note);
    ann.take();
    shard.receive(client, R"(["1","6","realtime:a","phx_leave",{}])");
    EXPECT_THAT(ann.take(),
                ElementsAre(R"(["1","6","realtime:a","phx_reply",{"status":"ok","response":{}}])",
                            R"(["1","1","realtime:a","phx_close",{}])"));
    insert("notes", note(1, 7));
    EXPECT_THAT(ann.take(), IsEmpty());
    shard.receive(client, R"(["1","7","realtime:a","phx_leave",{}])");
    EXPECT_THAT(summary(ann.take()), ElementsAre(joined)) << "leaving twice is fine";
    shard.receive(client, R"(["1","8","realtime:a","unheard_of",{}])");
    EXPECT_THAT(summary(ann.take()), ElementsAre("reply error unmatched topic"));
}

TEST_F(ShardTest, ReplacesAChannelThatIsJoinedAgain) {
    const ClientId client = connect(ann);
    join(client, "a", every_note);
    shard.receive(client, join_text("a", every_mine, "ann", "9"));
    EXPECT_THAT(summary(ann.take()), ElementsAre(joined, live, joined, live));
    insert("notes", note(1, 7));
    EXPECT_THAT(ann.take(), IsEmpty());
    insert("mine", {Value(std::int64_t{1}), Value("ann")});
    EXPECT_EQ(ann.take().size(), 1U);
    EXPECT_EQ(shard.statistics().channels, 1U);
}

TEST_F(ShardTest, LimitsTheChannelsOfAClient) {
    const ClientId client = connect(ann);
    for (std::size_t i = 0; i < limits::channels_per_client_max; ++i) {
        join(client, "a" + std::to_string(i), "");
    }
    ann.take();
    join(client, "one more", "");
    EXPECT_THAT(summary(ann.take()),
                ElementsAre("reply error ChannelRateLimitReached: Too many channels"));
    join(client, "a7", "");
    EXPECT_THAT(summary(ann.take()), ElementsAre(joined)) << "joining again needs no room";
}

TEST_F(ShardTest, ClosesClientsThatSendNonsense) {
    struct Case {
        const char* why;
        Version version;
        bool binary;
        std::string bytes;
        std::string closed;
    };
    const Case cases[] = {
        {"not JSON", Version::V2, false, "x", "1007 malformed message"},
        {"v1 on a v2 socket", Version::V2, false, R"({"topic":"t","event":"e","payload":{}})",
         "1007 malformed message"},
        {"binary on a v1 socket", Version::V1, true, "\x03", "1003 binary messages need vsn=2.0.0"},
        {"classic binary push", Version::V2, true, "\x00\x01\x01\x01"s, "1007 malformed message"},
    };
    for (const Case& c : cases) {
        test::FakeOutlet outlet;
        const ClientId client = connect(outlet, c.version);
        if (c.version == Version::V2) join(client, "a", every_note);
        outlet.take();
        if (c.binary) shard.receive_binary(client, c.bytes);
        if (!c.binary) shard.receive(client, c.bytes);
        EXPECT_EQ(outlet.closed, c.closed) << c.why;
        shard.receive(client, R"([null,"5","phoenix","heartbeat",{}])");
        insert("notes", note(1, 7));
        EXPECT_THAT(outlet.take(), IsEmpty()) << c.why;
        shard.disconnect(client);
    }
    EXPECT_EQ(shard.statistics().clients, 0U);
}

TEST_F(ShardTest, SurvivesRandomMessages) {
    std::mt19937 random(11);
    const std::string parts[] = {"[",
                                 "]",
                                 "{",
                                 "}",
                                 ",",
                                 ":",
                                 "\"1\"",
                                 "null",
                                 "\"realtime:a\"",
                                 "\"phx_join\"",
                                 "\"config\"",
                                 "\"postgres_changes\"",
                                 "\"event\"",
                                 "\"*\"",
                                 "\"filter\"",
                                 "1e999",
                                 "\"access_token\"",
                                 "true"};
    for (int round = 0; round < 20'000; ++round) {
        std::string payload;
        for (std::size_t i = random() % 12; i > 0; --i)
            payload += parts[random() % std::size(parts)];
        test::FakeOutlet outlet;
        const ClientId client = connect(outlet);
        shard.receive(client, R"(["1","1","realtime:a","phx_join",)" + payload + "]");
        shard.receive(client, payload);
        shard.disconnect(client);
    }
    EXPECT_EQ(shard.statistics().channels, 0U);
}

}  // namespace

}  // namespace dunlin::realtime
