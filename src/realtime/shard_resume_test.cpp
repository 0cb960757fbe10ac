#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "realtime/shard_fixture.h"

namespace dunlin::realtime {

namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ShardResumeTest : public ShardTest {
protected:
    /// Commits with positions of their own, into the log and to the shard.
    void write(std::vector<Change> changes) {
        for (Change& change : changes) change.position = {1, ++last_};
        host.log.push_back(std::make_shared<const std::vector<Change>>(std::move(changes)));
    }
    void write_note(std::int64_t id) {
        write({{.table = "notes", .kind = ChangeKind::Insert, .new_row = note(id, 7)}});
    }
    /// Publishes what is in the log and not yet published.
    void publish() {
        for (; published_ < host.log.size(); ++published_) shard.publish(host.log[published_]);
    }
    void resume(ClientId client, const std::string& position, const std::string& token = "ann",
                const std::string& bindings = every_note) {
        std::string text = join_text("a", bindings, token);
        text.insert(text.find(R"("private")"), R"("resume":{"position":")" + position + R"("},)");
        shard.receive(client, text);
    }
    static std::string response_of(const std::string& text) {
        const auto root = boost::json::parse(text);
        return boost::json::serialize(root.at(4).at("response"));
    }

private:
    std::uint64_t last_ = 0;
    std::size_t published_ = 0;
};

std::string note_text(std::int64_t id) {
    const std::string number = std::to_string(id);
    return R"(INSERT notes {"id":)" + number + R"(,"room":7,"owner":"ann"} x1)";
}

TEST_F(ShardResumeTest, DeliversWhatWasMissedThenGoesOnWithoutASeam) {
    for (int id = 1; id <= 3; ++id) write_note(id);
    publish();
    const ClientId client = connect(ann);
    resume(client, "1-1");
    EXPECT_THAT(ann.take(), IsEmpty()) << "answered when it is known that the log reaches back";
    write_note(4);  // while the log is read
    publish();
    host.finish_reads();
    write_note(5);
    publish();
    const auto texts = ann.take();
    EXPECT_THAT(response_of(texts.at(0)), HasSubstr(R"("position":"1-1","resumed":true)"));
    EXPECT_THAT(summary(texts), ElementsAre(joined, live, note_text(2), note_text(3), note_text(4),
                                            "system ok Resumed; live from 1-4", note_text(5)));
    EXPECT_THAT(texts.at(3), HasSubstr(R"("position":"1-3","commit":"1-3")"));
}

TEST_F(ShardResumeTest, AJoinTellsWhereItIsLive) {
    write_note(1);
    publish();
    join(connect(ann), "a", every_note);
    EXPECT_THAT(response_of(ann.take().at(0)), HasSubstr(R"("position":"1-1")"));
}

TEST_F(ShardResumeTest, GoesOnInsideACommit) {
    write({{.table = "notes", .kind = ChangeKind::Insert, .new_row = note(1, 7)},
           {.table = "notes", .kind = ChangeKind::Insert, .new_row = note(2, 7)}});
    publish();
    resume(connect(ann), "1-1");
    host.finish_reads();
    EXPECT_THAT(summary(ann.take()),
                ElementsAre(joined, live, note_text(2), "system ok Resumed; live from 1-2"));
}

TEST_F(ShardResumeTest, SaysWhenTheLogCannotTell) {
    host.log_failure = "the position is no longer in the log";
    write_note(1);
    publish();
    resume(connect(ann), "1-0");
    host.finish_reads();
    write_note(2);
    publish();
    const auto texts = ann.take();
    EXPECT_THAT(response_of(texts.at(0)),
                HasSubstr(R"("position":"1-1","resumed":false,"resync":"the position is no)"));
    EXPECT_THAT(
        summary(texts),
        ElementsAre(joined, live, "system error resync: the position is no longer in the log",
                    note_text(2)))
        << "and it is live from there";
}

TEST_F(ShardResumeTest, DoesNotGuessWhenRightsChangedMeanwhile) {
    host.projects["ann"] = {Value(std::int64_t{7})};
    write({{.table = "tasks",
            .kind = ChangeKind::Insert,
            .new_row = {Value(std::int64_t{1}), Value(std::int64_t{7})}}});
    write({{.table = "members",
            .kind = ChangeKind::Insert,
            .new_row = {Value(std::int64_t{1}), Value(std::int64_t{7})}}});
    publish();
    host.end = {1, 2};
    resume(connect(ann), "1-0", "ann", every_task);
    host.finish_reads();
    EXPECT_THAT(response_of(ann.take().at(0)), HasSubstr("what you may read has changed since"));

    auto rules = make_rules();
    rules->matters = [](const Change&, const policy::Reader&) { return false; };
    host.end = {1, 2};
    Shard other(std::move(rules), host, clock);
    FakeOutlet second;
    std::string text = join_text("a", every_task, "ann");
    text.insert(text.find(R"("private")"), R"("resume":{"position":"1-0"},)");
    other.receive(other.connect(second, Version::V2, Identity{}), text);
    host.finish_reads();
    EXPECT_THAT(summary(second.take()),
                ElementsAre(joined, live, R"(INSERT tasks {"id":1,"project":7} x1)",
                            "system ok Resumed; live from 1-2"))
        << "the membership was somebody else's";
}

TEST_F(ShardResumeTest, KnowsOfRightsThatACommitOnItsWayHasChanged) {
    const auto insert = [](const std::string& table, std::int64_t id) {
        return Change{.table = table,
                      .kind = ChangeKind::Insert,
                      .new_row = {Value(id), Value(std::int64_t{7})}};
    };
    write({insert("tasks", 1)});
    publish();
    host.projects["ann"] = {Value(std::int64_t{7})};
    write({insert("members", 1)});  // Her sets have it already; the shard has not.
    resume(connect(ann), "1-1", "ann", every_task);
    host.finish_reads();
    EXPECT_THAT(response_of(ann.take().at(0)), HasSubstr("what you may read has changed since"))
        << "nobody would tell her of task 1";
}

TEST_F(ShardResumeTest, WaitsForASlowReader) {
    for (int id = 1; id <= 3; ++id) write_note(id);
    publish();
    const ClientId client = connect(ann);
    ann.on_send = [this] { ann.full = true; };
    resume(client, "1-0");
    host.finish_reads();
    EXPECT_THAT(summary(ann.take()), ElementsAre(joined, live, note_text(1)));
    for (int id = 2; id <= 3; ++id) {
        ann.full = false;
        shard.writable(client);
        host.finish_reads();
        EXPECT_THAT(summary(ann.take()), ElementsAre(note_text(id)));
    }
    ann.full = false;
    shard.writable(client);
    host.finish_reads();
    EXPECT_THAT(summary(ann.take()), ElementsAre("system ok Resumed; live from 1-3"));
}

TEST_F(ShardResumeTest, WaitsForCommitsThatAnotherLoopHadFirst) {
    write_note(1);
    publish();
    write_note(2);
    const ClientId client = connect(ann);
    resume(client, "1-2");
    host.finish_reads();
    publish();
    write_note(3);
    publish();
    EXPECT_THAT(summary(ann.take()),
                ElementsAre(joined, live, "system ok Resumed; live from 1-2", note_text(3)))
        << "it had the second already";
}

TEST_F(ShardResumeTest, RefusesWhatIsNoPosition) {
    resume(connect(ann), "yesterday");
    EXPECT_THAT(summary(ann.take()),
                ElementsAre(HasSubstr("InvalidJoinPayload: `resume.position`: a position")));
}

TEST_F(ShardResumeTest, ADeviceIsToldToReadAgainUntilItHasHeardSo) {
    write_note(1);
    publish();
    const auto come = [&](FakeOutlet& outlet) {
        const ClientId client = shard.connect(outlet, Version::V2, Identity{}, "tablet");
        join(client, "a", every_note, "ann");
        host.finish_reads();
        return client;
    };
    shard.disconnect(come(ann));
    host.log_failure = "the position is no longer in the log";
    write_note(2);
    publish();
    shard.disconnect(come(bob));  // The answer never arrives.
    ann.take();
    come(ann);
    EXPECT_THAT(response_of(ann.take().at(0)), HasSubstr(R"("resumed":false)"));
}

TEST_F(ShardResumeTest, NothingIsLostBetweenTwoTokens) {
    const ClientId client = connect(ann);
    host.expiry_s["ann"] = clock.now_us() / 1'000'000 + 5;
    join(client, "a", every_note, "ann");
    ann.take();
    host.asynchronous = true;
    host.expiry_s["ann"] += 1000;
    shard.receive(client, R"(["1","2","realtime:a","access_token",{"access_token":"ann"}])");
    clock.time_us += 10'000'000;
    shard.tick();  // The old token has expired, the rights of the new one are being loaded.
    write_note(1);
    publish();
    EXPECT_THAT(summary(ann.take()), IsEmpty());
    host.finish_loads();
    host.finish_reads();
    EXPECT_THAT(summary(ann.take()), ElementsAre(note_text(1), "system ok Resumed; live from 1-1"));
}

TEST_F(ShardResumeTest, ADeviceGoesOnFromWhatItIsKnownToHaveGot) {
    const std::string beat = R"([null,"9","phoenix","heartbeat",{}])";
    const auto connect_device = [&](FakeOutlet& outlet) {
        return shard.connect(outlet, Version::V2, Identity{}, "tablet");
    };
    ClientId client = connect_device(ann);
    join(client, "a", every_note, "ann");
    write_note(1);
    publish();
    shard.receive(client, beat);
    EXPECT_THAT(ann.take().back(), HasSubstr(R"("position":"1-1")"));
    write_note(2);
    publish();
    shard.receive(client, beat);  // The answer to the one before has arrived.
    shard.disconnect(client);
    ann.take();
    write_note(3);
    publish();

    client = connect_device(ann);
    join(client, "a", every_note, "bob");
    EXPECT_THAT(summary(ann.take()), ElementsAre(joined, live)) << "another account";
    join(client, "a", every_note, "ann");
    host.finish_reads();
    EXPECT_THAT(summary(ann.take()), ElementsAre(joined, live, note_text(2), note_text(3),
                                                 "system ok Resumed; live from 1-3"));
    shard.receive(client, R"(["1","2","realtime:a","phx_leave",{}])");
    join(client, "a", every_note, "ann");
    host.finish_reads();
    EXPECT_THAT(summary(ann.take()), ElementsAre(joined, "phx_close", joined, live))
        << "who leaves wants nothing more";
}

}  // namespace

}  // namespace dunlin::realtime
