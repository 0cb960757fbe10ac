#include "core/limits.h"
#include "realtime/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "realtime/shard_fixture.h"

namespace dunlin::realtime {

namespace {

using namespace test;
using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(ShardTest, AnswersAJoinOnlyWhenTheReaderIsLoaded) {
    host.asynchronous = true;
    const ClientId client = connect(ann);
    join(client, "a", every_note, "ann");
    insert("notes", note(1, 7));
    EXPECT_THAT(ann.take(), IsEmpty());
    host.finish_loads();
    EXPECT_THAT(summary(ann.take()), ElementsAre(joined, live));
    insert("notes", note(2, 7));
    EXPECT_EQ(ann.take().size(), 1U);
    join(client, "b", every_note, "ann");
    EXPECT_EQ(ann.take().size(), 2U) << "the reader is there already";
    EXPECT_EQ(host.loads, 1);
}

TEST_F(ShardTest, SurvivesClientsThatLeaveDuringALoad) {
    host.asynchronous = true;
    const ClientId client = connect(ann);
    join(client, "a", every_note, "ann");
    shard.disconnect(client);
    host.finish_loads();
    EXPECT_THAT(ann.take(), IsEmpty());
    EXPECT_EQ(shard.statistics().subscriptions, 0U);

    const ClientId again = connect(bob);
    join(again, "a", every_note, "bob");
    shard.receive(again, R"(["1","2","realtime:a","phx_leave",{}])");
    shard.receive(again, join_text("a", every_mine, "bob", "3"));
    host.finish_loads();
    EXPECT_THAT(summary(bob.take()), ElementsAre(joined, "phx_close", joined, live));
    EXPECT_EQ(shard.statistics().subscriptions, 1U);

    auto lonely = std::make_unique<Shard>(make_rules(), host, clock);
    test::FakeOutlet outlet;
    lonely->receive(lonely->connect(outlet, Version::V2, Identity{}), join_text("a", every_note));
    lonely.reset();
    host.finish_loads();
    EXPECT_THAT(outlet.take(), IsEmpty());
}

TEST_F(ShardTest, RefusesAJoinWhoseReaderDoesNotLoad) {
    host.failing = true;
    const ClientId client = connect(ann);
    join(client, "a", every_note, "ann");
    EXPECT_THAT(
        summary(ann.take()),
        ElementsAre("reply error UnableToConnectToProject: Unable to load the rights of this "
                    "channel: busy"));
    EXPECT_EQ(shard.statistics().channels, 0U);
}

TEST_F(ShardTest, TellsAndClosesTheSocketsOfAnEndedSession) {
    const ClientId client = connect(ann);
    join(client, "a", every_note, "ann");
    join(client, "b", every_note, "bob");
    const ClientId other = connect(bob);
    join(other, "a", every_note, "bob");
    ann.take();
    bob.take();
    shard.change_rights({"session of ann", "session of nobody"}, {});
    insert("notes", note(1, 7));
    const auto told = ann.take();
    ASSERT_EQ(told.size(), 2U) << "a notice on each channel, and nothing of the later commit";
    for (const auto& frame : told) EXPECT_THAT(frame, testing::HasSubstr("session_revoked"));
    EXPECT_EQ(ann.closed, "1008 session_revoked");
    EXPECT_EQ(bob.take().size(), 1U) << "others go on";
    EXPECT_EQ(shard.statistics().channels, 1U);
}

TEST_F(ShardTest, GoesOnUnderTheClaimsThatAnAccountHasNow) {
    const ClientId client = connect(ann);
    join(client, "a", every_note, "ann");
    ann.take();
    host.asynchronous = true;
    host.claims["ann"] = R"({"app_metadata":{"role":"staff"}})";
    shard.change_rights({}, {"ann"});
    insert("notes", note(1, 7));
    EXPECT_THAT(ann.take(), IsEmpty()) << "the commit waits for the rights after the change";
    host.finish_loads();
    EXPECT_EQ(ann.take().size(), 1U);
    EXPECT_EQ(host.loads, 2);
    shard.change_rights({}, {"ann"});
    EXPECT_EQ(host.loads, 2) << "nothing new";
    host.gone.insert("ann");
    shard.change_rights({}, {"ann"});
    EXPECT_EQ(ann.closed, "1008 session_revoked") << "its account is gone";
}

TEST_F(ShardTest, TakesNewTokens) {
    const std::string push = R"(["1",null,"realtime:a","access_token",{"access_token":")";
    const ClientId client = connect(ann);
    join(client, "a", every_mine, "ann");
    ann.take();
    shard.receive(client, push + R"(ann"}])");
    shard.receive(client, push + R"(sb_publishable_x"}])");
    EXPECT_EQ(host.loads, 1);
    host.asynchronous = true;
    shard.receive(client, push + R"(bob"}])");
    insert("mine", {Value(std::int64_t{1}), Value("ann")});
    EXPECT_EQ(ann.take().size(), 1U) << "the old token counts until the new one is loaded";
    host.finish_loads();
    insert("mine", {Value(std::int64_t{2}), Value("ann")});
    insert("mine", {Value(std::int64_t{3}), Value("bob")});
    EXPECT_THAT(summary(ann.take()),
                ElementsAre("system error resync: what you may read has changed",
                            R"(INSERT mine {"id":3,"owner":"bob"} x1)"));

    shard.receive(client, push + R"(expired"}])");
    EXPECT_THAT(summary(ann.take()),
                ElementsAre("system error Token has expired 12 seconds ago", "phx_error"));
    insert("mine", {Value(std::int64_t{4}), Value("bob")});
    EXPECT_THAT(ann.take(), IsEmpty());

    join(client, "a", every_mine, "bob");
    host.finish_loads();
    ann.take();
    shard.receive(client, push + R"(bad"}])");
    EXPECT_THAT(summary(ann.take()), ElementsAre("system error bad signature", "phx_close"));
    EXPECT_EQ(shard.statistics().subscriptions, 0U);
}

TEST_F(ShardTest, EndsChannelsWhenTheirTokenExpires) {
    host.expiry_s["ann"] = clock.time_us / 1'000'000 + 60;
    const ClientId client = connect(ann);
    join(client, "a", every_mine, "ann");
    join(client, "b", "", "ann");
    join(client, "c", every_note);
    ann.take();
    clock.time_us += 59'000'000;
    shard.tick();
    EXPECT_THAT(ann.take(), IsEmpty());
    clock.time_us += 4'000'000;
    shard.tick();
    EXPECT_THAT(
        summary(ann.take()),
        testing::UnorderedElementsAre("system error Token has expired 3 seconds ago", "phx_error",
                                      "system error Token has expired 3 seconds ago", "phx_error"));
    EXPECT_EQ(shard.statistics().channels, 1U);
    test::FakeOutlet late;
    const ClientId handshake = shard.connect(late, Version::V2, Identity{.expires_at_s = 7});
    join(handshake, "a", "");
    EXPECT_THAT(summary(late.take()),
                ElementsAre("reply error InvalidJWTToken: Token has expired 1000056 seconds ago"));
}

TEST_F(ShardTest, LoadsReadersAgainBeforeTheCommitThatChangesTheirRights) {
    const Value one(std::int64_t{1});
    const Value two(std::int64_t{2});
    host.projects["ann"] = {one};
    const ClientId first = connect(ann);
    const ClientId second = connect(bob);
    join(first, "a", every_task, "ann");
    join(second, "a", every_note, "bob");
    ann.take();
    bob.take();
    insert("tasks", {one, one});
    EXPECT_EQ(ann.take().size(), 1U);

    host.asynchronous = true;
    host.projects["ann"] = {two};
    commit({{.table = "members", .kind = ChangeKind::Delete, .old_row = {one, one}},
            {.table = "tasks", .new_row = {one, one}},
            {.table = "tasks", .new_row = {two, two}}});
    insert("notes", note(1, 7));
    EXPECT_EQ(host.loads, 3) << "only the reader whose rule depends on members";
    EXPECT_THAT(ann.take(), IsEmpty());
    EXPECT_THAT(bob.take(), IsEmpty()) << "order is kept for everybody";
    host.finish_loads();
    host.finish_reads();
    EXPECT_THAT(summary(ann.take()), ElementsAre(R"(INSERT tasks {"id":2,"project":2} x1)"));
    EXPECT_EQ(bob.take().size(), 1U);
}

TEST_F(ShardTest, LoadsAgainWhenRightsChangeDuringALoad) {
    const Value one(std::int64_t{1});
    host.asynchronous = true;
    host.projects["ann"] = {one};
    const ClientId client = connect(ann);
    join(client, "a", every_task, "ann");
    auto early = std::exchange(host.waiting, {});
    commit({{.table = "members", .kind = ChangeKind::Delete, .old_row = {one, one}}});
    early.at(0)();  // The sets may be from before the commit.
    EXPECT_THAT(summary(ann.take()), ElementsAre(joined, live));
    host.projects["ann"] = {};
    insert("tasks", {one, one});
    EXPECT_EQ(host.loads, 2);
    host.finish_loads();
    host.finish_reads();
    EXPECT_THAT(ann.take(), IsEmpty());
    host.projects["ann"] = {one};
    commit({{.table = "members", .new_row = {one, one}}});
    insert("tasks", {one, one});
    host.finish_loads();
    host.finish_reads();
    EXPECT_EQ(ann.take().size(), 1U);
}

TEST_F(ShardTest, FailsClosedWhenReadersDoNotLoadAgain) {
    const Value one(std::int64_t{1});
    const Change grant{.table = "members", .new_row = {one, one}};
    const ClientId first = connect(ann);
    const ClientId second = connect(bob);
    join(first, "a", every_task, "ann");
    join(second, "a", every_note, "bob");
    ann.take();
    bob.take();

    host.failing = true;
    commit({grant});
    EXPECT_THAT(
        summary(ann.take()),
        ElementsAre("system error Unable to load the rights of this channel: busy", "phx_error"));
    host.failing = false;
    join(first, "a", every_task, "ann");
    ann.take();

    host.asynchronous = true;
    commit({grant});
    insert("notes", note(1, 7));
    clock.time_us += 9'000'000;
    shard.tick();
    EXPECT_THAT(bob.take(), IsEmpty());
    clock.time_us += 2'000'000;
    shard.tick();
    EXPECT_THAT(
        summary(ann.take()),
        ElementsAre("system error Unable to load the rights of this channel in time", "phx_error"));
    EXPECT_EQ(bob.take().size(), 1U) << "the others go on";
    host.finish_loads();

    join(first, "a", every_task, "ann");
    host.finish_loads();
    ann.take();
    commit({grant});
    insert("notes", note(2, 7));
    shard.disconnect(first);
    EXPECT_EQ(bob.take().size(), 1U) << "nobody waits for who has left";
    host.finish_loads();
}

TEST_F(ShardTest, TellsClientsToComeBackWhenTooMuchWaits) {
    const Value one(std::int64_t{1});
    const ClientId first = connect(ann);
    const ClientId second = connect(bob);
    join(first, "a", every_task, "ann");
    join(second, "a", every_note, "bob");
    bob.take();
    host.asynchronous = true;
    commit({{.table = "members", .new_row = {one, one}}});
    for (std::size_t i = 0; i < limits::held_batches_max; ++i) insert("notes", note(1, 7));
    EXPECT_THAT(summary(bob.take()),
                ElementsAre("system error Too many changes are waiting; join again", "phx_error"));
    host.finish_loads();
    join(second, "a", every_note, "bob");
    host.finish_loads();
    bob.take();
    insert("notes", note(1, 7));
    EXPECT_EQ(bob.take().size(), 1U);
}

}  // namespace

}  // namespace dunlin::realtime
