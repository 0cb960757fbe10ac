#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "core/limits.h"
#include "realtime/shard_fixture.h"

namespace dunlin::realtime {

namespace {

using namespace test;
using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::string join_with(const std::string& broadcast, const std::string& topic = "a") {
    return R"(["1","1","realtime:)" + topic + R"(","phx_join",{"config":{"broadcast":)" +
           broadcast + R"(,"presence":{"enabled":false}}}])";
}

std::string as_v1(const std::string& broadcast) {
    return R"({"topic":"realtime:a","event":"phx_join","ref":"1","join_ref":"1","payload":)"
           R"({"config":{"broadcast":)" +
           broadcast + R"(,"presence":{"enabled":false}}}})";
}

/// A kind 3 message of reference "2" in topic realtime:a.
std::string push(const std::string& event, const std::string& payload, char encoding = '\x01',
                 const std::string& metadata = "") {
    return "\x03\x01\x01\x0a"s + static_cast<char>(event.size()) +
           static_cast<char>(metadata.size()) + encoding + "12realtime:a" + event + metadata +
           payload;
}

std::string kind_4(const std::string& event, const std::string& payload, char encoding) {
    return "\x04\x0a"s + static_cast<char>(event.size()) + '\0' + encoding + "realtime:a" + event +
           payload;
}

const std::string text_message =
    R"(["1","2","realtime:a","broadcast",{"type":"broadcast","event":"e","payload":{"x":1}}])";
const std::string text_heard =
    R"([null,null,"realtime:a","broadcast",{"type":"broadcast","event":"e","payload":{"x":1}}])";
const std::string text_heard_v1 =
    R"({"topic":"realtime:a","event":"broadcast","payload":{"type":"broadcast","event":"e",)"
    R"("payload":{"x":1}},"ref":null,"join_ref":null})";
const std::string accepted = R"(["1","2","realtime:a","phx_reply",{"status":"ok","response":{}}])";

std::string refused(const std::string& reason) {
    return R"(["1","2","realtime:a","phx_reply",{"status":"error","response":{"reason":")" +
           reason + R"(","error":")" + reason + R"("}}])";
}

/// A failure is to be read, however large the message.
std::vector<std::string> heads(std::vector<std::string> texts) {
    for (std::string& text : texts) text.resize(std::min<std::size_t>(text.size(), 300));
    return texts;
}

TEST_F(ShardTest, DeliversBroadcastsInTheFormOfEachSocket) {
    struct Case {
        const char* why;
        std::string config;
        bool binary;
        std::string message;
        std::vector<std::string> sender;
        std::vector<std::string> v2;
        std::vector<std::string> v1;
    };
    const std::string big(limits::broadcast_payload_bytes_max, 'x');
    const std::vector<Case> cases = {
        {"text", "{}", false, text_message, {}, {text_heard}, {text_heard_v1}},
        {"binary JSON is binary again, text on 1.0.0",
         "{}",
         true,
         push("e", R"({"x":1})"),
         {},
         {kind_4("e", R"({"x":1})", '\x01')},
         {text_heard_v1}},
        {"bytes have no form on 1.0.0",
         "{}",
         true,
         push("e", "\x00\xff"s, '\0'),
         {},
         {kind_4("e", "\x00\xff"s, '\0')},
         {}},
        {"to oneself",
         R"({"self":true})",
         false,
         text_message,
         {text_heard},
         {text_heard},
         {text_heard_v1}},
        {"acknowledged after it is told",
         R"({"self":true,"ack":true})",
         false,
         text_message,
         {text_heard, accepted},
         {text_heard},
         {text_heard_v1}},
        {"acknowledged binary",
         R"({"ack":"true"})",
         true,
         push("e", "{}"),
         {accepted},
         {kind_4("e", "{}", '\x01')},
         {R"({"topic":"realtime:a","event":"broadcast","payload":{"type":"broadcast","event":"e",)"
          R"("payload":{}},"ref":null,"join_ref":null})"}},
        {"too large is told who asked",
         R"({"ack":true})",
         true,
         push("e", '"' + big + '"'),
         {refused("payload_size_exceeded")},
         {},
         {}},
        {"too large is nothing to who did not", "{}", true, push("e", big + "x", '\0'), {}, {}, {}},
        {"what is not JSON does not reach texts",
         R"({"ack":true})",
         true,
         push("e", R"({}},"ref":"9")"),
         {refused("Broadcast payload is not JSON")},
         {},
         {}},
        {"nor what is not UTF-8",
         R"({"ack":true})",
         true,
         push("e", "\"\xff\""),
         {refused("Broadcast payload is not JSON")},
         {},
         {}},
        {"no event",
         R"({"ack":true})",
         false,
         R"(["1","2","realtime:a","broadcast",{"payload":{}}])",
         {refused("Broadcast needs an event")},
         {},
         {}},
        {"no object",
         R"({"ack":true})",
         false,
         R"(["1","2","realtime:a","broadcast",[]])",
         {refused("Broadcast must be a map")},
         {},
         {}},
    };
    for (const Case& c : cases) {
        FakeOutlet sender, v2, v1, elsewhere;
        const ClientId from = connect(sender);
        const std::vector<ClientId> others = {connect(v2), connect(v1, Version::V1),
                                              connect(elsewhere)};
        shard.receive(from, join_with(c.config));
        shard.receive(others[0], join_with("{}"));
        shard.receive(others[1], as_v1("{}"));
        shard.receive(others[2], join_with("{}", "b"));
        for (FakeOutlet* outlet : {&sender, &v2, &v1, &elsewhere}) outlet->take();
        if (c.binary) {
            shard.receive_binary(from, c.message);
        } else {
            shard.receive(from, c.message);
        }
        EXPECT_EQ(sender.take(), c.sender) << c.why;
        EXPECT_EQ(heads(v2.take()), c.v2) << c.why;
        EXPECT_EQ(v1.take(), c.v1) << c.why;
        EXPECT_THAT(elsewhere.take(), IsEmpty()) << c.why;
        EXPECT_EQ(host.spreads.empty(), c.v2.empty()) << c.why;
        host.spreads.clear();
        shard.disconnect(from);
        for (const ClientId other : others) shard.disconnect(other);
        EXPECT_EQ(shard.statistics().topics, 0U) << c.why;
    }
}

TEST_F(ShardTest, HearsBroadcastsOfOtherLoops) {
    const ClientId client = connect(ann);
    shard.receive(client, join_with("{}"));
    ann.take();
    ChannelMessage message{"realtime:a", Privacy::Public,
                           Broadcast{.event = "e", .payload = R"({"x":1})"}};
    shard.receive_spread(message);
    EXPECT_THAT(ann.take(), ElementsAre(text_heard));
    EXPECT_THAT(host.spreads, IsEmpty()) << "what was spread is not spread again";
    std::size_t sent = 0;
    shard.post(Identity{}, {message}, [&](Result<std::size_t> count) { sent = *count; });
    EXPECT_EQ(sent, 1U);
    EXPECT_THAT(ann.take(), ElementsAre(text_heard));
    EXPECT_EQ(host.spreads.size(), 1U) << "what comes from outside is";
    message.privacy = Privacy::Private;
    shard.receive_spread(message);
    EXPECT_THAT(ann.take(), IsEmpty()) << "the private topic of the same name is another";
}

TEST_F(ShardTest, EncodesABroadcastOnceForAll) {
    constexpr std::size_t members = 10'000;
    std::deque<FakeOutlet> outlets(members);
    for (FakeOutlet& outlet : outlets) {
        const ClientId client = connect(outlet);
        shard.receive(client, join_with("{}"));
        outlet.take();
    }
    const ClientId client = connect(ann);
    shard.receive(client, join_with("{}"));
    shard.receive(client, text_message);
    for (const FakeOutlet& outlet : outlets) {
        ASSERT_EQ(outlet.frames.size(), 1U);
        ASSERT_EQ(outlet.frames[0], outlets[0].frames[0]) << "the same frame, not a copy";
    }
}

TEST_F(ShardTest, BroadcastsOfOneSenderKeepTheirOrderAcrossForms) {
    const ClientId client = connect(ann);
    const ClientId reader = connect(bob, Version::V1);
    shard.receive(client, join_with("{}"));
    shard.receive(reader, as_v1("{}"));
    bob.take();
    shard.receive(client, text_message);
    shard.receive_binary(client, push("f", "1"));
    shard.receive(client, text_message);
    const auto heard = bob.take();
    ASSERT_EQ(heard.size(), 3U);
    EXPECT_EQ(heard[0], text_heard_v1);
    EXPECT_THAT(heard[1], testing::HasSubstr(R"("event":"f","payload":1)"));
    EXPECT_EQ(heard[2], text_heard_v1);
}

TEST_F(ShardTest, EndsTheChannelOfWhoSendsTooOften) {
    const ClientId client = connect(ann);
    shard.receive(client, join_with("{}"));
    shard.receive(client, join_with("{}", "b"));
    ann.take();
    for (int i = 0; i < static_cast<int>(limits::messages_burst_max); ++i) {
        shard.receive(client, text_message);
    }
    EXPECT_THAT(ann.take(), IsEmpty());
    shard.receive(client, text_message);
    EXPECT_THAT(summary(ann.take()),
                ElementsAre("system error Too many messages per second", "phx_error"));
    clock.time_us += 1'000'000;
    shard.receive(client, join_with(R"({"ack":true})"));
    ann.take();
    shard.receive(client, text_message);
    EXPECT_THAT(ann.take(), ElementsAre(accepted)) << "a second later it is welcome";
}

TEST_F(ShardTest, RefusesJoinsThatComeTooOften) {
    const ClientId client = connect(ann);
    for (int i = 0; i < static_cast<int>(limits::joins_burst_max); ++i) {
        shard.receive(client, join_with("{}"));
    }
    ann.take();
    shard.receive(client, join_with("{}"));
    EXPECT_THAT(summary(ann.take()),
                ElementsAre("reply error ClientJoinRateLimitReached: Too many joins per second"));
}

TEST_F(ShardTest, AMemberThatLeavesWhileItIsToldDisturbsNobody) {
    const ClientId first = connect(ann);
    const ClientId second = connect(bob);
    shard.receive(first, join_with(R"({"self":true})"));
    shard.receive(second, join_with("{}"));
    ann.take();
    bob.take();
    ann.on_send = [&] { shard.disconnect(first); };
    shard.receive(first, text_message);
    EXPECT_THAT(bob.take(), ElementsAre(text_heard));
    EXPECT_EQ(shard.statistics().channels, 1U);
}

}  // namespace

}  // namespace dunlin::realtime
