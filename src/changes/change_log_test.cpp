#include "changes/change_log.h"

#include <gtest/gtest.h>

#include "engine/sqlite/database_fixture.h"

namespace dunlin::changes {

namespace {

using engine::Session;
using engine::statement_work;

class MovableClock final : public Clock {
public:
    std::int64_t now_us() const override { return time_us.load(); }
    std::atomic<std::int64_t> time_us = 1'000'000;
};

class ChangeLogTest : public engine::DatabaseFixture {
protected:
    ChangeLogTest() {
        start();
        define({"create table t (id integer primary key, v text) strict"});
    }

    /// Opens the database with a new log object, as at the start of the server.
    void start() {
        close();
        log_ = std::make_unique<ChangeLog>(time_);
        observer_ = log_.get();
        open(options());
        const auto opened = log_->open(*engine_);
        ASSERT_TRUE(opened) << opened.error().message;
        log_->set_listener([this](ChangeBatch batch) { batches_.push_back(std::move(batch)); });
    }
    void insert(std::int64_t id, std::string text = "x") {
        const auto done =
            write_one({"insert into t values (?1, ?2)", {Value(id), Value(std::move(text))}});
        ASSERT_TRUE(done) << done.error().message;
    }
    Result<std::vector<ChangeBatch>> commits_after(Position position,
                                                   std::size_t changes_max = 1'000) {
        Result<std::vector<ChangeBatch>> commits = std::unexpected(Error{});
        const auto done = read([&](Session& session) -> Result<void> {
            commits = log_->read_after(session, position, changes_max);
            const auto end = log_->position_of(session);
            EXPECT_TRUE(end);
            EXPECT_EQ(*end, log_->last()) << "no commit is under way";
            return {};
        });
        EXPECT_TRUE(done);
        return commits;
    }
    Result<std::vector<Change>> after(Position position, std::size_t changes_max = 1'000) {
        const auto commits = commits_after(position, changes_max);
        if (!commits) return std::unexpected(commits.error());
        std::vector<Change> changes;
        for (const ChangeBatch& commit : *commits) {
            EXPECT_FALSE(commit->empty());
            changes.insert(changes.end(), commit->begin(), commit->end());
        }
        return changes;
    }
    /// The ids of the rows inserted after the sequence number; -1 for a refusal.
    std::vector<std::int64_t> ids_after(std::uint64_t sequence, std::size_t changes_max = 1'000) {
        const auto changes = after({log_->last().epoch, sequence}, changes_max);
        if (!changes) return {-1};
        std::vector<std::int64_t> ids;
        for (const Change& change : *changes) {
            EXPECT_EQ(change.position.sequence, sequence + 1 + ids.size()) << "dense";
            ids.push_back(change.new_row.at(0).integer());
        }
        return ids;
    }
    void trim(std::int64_t age_us, std::uint64_t bytes_max) {
        const auto done =
            write([&](Session& session) { return log_->trim(session, age_us, bytes_max); });
        ASSERT_TRUE(done) << done.error().message;
    }

    MovableClock time_;
    std::unique_ptr<ChangeLog> log_;
    std::vector<ChangeBatch> batches_;
};

using Ids = std::vector<std::int64_t>;
constexpr std::int64_t for_ever = 1'000'000'000;
constexpr std::uint64_t unlimited = 1'000'000'000;

}  // namespace

TEST_F(ChangeLogTest, ListenersHearOfEachCommitOnceWithItsPositions) {
    insert(1);
    const auto done = write(
        [](Session& session) -> Result<void> {
            EXPECT_TRUE(session.run({"insert into t values (2, 'y')"}));
            EXPECT_TRUE(session.run({"delete from t where id = 1"}));
            return {};
        },
        {.role = Role::Authenticated, .user_id = "ann", .session_id = "s1"});
    ASSERT_TRUE(done);
    ASSERT_EQ(batches_.size(), 2u);
    ASSERT_EQ(batches_[1]->size(), 2u);
    const Change& removed = batches_[1]->at(1);
    EXPECT_EQ(removed.position, (Position{log_->last().epoch, 3}));
    EXPECT_EQ(removed.table, "t");
    EXPECT_EQ(removed.kind, ChangeKind::Delete);
    EXPECT_EQ(removed.old_row, (Row{Value(std::int64_t{1}), Value("x")}));
    EXPECT_TRUE(removed.new_row.empty());
    EXPECT_EQ(removed.commit_time_us, 1'000'000);
    EXPECT_EQ(removed.origin, (Origin{"ann", "s1"}));
    EXPECT_EQ(log_->last().sequence, 3u);
    const auto stored = after({log_->last().epoch, 0});
    ASSERT_TRUE(stored);
    ASSERT_EQ(stored->size(), 3u);
    EXPECT_EQ(stored->at(2).old_row, removed.old_row) << "the log says what the listener heard";
    EXPECT_EQ(stored->at(2).origin, removed.origin);
}

TEST_F(ChangeLogTest, WhatIsRefusedLeavesNoGap) {
    insert(1);
    std::vector<engine::Work> works;
    works.push_back(statement_work({"insert into t values (2, 'x')"}));
    works.push_back(statement_work({"insert into t values (20, 'x'), (1, 'x')"}));
    works.push_back(statement_work({"insert into t values (3, 'x')"}));
    const auto results = write_group(std::move(works));
    EXPECT_FALSE(results[1]);
    EXPECT_EQ(log_->last().sequence, 3u);
    EXPECT_EQ(ids_after(0), (Ids{1, 2, 3}));
}

TEST_F(ChangeLogTest, ReadingGivesWholeCommits) {
    insert(1);
    ASSERT_TRUE(write_one({"insert into t values (2, 'x'), (3, 'x'), (4, 'x')"}));
    insert(5);
    EXPECT_EQ(ids_after(0, 1), Ids{1});
    EXPECT_EQ(ids_after(0, 2), (Ids{1, 2, 3, 4}));
    const auto commits = commits_after({log_->last().epoch, 2});
    ASSERT_TRUE(commits);
    ASSERT_EQ(commits->size(), 2u);
    EXPECT_EQ(commits->at(0)->size(), 2u) << "the rest of the commit that the position is in";
    EXPECT_EQ(commits->at(1)->size(), 1u);
    EXPECT_EQ(ids_after(1, 1), (Ids{2, 3, 4}));
    EXPECT_EQ(ids_after(2, 1), (Ids{3, 4})) << "from the middle of a commit";
    EXPECT_EQ(ids_after(4, 9), Ids{5});
    EXPECT_EQ(ids_after(5, 9), Ids{});
}

TEST_F(ChangeLogTest, ALargeCommitIsStoredInPartsAndReadAsOne) {
    ASSERT_TRUE(write([](Session& session) -> Result<void> {
        for (std::int64_t id = 1; id <= 12; ++id) {
            EXPECT_TRUE(session.run({"insert into t values (?1, ?2)",
                                     {Value(id), Value(std::string(1'000'000, 'x'))}}));
        }
        return {};
    }));
    insert(13);
    EXPECT_GT(read_one({"select count(*) from _dunlin_changes"})->rows[0][0].integer(), 3);
    EXPECT_EQ(ids_after(0, 1).size(), 12u);
    EXPECT_EQ(ids_after(3, 1).size(), 9u);
    trim(for_ever, 6'000'000);
    EXPECT_EQ(log_->first().sequence, 13u) << "a commit is removed as a whole";
}

TEST_F(ChangeLogTest, OnlyPositionsOfTheKeptLogCanBeResumed) {
    insert(1);
    insert(2);
    const std::uint64_t epoch = log_->last().epoch;
    struct Case {
        const char* why;
        Position position;
    };
    const Case cases[] = {
        {"another epoch", {epoch + 1, 1}},
        {"after the end", {epoch, 3}},
        {"far after the end", {epoch, std::numeric_limits<std::uint64_t>::max()}},
    };
    for (const Case& c : cases) {
        const auto changes = after(c.position);
        ASSERT_FALSE(changes) << c.why;
        EXPECT_EQ(changes.error().code, ErrorCode::NotFound) << c.why;
    }
    EXPECT_EQ(ids_after(2), Ids{});
}

TEST_F(ChangeLogTest, TablesThatWereAlteredMakeOlderPositionsResync) {
    insert(1);
    define({"alter table t add column w integer"});
    EXPECT_EQ(ids_after(0), Ids{-1});
    EXPECT_EQ(ids_after(1), Ids{}) << "nothing of the old shape lies behind it";
    ASSERT_TRUE(write_one({"insert into t values (2, 'x', 3)"}));
    EXPECT_EQ(ids_after(1), Ids{2});
    define({"insert into t values (3, 'x', 3)", "alter table t add column more integer"});
    EXPECT_EQ(ids_after(2), Ids{-1}) << "the row was written before the new column came";
    EXPECT_EQ(ids_after(3), Ids{});
    define({"insert into t values (4, 'x', 3, 4)"});
    EXPECT_EQ(ids_after(3), Ids{4}) << "a migration of rows only";
}

TEST_F(ChangeLogTest, ReopeningGoesOnWhereItStopped) {
    insert(1);
    insert(2);
    const Position last = log_->last();
    EXPECT_GT(last.epoch, 0u);
    EXPECT_LE(last.epoch, 0x7fff'ffffu + 1u);
    start();
    EXPECT_EQ(log_->last(), last);
    EXPECT_EQ(log_->first().sequence, 1u);
    insert(3);
    EXPECT_EQ(ids_after(0), (Ids{1, 2, 3}));
}

TEST_F(ChangeLogTest, TrimmingByAgeKeepsTheYoung) {
    insert(1);
    time_.time_us = 2'000'000;
    insert(2);
    time_.time_us = 3'000'000;
    insert(3);
    trim(1'000'000, unlimited);
    EXPECT_EQ(log_->first().sequence, 2u);
    EXPECT_EQ(ids_after(1), (Ids{2, 3}));
    EXPECT_EQ(ids_after(0), Ids{-1}) << "resync";
    trim(1'000'000, unlimited);
    EXPECT_EQ(log_->first().sequence, 2u) << "nothing more to do";
}

TEST_F(ChangeLogTest, TrimmingBySizeRemovesTheOldest) {
    for (std::int64_t id = 1; id <= 10; ++id) insert(id, std::string(1'000, 'x'));
    trim(for_ever, 3'500);
    EXPECT_EQ(log_->first().sequence, 8u);
    EXPECT_EQ(ids_after(7), (Ids{8, 9, 10}));
}

TEST_F(ChangeLogTest, PositionsStayDenseWhenEverythingIsTrimmed) {
    insert(1);
    insert(2);
    time_.time_us = for_ever;
    trim(0, 0);
    EXPECT_EQ(log_->last().sequence, 2u);
    EXPECT_EQ(log_->first().sequence, 3u);
    start();
    EXPECT_EQ(log_->last().sequence, 2u);
    EXPECT_EQ(log_->first().sequence, 3u);
    insert(3);
    EXPECT_EQ(log_->last().sequence, 3u);
    EXPECT_EQ(log_->first().sequence, 3u);
    EXPECT_EQ(ids_after(2), Ids{3});
    EXPECT_EQ(ids_after(1), Ids{-1});
}

TEST_F(ChangeLogTest, ATrimThatIsRefusedRemovesNothing) {
    insert(1);
    const auto done = write([&](Session& session) -> Result<void> {
        EXPECT_TRUE(log_->trim(session, 0, 0));
        return std::unexpected(Error{ErrorCode::Internal, "as the test wants"});
    });
    EXPECT_FALSE(done);
    insert(2);
    EXPECT_EQ(log_->first().sequence, 1u);
    EXPECT_EQ(ids_after(0), (Ids{1, 2}));
}

TEST_F(ChangeLogTest, ADamagedPayloadIsReported) {
    insert(1);
    ASSERT_TRUE(write_one({"update _dunlin_changes set payload = x'ff'"}));
    EXPECT_EQ(after({log_->last().epoch, 0}).error().sqlstate, "XX001");
}

}  // namespace dunlin::changes
