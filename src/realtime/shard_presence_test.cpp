#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/limits.h"
#include "realtime/shard_fixture.h"

namespace dunlin::realtime {

namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

class ShardPresenceTest : public ShardTest {
protected:
    ClientId join_as(FakeOutlet& outlet, const std::string& presence) {
        const ClientId client = connect(outlet);
        shard.receive(client, R"(["1","1","realtime:a","phx_join",{"config":{"presence":)" +
                                  presence + "}}]");
        return client;
    }
    void present(ClientId client, const std::string& event, const std::string& payload) {
        shard.receive(client, R"(["1","2","realtime:a","presence",{"type":"presence","event":")" +
                                  event + R"(","payload":)" + payload + "}]");
    }
    /// "EVENT PAYLOAD" of what was heard of presence; replies as their status and reason.
    std::vector<std::string> heard(FakeOutlet& outlet) {
        host.run_timers();
        std::vector<std::string> lines;
        for (const std::string& text : outlet.take()) {
            const auto root = boost::json::parse(text);
            const std::string event(root.at(3).as_string().c_str());
            if (event.starts_with("presence_")) {
                lines.push_back(event.substr(9) + " " + boost::json::serialize(root.at(4)));
            } else {
                lines.push_back(summary({text}).front());
            }
        }
        return lines;
    }
};

TEST_F(ShardPresenceTest, TellsTheStateAndThenWhatChanges) {
    const ClientId first = join_as(ann, R"({"key":"ann","enabled":true})");
    EXPECT_THAT(heard(ann), ElementsAre("reply ok", "state {}"));
    present(first, "track", R"({"x":1})");
    EXPECT_THAT(
        heard(ann),
        ElementsAre(
            "reply ok",
            R"(diff {"joins":{"ann":{"metas":[{"phx_ref":"uuid-1-1","x":1}]}},"leaves":{}})"));
    const ClientId second = join_as(bob, R"({"key":"bob"})");
    EXPECT_THAT(heard(bob), ElementsAre("reply ok", R"(state {"ann":{"metas":[)"
                                                    R"({"phx_ref":"uuid-1-1","x":1}]}})"))
        << "a client that does not say whether it is enabled is";
    EXPECT_THAT(heard(ann), IsEmpty()) << "who only listens is not present";
    present(first, "track", R"({"x":1})");
    EXPECT_THAT(heard(ann), ElementsAre("reply ok")) << "the same again is nothing new";
    present(first, "track", R"({"x":2,"phx_ref":"forged"})");
    const std::string update =
        R"(diff {"joins":{"ann":{"metas":[{"phx_ref":"uuid-1-2","phx_ref_prev":"uuid-1-1","x":2}]}},)"
        R"("leaves":{"ann":{"metas":[{"phx_ref":"uuid-1-1","x":1}]}}})";
    EXPECT_THAT(heard(bob), ElementsAre(update));
    EXPECT_THAT(heard(ann), ElementsAre("reply ok", update));
    shard.disconnect(first);
    EXPECT_THAT(heard(bob),
                ElementsAre(R"(diff {"joins":{},"leaves":{"ann":{"metas":[{"phx_ref":"uuid-1-2",)"
                            R"("phx_ref_prev":"uuid-1-1","x":2}]}}})"));
    shard.disconnect(second);
    host.run_timers();
    EXPECT_EQ(shard.statistics().topics, 0U);
}

TEST_F(ShardPresenceTest, EndsInManyWays) {
    struct Case {
        const char* why;
        std::function<void(ClientId)> end;
    };
    const std::vector<Case> cases = {
        {"untrack", [&](ClientId client) { present(client, "untrack", "{}"); }},
        {"leave",
         [&](ClientId client) {
             shard.receive(client, R"(["1","3","realtime:a","phx_leave",{}])");
         }},
        {"disconnect", [&](ClientId client) { shard.disconnect(client); }},
        {"join again",
         [&](ClientId client) { shard.receive(client, join_text("a", "", "", "5")); }},
    };
    join_as(bob, R"({"key":"bob"})");
    for (const Case& c : cases) {
        FakeOutlet outlet;
        const ClientId client = join_as(outlet, R"({"key":"ann"})");
        present(client, "track", "{}");
        heard(bob);
        c.end(client);
        const auto lines = heard(bob);
        ASSERT_EQ(lines.size(), 1U) << c.why;
        EXPECT_TRUE(lines[0].starts_with(R"(diff {"joins":{},"leaves":{"ann")")) << c.why;
        shard.disconnect(client);
    }
}

TEST_F(ShardPresenceTest, RefusesWhatIsNoPresence) {
    struct Case {
        const char* why;
        std::string event;
        std::string payload;
        std::string answer;
    };
    const std::string big(limits::presence_fields_bytes_max, 'x');
    const std::vector<Case> cases = {
        {"not an object", "track", "7", "reply error Presence track payload must be a map"},
        {"a list", "track", "[]", "reply error Presence track payload must be a map"},
        {"too much", "track", R"({"x":")" + big + R"("})",
         "reply error Track message size exceeded"},
        {"unknown", "dance", "{}", "reply error Presence event must be track or untrack"},
        {"untrack by who is not there", "untrack", "{}", "reply ok"},
        {"null fields are fields", "track", R"({"x":null})", "reply ok"},
    };
    const ClientId client = join_as(ann, R"({"enabled":false})");
    heard(ann);
    for (const Case& c : cases) {
        present(client, c.event, c.payload);
        EXPECT_EQ(heard(ann).front(), c.answer) << c.why;
    }
    shard.receive(client, R"(["1","2","realtime:a","presence",3])");
    EXPECT_THAT(heard(ann), ElementsAre("reply error Presence event must be track or untrack"));
}

TEST_F(ShardPresenceTest, CountsCallsOfOneClient) {
    const ClientId client = join_as(ann, R"({"key":"ann"})");
    heard(ann);
    for (int i = 0; i < static_cast<int>(limits::presence_calls_per_30_s_max); ++i) {
        present(client, "track", "{}");
    }
    heard(ann);
    present(client, "track", "{}");
    EXPECT_THAT(heard(ann), ElementsAre("reply error Client presence rate limit exceeded"));
    clock.time_us += 30'000'000;
    present(client, "track", "{}");
    EXPECT_THAT(heard(ann), ElementsAre("reply ok"));
}

TEST_F(ShardPresenceTest, LimitsTheMetasOfAKey) {
    std::vector<FakeOutlet> outlets(limits::presence_metas_per_key_max + 1);
    for (FakeOutlet& outlet : outlets) {
        const ClientId client = join_as(outlet, R"({"key":"ann","enabled":false})");
        heard(outlet);
        present(client, "track", "{}");
        const bool last = &outlet == &outlets.back();
        EXPECT_EQ(heard(outlet).front(),
                  last ? "reply error Too many are present in this topic" : "reply ok");
    }
}

TEST_F(ShardPresenceTest, TellsWhatComesTogetherInOneRound) {
    const ClientId listener = join_as(bob, R"({"key":"bob"})");
    heard(bob);
    const ClientId first = join_as(ann, R"({"key":"ann"})");
    ASSERT_EQ(host.timers.size(), 1U);
    EXPECT_EQ(host.timers[0].first, limits::presence_interval) << "one has just been";
    present(first, "track", R"({"x":1})");
    present(first, "track", R"({"x":2})");
    EXPECT_EQ(host.timers.size(), 1U);
    EXPECT_THAT(heard(bob), ElementsAre(R"(diff {"joins":{"ann":{"metas":[)"
                                        R"({"phx_ref":"uuid-1-2","x":2}]}},"leaves":{}})"));
    clock.time_us += 60'000;
    present(listener, "track", "{}");
    EXPECT_EQ(host.timers[0].first.count(), 0) << "at once when it was quiet";
}

TEST_F(ShardPresenceTest, AClientThatLagsGetsTheStateAfterwards) {
    const ClientId slow = join_as(ann, R"({"key":"ann"})");
    const ClientId other = join_as(bob, R"({"key":"bob"})");
    heard(ann);
    ann.full = true;
    for (const char* shown : {R"({"x":1})", R"({"x":2})"}) {
        present(other, "track", shown);
        EXPECT_THAT(heard(ann), IsEmpty()) << "diffs would fill its queue";
    }
    ann.full = false;
    shard.writable(slow);
    const auto told = heard(ann);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_THAT(told[0],
                testing::AllOf(testing::StartsWith("state"), testing::HasSubstr("\"x\":2")));
    present(other, "untrack", "{}");
    EXPECT_THAT(heard(ann), ElementsAre(testing::StartsWith("diff"))) << "and diffs from there";
}

TEST_F(ShardPresenceTest, LoopsKnowWhoIsPresentOnTheOthers) {
    FakeHost other_host;
    Shard other{make_rules(), other_host, clock};
    const auto exchange = [&] {
        for (const auto& message : std::exchange(host.spreads, {})) other.receive_spread(*message);
        for (const auto& message : std::exchange(other_host.spreads, {})) {
            shard.receive_spread(*message);
        }
    };
    const ClientId client = join_as(ann, R"({"key":"ann"})");
    present(client, "track", R"({"x":1})");
    exchange();
    const ClientId later = other.connect(bob, Version::V2, Identity{});
    other.receive(later, R"(["1","1","realtime:a","phx_join",{}])");
    other_host.run_timers();
    EXPECT_EQ(bob.take().back(), R"([null,null,"realtime:a","presence_state",)"
                                 R"({"ann":{"metas":[{"phx_ref":"uuid-1-1","x":1}]}}])");
    shard.disconnect(client);
    exchange();
    other_host.run_timers();
    EXPECT_EQ(bob.take().back(), R"([null,null,"realtime:a","presence_diff",{"joins":{},)"
                                 R"("leaves":{"ann":{"metas":[{"phx_ref":"uuid-1-1","x":1}]}}}])");
    other.disconnect(later);
    other_host.run_timers();
    EXPECT_EQ(other.statistics().topics, 0U);
}

}  // namespace

}  // namespace dunlin::realtime
