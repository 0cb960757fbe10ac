#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "realtime/shard_fixture.h"

namespace dunlin::realtime {

namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

/// Rooms of the fixture's members: the reader's set 0 has the topics that the user is a member of.
class ShardPrivateTest : public testing::Test {
protected:
    static constexpr const char* message_columns[] = {"id",    "topic",   "extension",
                                                      "event", "payload", "binary_payload"};

    static std::unique_ptr<FakeRules> rules(FakeRule read, FakeRule write) {
        auto made = make_rules();
        Table messages = table("messages", {});
        messages.schema = "realtime";
        for (const char* name : message_columns) {
            messages.columns.push_back(column(name, TypeKind::Text));
        }
        messages.columns.push_back(column("private", TypeKind::Bool));
        messages.row_security = true;
        made->add(std::move(messages));
        made->rules["messages"] = std::move(read);
        made->inserts["messages"] = std::move(write);
        return made;
    }

    FakeHost host;
    FakeClock clock;
    FakeOutlet ann, bob;
    std::unique_ptr<Shard> shard =
        std::make_unique<Shard>(rules(member_rule(1), member_rule(1)), host, clock);

    ClientId connect(FakeOutlet& outlet) { return shard->connect(outlet, Version::V2, Identity{}); }
    ClientId join(FakeOutlet& outlet, const std::string& user, const std::string& config = "{}",
                  const std::string& topic = "room") {
        const ClientId client = connect(outlet);
        shard->receive(client, R"(["1","1","realtime:)" + topic +
                                   R"(","phx_join",{"config":{"private":true,"broadcast":)" +
                                   config + R"(},"access_token":")" + user + "\"}]");
        return client;
    }
    void send(ClientId client, const std::string& more = "") {
        shard->receive(client, R"(["1","2","realtime:room","broadcast",{"type":"broadcast",)"
                               R"("event":"e","payload":{"x":1})" +
                                   more + "}]");
    }
    void commit(std::vector<Change> changes) {
        shard->publish(std::make_shared<const std::vector<Change>>(std::move(changes)));
    }
    /// The row of the last message that was stored, as the log brings it.
    static Change row_of(const StoredMessage& message, const std::string& extension = "broadcast") {
        return {.table = "realtime.messages",
                .kind = ChangeKind::Insert,
                .new_row = {Value(message.id), Value(message.topic), Value(extension),
                            Value(message.broadcast.event), Value(message.broadcast.payload),
                            Value(), Value::boolean(message.privacy == Privacy::Private)}};
    }
    static StoredMessage message(const std::string& id, Privacy privacy = Privacy::Private) {
        return {.id = id,
                .topic = "room",
                .privacy = privacy,
                .broadcast = {.event = "e", .payload = R"({"x":1})"}};
    }
    static std::string heard(const std::string& meta = "") {
        return R"([null,null,"realtime:room","broadcast",{"type":"broadcast","event":"e",)"
               R"("payload":{"x":1})" +
               (meta.empty() ? "" : R"(,"meta":)" + meta) + "}]";
    }
};

const char* const refused =
    "reply error Unauthorized: You do not have permissions to read from this Channel topic: room";
const char* const withdrawn =
    "system error You no longer have permission to read from this Channel topic: room";

TEST_F(ShardPrivateTest, AsksForTheRightToRead) {
    host.projects["ann"] = {Value("room")};
    join(ann, "ann");
    join(bob, "bob");
    EXPECT_THAT(summary(ann.take()), ElementsAre("reply ok"));
    EXPECT_THAT(summary(bob.take()), ElementsAre(refused));
    join(ann, "ann", "{}", "other");
    EXPECT_THAT(summary(ann.take()),
                ElementsAre("reply error Unauthorized: You do not have permissions to read from "
                            "this Channel topic: other"));
    EXPECT_EQ(shard->statistics().channels, 1U);
}

TEST_F(ShardPrivateTest, AnswersOnlyWhenTheRightsAreKnown) {
    host.projects["ann"] = {Value("room")};
    host.asynchronous = true;
    join(ann, "ann");
    EXPECT_THAT(ann.take(), IsEmpty());
    host.finish_loads();
    EXPECT_THAT(summary(ann.take()), ElementsAre("reply ok"));
    host.failing = true;
    join(bob, "bob");
    host.finish_loads();
    EXPECT_THAT(summary(bob.take()),
                ElementsAre("reply error UnableToConnectToProject: Unable to load the rights of "
                            "this channel: busy"));
}

TEST_F(ShardPrivateTest, APublicTopicOfTheSameNameIsAnother) {
    host.projects["ann"] = {Value("room")};
    const ClientId inside = join(ann, "ann");
    const ClientId outside = connect(bob);
    shard->receive(outside, R"(["1","1","realtime:room","phx_join",{}])");
    ann.take();
    bob.take();
    send(outside);
    send(inside);
    commit({row_of(message("m1"))});
    EXPECT_THAT(ann.take(), ElementsAre(heard(R"({"id":"m1"})")));
    EXPECT_THAT(bob.take(), IsEmpty());
    commit({row_of(message("m2", Privacy::Public))});
    EXPECT_THAT(ann.take(), IsEmpty());
    EXPECT_THAT(bob.take(), ElementsAre(heard(R"({"id":"m2"})")));
}

TEST_F(ShardPrivateTest, WhoMayNotWriteIsNotHeardAndNotAnswered) {
    FakeRule nobody = rule_of(policy::RowRule::Shape::Nobody);
    shard = std::make_unique<Shard>(rules(member_rule(1), nobody), host, clock);
    host.projects["ann"] = host.projects["bob"] = {Value("room")};
    const ClientId sender = join(ann, "ann", R"({"ack":true})");
    join(bob, "bob");
    ann.take();
    bob.take();
    send(sender);
    send(sender, R"(,"persist":true)");
    shard->receive(sender, R"(["1","3","realtime:room","presence",{"event":"track"}])");
    EXPECT_THAT(summary(ann.take()),
                ElementsAre("reply error Unauthorized: You do not have permissions to track "
                            "presence in this Channel"));
    EXPECT_THAT(bob.take(), IsEmpty());
    EXPECT_THAT(host.spreads, IsEmpty());
    EXPECT_THAT(host.stored, IsEmpty());
}

TEST_F(ShardPrivateTest, WithdrawnMembershipEndsTheChannelBeforeALaterMessage) {
    host.projects["ann"] = host.projects["bob"] = {Value("room")};
    join(ann, "ann");
    join(bob, "bob");
    ann.take();
    bob.take();
    host.projects["bob"] = {};
    host.asynchronous = true;
    commit({{.table = "members", .kind = ChangeKind::Delete, .old_row = {Value(), Value()}},
            row_of(message("m1"))});
    EXPECT_THAT(ann.take(), IsEmpty()) << "who may hear it is not known yet";
    host.finish_loads();
    EXPECT_THAT(ann.take(), ElementsAre(heard(R"({"id":"m1"})")));
    EXPECT_THAT(summary(bob.take()), ElementsAre(withdrawn, "phx_error"));
    host.asynchronous = false;
    join(bob, "bob");
    EXPECT_THAT(summary(bob.take()), ElementsAre(refused));
}

TEST_F(ShardPrivateTest, ATokenOfAnotherPersonAsksAgain) {
    host.projects["ann"] = {Value("room")};
    const ClientId client = join(ann, "ann");
    ann.take();
    shard->receive(client, R"(["1",null,"realtime:room","access_token",{"access_token":"bob"}])");
    EXPECT_THAT(summary(ann.take()), ElementsAre(withdrawn, "phx_error"));
}

TEST_F(ShardPrivateTest, StoresWhatIsToPersistAndDeliversItFromTheLog) {
    host.projects["ann"] = host.projects["bob"] = {Value("room")};
    host.asynchronous = true;
    const ClientId sender = join(ann, "ann", R"({"ack":true})");
    join(bob, "bob");
    host.finish_loads();
    ann.take();
    bob.take();
    send(sender, R"(,"persist":{"ttl":60})");
    ASSERT_EQ(host.stored.size(), 1U);
    EXPECT_EQ(host.stored[0].topic, "room");
    EXPECT_EQ(host.stored[0].expires_at_us, clock.time_us + 60'000'000);
    EXPECT_THAT(ann.take(), IsEmpty()) << "not before it is on disk";
    commit({row_of(host.stored[0])});
    host.stores[0]({});
    EXPECT_THAT(summary(ann.take()), ElementsAre("reply ok")) << "not to oneself";
    EXPECT_THAT(bob.take(), ElementsAre(heard(R"({"id":")" + host.stored[0].id + "\"}")));
    EXPECT_THAT(host.spreads, IsEmpty()) << "the other loops have the log as well";
}

TEST_F(ShardPrivateTest, SaysWhatIsWrongWithPersist) {
    host.projects["ann"] = {Value("room")};
    const ClientId client = join(ann, "ann", R"({"ack":true})");
    const ClientId in_public = connect(bob);
    shard->receive(in_public, R"(["1","1","realtime:room","phx_join",)"
                              R"({"config":{"broadcast":{"ack":true}}}])");
    ann.take();
    bob.take();
    for (const char* persist :
         {"7", "\"yes\"", R"({"ttl":0})", R"({"ttl":1.5})", R"({"ttl":"1"})"}) {
        send(client, std::string(R"(,"persist":)") + persist);
        EXPECT_THAT(summary(ann.take()),
                    ElementsAre("reply error persist must be true or {ttl: seconds}"))
            << persist;
    }
    send(in_public, R"(,"persist":true)");
    EXPECT_THAT(summary(bob.take()),
                ElementsAre("reply error Cannot store a message on a public channel"));
    host.store_error = Error{ErrorCode::Unavailable, "the disk is full"};
    send(client, R"(,"persist":true)");
    EXPECT_THAT(summary(ann.take()),
                ElementsAre("reply error UnableToStoreMessage: the disk is full"));
}

TEST_F(ShardPrivateTest, ReplaysWhatWasStoredAndTellsNothingTwice) {
    host.projects["ann"] = {Value("room")};
    host.stored = {message("m1"), message("m2")};
    join(ann, "ann", R"({"replay":{"since":1000,"limit":5}})");
    EXPECT_EQ(host.replays.at(0).since_us, 1'000'000);
    EXPECT_EQ(host.replays.at(0).limit, 5U);
    auto texts = ann.take();
    ASSERT_EQ(texts.size(), 3U);
    EXPECT_EQ(texts[1], heard(R"({"id":"m1","replayed":true})"));
    EXPECT_EQ(texts[2], heard(R"({"id":"m2","replayed":true})"));

    host.asynchronous = true;
    join(ann, "ann", R"({"replay":{"since":1000}})", "room");
    commit({row_of(message("m2"))});
    host.finish_loads();
    texts = ann.take();
    EXPECT_EQ(std::ranges::count(texts, heard(R"({"id":"m2"})")), 2) << "of both sockets, live";
    EXPECT_EQ(std::ranges::count(texts, heard(R"({"id":"m1","replayed":true})")), 1);
    EXPECT_EQ(std::ranges::count(texts, heard(R"({"id":"m2","replayed":true})")), 0);
}

TEST_F(ShardPrivateTest, RefusesReplaysThatMakeNoSense) {
    struct Case {
        const char* why;
        std::string config;
        std::string answer;
    };
    const std::string invalid = "reply error UnableToReplayMessages: Replay params are not valid";
    const std::vector<Case> cases = {
        {"no since", R"("private":true,"broadcast":{"replay":{}})", invalid},
        {"a list", R"("private":true,"broadcast":{"replay":[]})", invalid},
        {"too many", R"("private":true,"broadcast":{"replay":{"since":1,"limit":26}})", invalid},
        {"none", R"("private":true,"broadcast":{"replay":{"since":1,"limit":0}})", invalid},
        {"out of time", R"("private":true,"broadcast":{"replay":{"since":9223372036854775807}})",
         invalid},
        {"public", R"("broadcast":{"replay":{"since":1}})",
         "reply error UnableToReplayMessages: Replay is not allowed for public channels"},
    };
    for (const Case& c : cases) {
        const ClientId client = connect(ann);
        shard->receive(client, R"(["1","1","realtime:room","phx_join",{"config":{)" + c.config +
                                   R"(},"access_token":"ann"}])");
        EXPECT_THAT(summary(ann.take()), ElementsAre(c.answer)) << c.why;
    }
}

TEST_F(ShardPrivateTest, RowsThatAreNoBroadcastsAreNotDelivered) {
    host.projects["ann"] = {Value("room")};
    join(ann, "ann");
    ann.take();
    Change change = row_of(message("m1"), "presence");
    commit({change});
    change = row_of(message("m1"));
    change.new_row[3] = Value();
    commit({change});
    change.kind = ChangeKind::Delete;
    std::swap(change.old_row, change.new_row);
    commit({change});
    EXPECT_THAT(ann.take(), IsEmpty());
}

TEST_F(ShardPrivateTest, PostsWhatTheSenderMayWrite) {
    host.projects["ann"] = {Value("room")};
    join(ann, "ann");
    ann.take();
    const auto post = [&](const std::string& user, Privacy privacy,
                          std::optional<Persist> persist) {
        Broadcast broadcast{.event = "e", .payload = R"({"x":1})"};
        broadcast.persist = persist;
        std::optional<std::size_t> sent;
        shard->post(*host.verify(user), {{"realtime:room", privacy, broadcast}},
                    [&](const Result<std::size_t>& count) { sent = *count; });
        return sent;
    };
    EXPECT_EQ(post("bob", Privacy::Private, {}), 0U);
    EXPECT_EQ(post("bob", Privacy::Private, Persist{}), 0U);
    EXPECT_THAT(ann.take(), IsEmpty());
    EXPECT_THAT(host.stored, IsEmpty());
    EXPECT_EQ(post("ann", Privacy::Private, {}), 1U);
    EXPECT_THAT(ann.take(), ElementsAre(heard()));
    EXPECT_EQ(post("ann", Privacy::Private, Persist{}), 1U);
    EXPECT_EQ(host.stored.size(), 1U);
    EXPECT_THAT(ann.take(), IsEmpty()) << "the log brings it";
}

}  // namespace

}  // namespace dunlin::realtime
