#include <gtest/gtest.h>

#include <fstream>

#include "engine/sqlite/database_fixture.h"

namespace dunlin::engine {

namespace {

/// Notes what it is told; refuses on demand.
class Witness final : public CommitObserver {
public:
    Result<void> before_commit(Session& session, std::span<const RowChange> changes) override {
        if (refusal) return std::unexpected(*refusal);
        seen.insert(seen.end(), changes.begin(), changes.end());
        sizes.push_back(changes.size());
        if (!sql.empty()) {
            auto done = session.run({sql});
            if (!done) return std::unexpected(done.error());
        }
        return {};
    }
    void after_commit(std::vector<RowChange>) override { ++commits; }
    void after_rollback() override { ++rollbacks; }

    std::vector<RowChange> seen;
    std::vector<std::size_t> sizes;
    std::optional<Error> refusal;
    std::string sql;
    int commits = 0;
    int rollbacks = 0;
};

class WriterTest : public DatabaseFixture {
protected:
    WriterTest() {
        observer_ = &witness_;
        open(options());
        define({"create table t (id integer primary key, v text not null)",
                "create table child (id integer primary key, t_id integer references t deferrable "
                "initially deferred)"});
        witness_ = {};
    }
    std::vector<std::int64_t> ids() {
        std::vector<std::int64_t> found;
        const auto rows = read_one({"select id from t order by id"});
        for (const Row& row : rows->rows) found.push_back(row[0].integer());
        return found;
    }
    static Work insert(std::int64_t id) {
        return statement_work({"insert into t values (?1, 'x')", {Value(id)}});
    }

    Witness witness_;
};

using Ids = std::vector<std::int64_t>;

/// Runs for ever unless stopped.
constexpr const char* endless_insert =
    "insert into t with recursive n(i) as (select 100 union all select i + 1 from n) "
    "select i, 'x' from n";
constexpr const char* endless_select =
    "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";

}  // namespace

TEST_F(WriterTest, UnitsThatWaitTogetherShareACommit) {
    std::vector<Work> works;
    for (int i = 1; i <= 10; ++i) works.push_back(insert(i));
    for (const auto& result : write_group(std::move(works))) EXPECT_TRUE(result);
    EXPECT_EQ(ids().size(), 10u);
    EXPECT_EQ(witness_.sizes, (std::vector<std::size_t>{0, 10})) << "the holder, then all ten";
    EXPECT_EQ(witness_.commits, 2);
}

TEST_F(WriterTest, ARefusedUnitIsUndoneAlone) {
    struct Case {
        const char* why;
        Work work;
        const char* sqlstate;
    };
    Case cases[] = {
        {"a failed statement", insert(1), "23505"},
        {"a refusal after a write",
         [](Session& session) -> Result<void> {
             [[maybe_unused]] const auto written = session.run({"insert into t values (50, 'x')"});
             return std::unexpected(sql_error("42501", "no"));
         },
         "42501"},
        {"an exception after a write",
         [](Session& session) -> Result<void> {
             [[maybe_unused]] const auto written = session.run({"insert into t values (51, 'x')"});
             [[maybe_unused]] const int none = std::vector<int>().at(7);
             return {};
         },
         "XX000"},
        {"a deferred foreign key broken at the unit's end",
         statement_work({"insert into child values (1, 999)"}), "23503"},
        {"transaction control", statement_work({"commit"}), "42501"},
    };
    std::int64_t id = 0;
    ASSERT_TRUE(write(insert(++id)));
    for (Case& c : cases) {
        witness_ = {};
        std::vector<Work> works;
        works.push_back(insert(++id));
        works.push_back(std::move(c.work));
        works.push_back(insert(++id));
        const auto results = write_group(std::move(works));
        EXPECT_TRUE(results[0]) << c.why;
        EXPECT_EQ(results[1].error().sqlstate, c.sqlstate) << c.why;
        EXPECT_TRUE(results[2]) << c.why;
        EXPECT_EQ(witness_.seen.size(), 2u) << c.why;
        EXPECT_EQ(witness_.sizes.size(), 2u) << c.why << ": the neighbours share one commit";
    }
    EXPECT_EQ(ids().size(), static_cast<std::size_t>(id));
}

TEST_F(WriterTest, UnitsSurviveANeighbourThatTakesTheTransactionDown) {
    auto short_limit = options();
    short_limit.statement_timeouts.by_role.fill(std::chrono::milliseconds(50));
    open(short_limit);
    struct Case {
        const char* why;
        const char* sql;
        const char* sqlstate;
    };
    const Case cases[] = {
        {"SQLite rolls everything back when it interrupts a write", endless_insert, "57014"},
        {"OR ROLLBACK", "insert or rollback into t values (1, 'x')", "23505"},
    };
    std::int64_t id = 0;
    ASSERT_TRUE(write(insert(++id)));
    for (const Case& c : cases) {
        witness_ = {};
        std::vector<Work> works;
        works.push_back(insert(++id));
        works.push_back(statement_work({c.sql}));
        works.push_back(insert(++id));
        const auto results = write_group(std::move(works));
        EXPECT_TRUE(results[0]) << c.why;
        EXPECT_EQ(results[1].error().sqlstate, c.sqlstate) << c.why;
        EXPECT_TRUE(results[2]) << c.why;
        EXPECT_EQ(witness_.seen.size(), 2u) << c.why << ": each change once";
    }
    EXPECT_EQ(ids(), (Ids{1, 2, 3, 4, 5}));
}

TEST_F(WriterTest, NothingRunsOutsideTheTransactionAfterItIsLost) {
    const auto result = write([](Session& session) -> Result<void> {
        [[maybe_unused]] const auto first = session.run({"insert into t values (1, 'x')"});
        EXPECT_FALSE(session.run({"insert or rollback into t values (1, 'y')"}));
        const auto next = session.run({"insert into t values (2, 'x')"});
        EXPECT_EQ(next.error().sqlstate, "40001");
        EXPECT_TRUE(session.changes().empty());
        return {};
    });
    EXPECT_EQ(result.error().sqlstate, "40001") << "though the work says that all is well";
    EXPECT_TRUE(ids().empty());
    EXPECT_TRUE(witness_.seen.empty());
}

TEST_F(WriterTest, AFailedStatementChangesNothingAndTheUnitMayGoOn) {
    struct Case {
        const char* why;
        const char* sql;
    };
    const Case cases[] = {
        {"abort undoes the statement", "insert into t values (10, 'a'), (1, 'b')"},
        {"fail would keep the first row", "insert or fail into t values (10, 'a'), (1, 'b')"},
    };
    ASSERT_TRUE(write(insert(1)));
    for (const Case& c : cases) {
        for (const bool first : {true, false}) {
            witness_ = {};
            const auto result = write([&](Session& session) -> Result<void> {
                if (!first) EXPECT_TRUE(session.run({"insert into t values (20, 'x')"}));
                EXPECT_FALSE(session.run({c.sql}));
                EXPECT_TRUE(session.run({"insert into t values (30, 'x')"}));
                EXPECT_EQ(session.changes().size(), first ? 1u : 2u);
                EXPECT_TRUE(session.run({"delete from t where id > 1"}));
                return {};
            });
            EXPECT_TRUE(result) << c.why;
            EXPECT_EQ(witness_.seen.size(), first ? 2u : 4u) << c.why;
            EXPECT_EQ(ids(), Ids{1}) << c.why;
        }
    }
}

TEST_F(WriterTest, TheObserverWritesInTheSameTransaction) {
    witness_.sql = "insert into t values (1000, 'by the observer')";
    ASSERT_TRUE(write(insert(1)));
    EXPECT_EQ(ids(), (Ids{1, 1000}));
    EXPECT_EQ(witness_.seen.size(), 1u) << "what the observer writes is not captured";
}

TEST_F(WriterTest, ARefusalOfTheObserverUndoesTheGroup) {
    witness_.refusal = Error{ErrorCode::Unavailable, "the log is full"};
    std::vector<Work> works;
    works.push_back(insert(1));
    works.push_back(insert(2));
    for (const auto& result : write_group(std::move(works))) {
        EXPECT_EQ(result.error().message, "the log is full");
    }
    witness_.refusal.reset();
    EXPECT_TRUE(ids().empty());
    EXPECT_EQ(witness_.rollbacks, 2) << "the holder and the group";
    ASSERT_TRUE(write(insert(3)));
    EXPECT_EQ(witness_.seen.size(), 1u) << "nothing is left over from before";
}

TEST_F(WriterTest, ATimeLimitStopsReadsAndWrites) {
    auto short_limit = options();
    short_limit.statement_timeouts.by_role.fill(std::chrono::milliseconds(20));
    open(short_limit);
    EXPECT_EQ(read_one({endless_select}).error(),
              sql_error("57014", "canceling statement due to statement timeout"));
    EXPECT_EQ(write_one({endless_select}).error().sqlstate, "57014");
    EXPECT_EQ(write_one({endless_insert}).error().sqlstate, "57014");
    EXPECT_TRUE(write(insert(1))) << "the connection is as good as new";
}

TEST_F(WriterTest, AResultOverTheLimitIsRefused) {
    auto small = options();
    small.result_bytes_max = 10'000;
    open(small);
    ASSERT_TRUE(write_one({"insert into t values (1, ?1)", {Value(std::string(6'000, 'x'))}}));
    EXPECT_TRUE(read_one({"select v from t"}));
    EXPECT_EQ(read_one({"select v from t union all select v || 'y' from t"}).error().sqlstate,
              "54000");
    EXPECT_TRUE(read_one({"select v from t"})) << "the reader carries on";
}

TEST_F(WriterTest, AFullQueueRefuses) {
    auto tiny = options();
    tiny.queue_units_max = 2;
    open(tiny);
    std::promise<void> held;
    std::promise<void> release;
    std::vector<std::future<Result<void>>> waiting;
    waiting.push_back(queue_write([&](Session&) -> Result<void> {
        held.set_value();
        release.get_future().wait();
        return {};
    }));
    held.get_future().wait();
    for (int i = 1; i <= 3; ++i) waiting.push_back(queue_write(insert(i)));
    EXPECT_EQ(engine_->statistics().write_queue, 2u);
    release.set_value();
    loop_.restart();
    loop_.run();
    EXPECT_TRUE(waiting[0].get());
    EXPECT_TRUE(waiting[1].get());
    EXPECT_TRUE(waiting[2].get());
    EXPECT_EQ(waiting[3].get().error().code, ErrorCode::Unavailable);
}

TEST_F(WriterTest, StopFinishesWhatIsQueuedThenRefuses) {
    std::promise<void> held;
    std::promise<void> release;
    auto holder = queue_write([&](Session&) -> Result<void> {
        held.set_value();
        release.get_future().wait();
        return {};
    });
    held.get_future().wait();
    std::vector<std::future<Result<void>>> waiting;
    for (int i = 1; i <= 5; ++i) waiting.push_back(queue_write(insert(i)));
    release.set_value();
    engine_->stop();
    EXPECT_EQ(write(insert(6)).error().code, ErrorCode::Unavailable);
    EXPECT_EQ(read([](Session&) -> Result<void> { return {}; }).error().code,
              ErrorCode::Unavailable);
    loop_.restart();
    loop_.run();
    for (auto& done : waiting) EXPECT_TRUE(done.get());
    open(options());
    EXPECT_EQ(ids(), (Ids{1, 2, 3, 4, 5})) << "and they are in the file";
}

TEST_F(WriterTest, AReadSeesOneSnapshotThroughout) {
    ASSERT_TRUE(write(insert(1)));
    std::promise<void> started;
    std::promise<void> written;
    auto reading = std::async(std::launch::async, [&] {
        return engine_->read_now([&](Session& session) -> Result<void> {
            EXPECT_EQ(session.run({"select id from t"})->rows.size(), 1u);
            started.set_value();
            written.get_future().wait();
            EXPECT_EQ(session.run({"select id from t"})->rows.size(), 1u);
            return {};
        });
    });
    started.get_future().wait();
    ASSERT_TRUE(write(insert(2)));
    EXPECT_EQ(ids().size(), 2u) << "another reader sees the commit at once";
    written.set_value();
    EXPECT_TRUE(reading.get());
}

TEST_F(WriterTest, AReaderCannotWrite) {
    EXPECT_EQ(read_one({"insert into t values (1, 'x')"}).error().sqlstate, "25006");
    EXPECT_TRUE(ids().empty());
}

TEST_F(WriterTest, UnitsMayNotDoWhatIsTheEnginesOwn) {
    for (const char* sql : {
             "attach 'other.db' as other",
             "detach main",
             "pragma journal_mode=off",
             "pragma writable_schema=on",
             "select * from pragma_table_info('t')",
             "begin",
             "rollback",
             "savepoint x",
             "release unit",
             "create table u (id integer)",
             "create temp table u (id integer)",
             "drop table t",
             "alter table t add column w text",
             "delete from sqlite_schema",
             "vacuum into 'copy.db'",
         }) {
        const auto refused = write_one({sql});
        ASSERT_FALSE(refused) << sql;
        EXPECT_EQ(read_one({sql}).has_value(), false) << sql;
    }
    EXPECT_TRUE(write(insert(1)));
}

TEST_F(WriterTest, AMigrationRebuildsATableThatOthersReference) {
    ASSERT_TRUE(write([](Session& session) -> Result<void> {
        EXPECT_TRUE(session.run({"insert into t values (1, 'x')"}));
        EXPECT_TRUE(session.run({"insert into child values (7, 1)"}));
        return {};
    }));
    witness_ = {};
    define({"create table _dunlin_rebuild_t (id integer primary key, v text not null, w integer)",
            "insert into _dunlin_rebuild_t select id, v, 5 from t", "drop table t",
            "alter table _dunlin_rebuild_t rename to t", "insert into t values (2, 'y', 6)"});
    EXPECT_EQ(witness_.seen.size(), 1u) << "only the row inserted under the table's own name";
    EXPECT_EQ(witness_.commits, 1);
    EXPECT_EQ(read_one({"select w from t where id = 1"})->rows[0][0], Value(std::int64_t{5}));
    EXPECT_EQ(write_one({"insert into child values (8, 99)"}).error().sqlstate, "23503")
        << "foreign keys are on again";
    EXPECT_TRUE(write_one({"insert into child values (8, 2)"}));
}

TEST_F(WriterTest, AMigrationThatBreaksAKeyIsUndone) {
    const auto result = engine_->migrate(statement_work({"insert into child values (1, 42)"}));
    EXPECT_EQ(result.error(),
              sql_error("23503",
                        "insert or update on table \"child\" violates foreign key constraint "
                        "\"child_t_id_fkey\"",
                        "Key (t_id) of a row is not present in table \"t\"."));
    EXPECT_TRUE(read_one({"select * from child"})->rows.empty());
    EXPECT_EQ(witness_.commits, 0);
}

TEST_F(WriterTest, TheLogOfTheDatabaseDoesNotGrowWithoutEnd) {
    auto small = options();
    small.checkpoint_bytes = 1'000'000;
    open(small);
    for (int i = 0; i < 40; ++i) {
        ASSERT_TRUE(write_one({"insert into t values (?1, ?2)",
                               {Value(std::int64_t{i}), Value(std::string(100'000, 'x'))}}));
    }
    EXPECT_LT(std::filesystem::file_size(folder_ / "test.db-wal"), 2'000'000u);
}

TEST_F(WriterTest, ALongReadDoesNotStopCommits) {
    auto small = options();
    small.checkpoint_bytes = 3'000'000;
    open(small);
    std::promise<void> started;
    std::promise<void> written;
    auto reading = std::async(std::launch::async, [&] {
        return engine_->read_now([&](Session& session) -> Result<void> {
            EXPECT_TRUE(session.run({"select count(*) from t"}));
            started.set_value();
            written.get_future().wait();
            EXPECT_EQ(session.run({"select count(*) from t"})->rows[0][0], Value(std::int64_t{0}));
            return {};
        });
    });
    started.get_future().wait();
    const auto insert_large = [&](std::int64_t id) {
        return write_one(
            {"insert into t values (?1, ?2)", {Value(id), Value(std::string(500'000, 'x'))}});
    };
    for (std::int64_t id = 0; id < 8; ++id) ASSERT_TRUE(insert_large(id));
    EXPECT_GT(std::filesystem::file_size(folder_ / "test.db-wal"), 3'000'000u)
        << "the reader needs it";
    written.set_value();
    EXPECT_TRUE(reading.get());
    for (std::int64_t id = 8; id < 16; ++id) ASSERT_TRUE(insert_large(id));
    EXPECT_LT(std::filesystem::file_size(folder_ / "test.db-wal"), 5'000'000u)
        << "it has started over";
}

TEST_F(WriterTest, WhatIsNotADatabaseIsRefused) {
    close();
    std::ofstream(folder_ / "other.db") << std::string(5'000, 'x');
    auto bad = options();
    bad.file = folder_ / "other.db";
    EXPECT_EQ(open_sqlite(bad).error().code, ErrorCode::Unavailable);
    bad.file = folder_ / "missing" / "other.db";
    EXPECT_EQ(open_sqlite(bad).error().code, ErrorCode::Unavailable);
}

TEST_F(WriterTest, ParametersAndResultsKeepTheirStorageClass) {
    const std::vector<Value> values = {Value(),
                                       Value(std::int64_t{-5}),
                                       Value(1.5),
                                       Value("text"),
                                       Value(Blob{std::string("\0\xff", 2)}),
                                       Value(Blob{}),
                                       Value("")};
    for (const Value& value : values) {
        const auto rows = read_one({"select ?1 as given", {value}});
        EXPECT_EQ(rows->rows.at(0).at(0), value);
        EXPECT_EQ(rows->columns, std::vector<std::string>{"given"});
    }
}

TEST_F(WriterTest, AStatementTextHoldsOneStatement) {
    EXPECT_TRUE(write_one({"insert into t values (1, 'x') ; -- done\n"}));
    EXPECT_EQ(write_one({"insert into t values (2, 'x'); delete from t"}).error().sqlstate,
              "42601");
    EXPECT_EQ(write_one({"  -- nothing"}).error().sqlstate, "42601");
    EXPECT_EQ(write_one({"insert into t values (3, 'x')", {Value()}}).error().sqlstate, "08P01");
    EXPECT_EQ(ids(), Ids{1});
}

TEST_F(WriterTest, AffectedCountsTheStatementsOwnRows) {
    EXPECT_EQ(write_one({"insert into t values (1, 'x'), (2, 'x')"})->affected, 2);
    EXPECT_EQ(write_one({"update t set v = 'y' where id = 9"})->affected, 0);
    EXPECT_EQ(write_one({"delete from t returning id"})->affected, 2);
    EXPECT_EQ(write_one({"select 1"})->affected, 0);
}

}  // namespace dunlin::engine
