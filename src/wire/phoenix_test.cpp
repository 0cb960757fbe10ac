#include "wire/phoenix.h"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include <random>

namespace dunlin::wire {

namespace {

using namespace std::string_literals;

std::string describe(const Result<PhoenixMessage>& message) {
    if (!message) return "refused";
    return message->join_ref.value_or("-") + " " + message->ref.value_or("-") + " " +
           message->topic + " " + message->event + " " + boost::json::serialize(message->payload);
}

TEST(Phoenix, ReadsBothFramingsStrictly) {
    struct Case {
        const char* why;
        PhoenixVersion version;
        std::string text;
        const char* expected;
    };
    constexpr auto v1 = PhoenixVersion::V1;
    constexpr auto v2 = PhoenixVersion::V2;
    const Case cases[] = {
        {"v2", v2, R"(["1","2","realtime:a","phx_join",{"x":[1]}])",
         R"(1 2 realtime:a phx_join {"x":[1]})"},
        {"v2 with null references", v2, R"([null,null,"t","e",{}])", "- - t e {}"},
        {"v2 heartbeat", v2, R"([null,"7","phoenix","heartbeat",{}])", "- 7 phoenix heartbeat {}"},
        {"v1", v1, R"({"topic":"t","event":"e","payload":{},"ref":"1","join_ref":"2"})",
         "2 1 t e {}"},
        {"v1 without references", v1, R"({"topic":"t","event":"e","payload":null})",
         "- - t e null"},
        {"v1 ignores other keys", v1, R"({"topic":"t","event":"e","payload":1,"x":2})",
         "- - t e 1"},
        {"v1 text on a v2 socket", v2, R"({"topic":"t","event":"e","payload":{}})", "refused"},
        {"v2 text on a v1 socket", v1, R"([null,null,"t","e",{}])", "refused"},
        {"four entries", v2, R"([null,null,"t","e"])", "refused"},
        {"six entries", v2, R"([null,null,"t","e",{},1])", "refused"},
        {"reference is a number", v2, R"([1,null,"t","e",{}])", "refused"},
        {"topic is null", v2, R"([null,null,null,"e",{}])", "refused"},
        {"event is a number", v2, R"([null,null,"t",1,{}])", "refused"},
        {"v1 without payload", v1, R"({"topic":"t","event":"e"})", "refused"},
        {"v1 without topic", v1, R"({"event":"e","payload":{}})", "refused"},
        {"empty", v2, "", "refused"},
        {"not JSON", v2, "hello", "refused"},
        {"cut", v2, R"([null,null,"t","e",{)", "refused"},
        {"more than one value", v2, R"([null,null,"t","e",{}] [])", "refused"},
        {"too deep", v2,
         R"([null,null,"t","e",)" + std::string(40, '[') + std::string(40, ']') + "]", "refused"},
        {"huge depth does not overflow the stack", v2, std::string(1'000'000, '['), "refused"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(describe(decode_phoenix(c.version, c.text)), c.expected) << c.why;
    }
}

TEST(Phoenix, WritesBothFramings) {
    EXPECT_EQ(encode_phoenix(PhoenixVersion::V2, "1", "2", "a\"b", "e", "{}"),
              R"(["1","2","a\"b","e",{}])");
    EXPECT_EQ(encode_phoenix(PhoenixVersion::V2, {}, {}, "t", "e", "[1]"),
              R"([null,null,"t","e",[1]])");
    EXPECT_EQ(encode_phoenix(PhoenixVersion::V1, "1", {}, "t", "e", "{}"),
              R"({"topic":"t","event":"e","payload":{},"ref":null,"join_ref":"1"})");
}

TEST(Phoenix, ReadsBinaryPushes) {
    const std::string whole =
        "\x03\x01\x02\x03\x04\x02\x01"s + "1" + "22" + "top" + "even" + "{}" + "body";
    const auto push = decode_phoenix_push(whole);
    ASSERT_TRUE(push);
    EXPECT_EQ(push->join_ref, "1");
    EXPECT_EQ(push->ref, "22");
    EXPECT_EQ(push->topic, "top");
    EXPECT_EQ(push->event, "even");
    EXPECT_EQ(push->metadata, "{}");
    EXPECT_EQ(push->encoding, PhoenixEncoding::Json);
    EXPECT_EQ(push->payload, "body");

    struct Case {
        const char* why;
        std::string bytes;
    };
    const Case cases[] = {
        {"empty", ""},
        {"classic push, kind 0", "\x00\x01\x01\x01\x01\x01\x01"s + "abcde"},
        {"our own kind 4", "\x04\x01\x01\x00\x00"s + "ab"},
        {"header cut", "\x03\x01\x01"s},
        {"parts cut", "\x03\x01\x01\xff\x01\x00\x01"s + "abcd"},
        {"unknown encoding", "\x03\x00\x00\x01\x01\x00\x02"s + "ab"},
        {"no topic", "\x03\x00\x00\x00\x01\x00\x01"s + "b"},
        {"no event", "\x03\x00\x00\x01\x00\x00\x01"s + "a"},
    };
    for (const Case& c : cases) EXPECT_FALSE(decode_phoenix_push(c.bytes)) << c.why;
    for (std::size_t length = 0; length < whole.size() - 4; ++length) {
        EXPECT_FALSE(decode_phoenix_push(whole.substr(0, length))) << "cut at " << length;
    }
}

TEST(Phoenix, WritesBinaryBroadcasts) {
    EXPECT_EQ(encode_phoenix_broadcast({.topic = "top",
                                        .event = "ev",
                                        .metadata = "{}",
                                        .encoding = PhoenixEncoding::Bytes,
                                        .payload = "\x00\x01"s})
                  .value(),
              "\x04\x03\x02\x02\x00"s + "top" + "ev" + "{}" + "\x00\x01"s);
    EXPECT_FALSE(
        encode_phoenix_broadcast({.topic = std::string(256, 't'), .event = "e", .payload = ""}));
}

TEST(Phoenix, SurvivesRandomBytes) {
    std::mt19937 random(7);
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes(random() % 40, '\0');
        for (char& byte : bytes) byte = static_cast<char>(random());
        if (!bytes.empty() && round % 2 == 0) bytes[0] = 3;
        (void)decode_phoenix_push(bytes);
        (void)decode_phoenix(PhoenixVersion::V1, bytes);
        (void)decode_phoenix(PhoenixVersion::V2, bytes);
    }
}

}  // namespace

}  // namespace dunlin::wire
