#include "realtime/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/limits.h"
#include "realtime/shard_fixture.h"

namespace dunlin::realtime {

namespace {

using namespace test;
using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(ShardTest, DeliversChanges) {
    struct Case {
        const char* why;
        std::string bindings;
        std::vector<Change> changes;
        std::vector<std::string> expected;
    };
    const auto change = [](ChangeKind kind, Row before, Row after) {
        return Change{.table = "notes",
                      .kind = kind,
                      .old_row = std::move(before),
                      .new_row = std::move(after)};
    };
    const Change insert = change(ChangeKind::Insert, {}, note(1, 7));
    const Change update = change(ChangeKind::Update, note(1, 7), note(1, 8));
    const Change gone = change(ChangeKind::Delete, note(1, 7), {});
    const std::string seven = R"({"event":"*","table":"notes","filter":"room=eq.7"})";
    const std::string eight = R"({"event":"*","table":"notes","filter":"room=eq.8"})";
    const char* const inserted = R"(INSERT notes {"id":1,"room":7,"owner":"ann"} x1)";
    const char* const updated = R"(UPDATE notes {"id":1,"room":8,"owner":"ann"} x1)";
    const Case cases[] = {
        {"all",
         every_note,
         {insert, update, gone},
         {inserted, updated, R"(DELETE notes {"id":1} x1)"}},
        {"only inserts",
         R"({"event":"INSERT","table":"notes"})",
         {insert, update, gone},
         {inserted}},
        {"lower case event", R"({"event":"insert","table":"notes"})", {insert, gone}, {inserted}},
        {"leave", seven, {update}, {R"(DELETE notes {"id":1} x1)"}},
        {"enter", eight, {update}, {R"(INSERT notes {"id":1,"room":8,"owner":"ann"} x1)"}},
        {"enter and leave are two messages",
         seven + "," + eight,
         {update},
         {R"(INSERT notes {"id":1,"room":8,"owner":"ann"} x1)", R"(DELETE notes {"id":1} x1)"}},
        {"several bindings are one message",
         every_note + "," + seven,
         {insert},
         {R"(INSERT notes {"id":1,"room":7,"owner":"ann"} x2)"}},
        {"the same binding twice is one id", every_note + "," + every_note, {insert}, {inserted}},
        {"select keeps the key",
         R"({"event":"*","table":"notes","select":["room"]})",
         {insert},
         {R"(INSERT notes {"id":1,"room":7} x1)"}},
        {"different selects are different messages",
         R"({"event":"*","table":"notes","select":["room"]},)" + every_note,
         {insert},
         {inserted, R"(INSERT notes {"id":1,"room":7} x1)"}},
        {"whole schema", R"({"event":"*","schema":"public"})", {insert}, {inserted}},
        {"table *", R"({"event":"*","schema":"public","table":"*"})", {insert}, {inserted}},
        {"other table", every_mine, {insert}, {}},
        {"unknown table in the log", every_note, {{.table = "nope", .new_row = {}}}, {}},
    };
    for (const Case& c : cases) {
        const ClientId client = connect(ann);
        join(client, "a", c.bindings);
        EXPECT_EQ(summary(ann.take()), (std::vector<std::string>{joined, live})) << c.why;
        commit(c.changes);
        EXPECT_EQ(summary(ann.take()), c.expected) << c.why;
        shard.disconnect(client);
        commit(c.changes);
        EXPECT_THAT(ann.take(), IsEmpty()) << c.why;
    }
}

TEST_F(ShardTest, ListsTheIdsOfTheJoinReply) {
    const ClientId client = connect(ann);
    join(client, "a", every_note + R"(,{"event":"INSERT","table":"notes"})");
    const auto reply = boost::json::parse(ann.take().at(0));
    std::set<std::uint64_t> ids;
    for (const auto& entry : reply.at(4).at("response").at("postgres_changes").as_array()) {
        ids.insert(entry.at("id").to_number<std::uint64_t>());
    }
    insert("notes", note(1, 7));
    const auto texts = ann.take();
    ASSERT_EQ(texts.size(), 1U);
    const auto message = boost::json::parse(texts[0]);
    EXPECT_TRUE(message.at(0).is_null());
    EXPECT_TRUE(message.at(1).is_null());
    std::set<std::uint64_t> delivered;
    for (const auto& id : message.at(4).at("ids").as_array()) {
        delivered.insert(id.to_number<std::uint64_t>());
    }
    EXPECT_EQ(delivered, ids);
}

TEST_F(ShardTest, EncodesOneFrameForAllWhoGetTheSame) {
    const ClientId first = connect(ann);
    const ClientId second = connect(bob);
    test::FakeOutlet carol;
    const ClientId third = connect(carol, Version::V1);
    join(first, "a", every_note, "ann");
    join(second, "a", every_note, "bob");
    shard.receive(third,
                  R"({"topic":"realtime:a","event":"phx_join","ref":"1","payload":{"config":)"
                  R"({"postgres_changes":[)" +
                      every_note + "]}}}");
    ann.take();
    bob.take();
    carol.take();
    insert("notes", note(1, 7));
    ASSERT_EQ(ann.frames.size(), 1U);
    ASSERT_EQ(bob.frames.size(), 1U);
    ASSERT_EQ(carol.frames.size(), 1U);
    EXPECT_EQ(ann.frames[0], bob.frames[0]);
    EXPECT_NE(ann.frames[0], carol.frames[0]);
    EXPECT_TRUE(carol.texts[0].starts_with(R"({"topic":"realtime:a","event":"postgres_changes")"));
    EXPECT_EQ(shard.statistics().frames, 2U * 3U + 3U);
}

TEST_F(ShardTest, ShowsRowsAndDeletionsOnlyToWhoMaySeeThem) {
    const ClientId first = connect(ann);
    const ClientId second = connect(bob);
    join(first, "a", every_mine, "ann");
    join(second, "a", every_mine, "bob");
    ann.take();
    bob.take();
    insert("mine", {Value(std::int64_t{1}), Value("ann")});
    remove("mine", {Value(std::int64_t{1}), Value("ann")});
    EXPECT_THAT(summary(ann.take()), ElementsAre(R"(INSERT mine {"id":1,"owner":"ann"} x1)",
                                                 R"(DELETE mine {"id":1} x1)"));
    EXPECT_THAT(bob.take(), IsEmpty());
}

TEST_F(ShardTest, SurvivesAnOutletThatDisconnectsInsideSend) {
    const ClientId first = connect(ann);
    const ClientId second = connect(bob);
    join(first, "a", every_note);
    join(second, "a", every_note);
    ann.on_send = [&] { shard.disconnect(first); };
    bob.take();
    commit({{.table = "notes", .new_row = note(1, 7)}, {.table = "notes", .new_row = note(2, 7)}});
    EXPECT_EQ(bob.take().size(), 2U);
    EXPECT_EQ(shard.statistics().clients, 1U);
    EXPECT_EQ(shard.statistics().subscriptions, 1U);
}

TEST_F(ShardTest, HandsOutALargeCommitInTurns) {
    join(connect(ann), "a", every_note);
    ann.take();
    std::vector<Change> changes;
    for (std::uint64_t i = 1; i <= limits::frames_per_turn_max + 5; ++i) {
        changes.push_back({.position = {1, i},
                           .table = "notes",
                           .kind = ChangeKind::Insert,
                           .new_row = note(static_cast<std::int64_t>(i), 7)});
    }
    commit(std::move(changes));
    insert("notes", note(0, 7));
    EXPECT_EQ(ann.take().size(), limits::frames_per_turn_max) << "then others have their turn";
    join(connect(bob), "a", every_note);
    EXPECT_THAT(bob.take().at(0), testing::HasSubstr(R"("position":"1-10000")"));
    host.run_timers();
    EXPECT_EQ(ann.take().size(), 6U);
    EXPECT_EQ(bob.take().size(), 6U) << "all after the position it was told";
}

}  // namespace

}  // namespace dunlin::realtime
