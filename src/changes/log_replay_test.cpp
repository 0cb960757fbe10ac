#include <gtest/gtest.h>

#include <map>
#include <random>

#include "changes/change_log.h"
#include "engine/sqlite/database_fixture.h"

namespace dunlin::changes {

namespace {

using engine::Session;

/// Rows by table and primary key, as the log tells them.
using Shadow = std::map<std::string, std::map<std::string, Row>>;

const std::vector<std::string> schema = {
    "create table parents (id integer primary key, name text unique, score real) strict",
    "create table children (id integer primary key, parent integer references parents on delete "
    "cascade, "
    "note text check (note <> 'bad')) strict",
    "create table loose (id integer primary key, parent integer references parents on delete set "
    "null "
    "deferrable initially deferred) strict",
    "create table keyed (id text primary key, n integer not null) strict, without rowid",
    "create table audit (id integer primary key, what text) strict",
    "create trigger keyed_audit after update on keyed begin insert into audit (what) values "
    "(old.id); end",
    "create trigger audit_limit after insert on audit when new.id > 60 begin delete from audit "
    "where id < 50; end",
};

/// Makes random statements, many of which are refused. Deterministic for a seed.
class Generator {
public:
    explicit Generator(std::uint32_t seed) : random_(seed) {}

    std::uint32_t below(std::uint32_t limit) {
        return static_cast<std::uint32_t>(random_() % limit);
    }
    engine::Statement statement();

private:
    std::string id() { return std::to_string(below(12)); }
    std::string text() { return "'" + std::string(1, static_cast<char>('a' + below(8))) + "'"; }

    std::mt19937 random_;
};

engine::Statement Generator::statement() {
    switch (below(16)) {
        case 0:
            return {"insert into parents values (" + id() + ", " + text() + ", 1)"};
        case 1:
            return {"insert or replace into parents values (" + id() + ", " + text() + ", 2.5)"};
        case 2:
            return {"insert into parents values (" + id() + ", " + text() + ", 1), (" + id() +
                    ", " + text() + ", 2)"};
        case 3:
            return {"insert or fail into parents values (" + id() + ", " + text() + ", 1), (" +
                    id() + ", " + text() + ", 2)"};
        case 4:
            return {"insert or ignore into parents values (" + id() + ", " + text() + ", 3)"};
        case 5:
            return {"insert into parents values (" + id() + ", " + text() +
                    ", 3) on conflict (id) do update set name = excluded.name || 'u'"};
        case 6:
            return {"update or replace parents set name = " + text() + " where id < " + id()};
        case 7:
            return {"delete from parents where id = " + id()};
        case 8:
            return {"insert into children values (" + id() + ", " + id() + ", iif(" + id() +
                    " = 3, 'bad', 'x'))"};
        case 9:
            return {"update children set parent = " + id() + " where id > " + id()};
        case 10:
            return {"insert into loose values (" + id() + ", " + id() + ")"};
        case 11:
            return {"insert or replace into keyed values (" + text() + ", " + id() + ")"};
        case 12:
            return {"update keyed set id = id || 'k', n = n + 1 where length(id) < 4"};
        case 13:
            return {"update parents set id = id + 6 where id = " + id()};
        case 14:
            return {below(4) == 0
                        ? "insert or rollback into parents values (" + id() + ", " + text() + ", 9)"
                        : "update parents set score = score + 1"};
        default:
            return {below(10) == 0 ? "delete from keyed"
                                   : "delete from children where id = " + id()};
    }
}

std::string key_of(const Row& row) {
    return row.at(0).is_text() ? row[0].text() : std::to_string(row[0].integer());
}

/// Applies a change and checks that its old image is what the shadow holds.
void apply(Shadow& shadow, const Change& change) {
    auto& table = shadow[change.table];
    if (change.kind != ChangeKind::Insert) {
        const auto found = table.find(key_of(change.old_row));
        ASSERT_NE(found, table.end()) << "no row for the old image in " << change.table;
        ASSERT_EQ(found->second, change.old_row) << "wrong old image in " << change.table;
        table.erase(found);
    }
    if (change.kind != ChangeKind::Delete) {
        const bool fresh = table.emplace(key_of(change.new_row), change.new_row).second;
        ASSERT_TRUE(fresh) << "the new row is there already in " << change.table;
    }
}

class LogReplayTest : public engine::DatabaseFixture,
                      public testing::WithParamInterface<std::uint32_t> {
protected:
    LogReplayTest() : log_(clock_) {
        observer_ = &log_;
        open(options());
        const auto opened = log_.open(*engine_);
        EXPECT_TRUE(opened);
        define(schema);
        log_.set_listener([this](ChangeBatch batch) {
            for (const Change& change : *batch) {
                EXPECT_EQ(change.position.sequence, ++heard_);
                apply(shadow_, change);
            }
        });
    }
    ~LogReplayTest() override { close(); }

    engine::Work random_unit(Generator& generator) {
        std::vector<engine::Statement> statements;
        for (std::uint32_t i = 0; i <= generator.below(4); ++i)
            statements.push_back(generator.statement());
        const bool refuses = generator.below(8) == 0;
        const bool gives_up = generator.below(2) == 0;
        return [=](Session& session) -> Result<void> {
            for (const auto& statement : statements) {
                const auto done = session.run(statement);
                if (!done && gives_up) return std::unexpected(done.error());
            }
            if (refuses) return std::unexpected(Error{ErrorCode::Conflict, "on second thoughts"});
            return {};
        };
    }
    void expect_tables_as_shadow() {
        for (const char* table : {"parents", "children", "loose", "keyed", "audit"}) {
            const auto rows = read_one({std::string("select * from ") + table});
            ASSERT_TRUE(rows);
            std::map<std::string, Row> stored;
            for (const Row& row : rows->rows) stored.emplace(key_of(row), row);
            ASSERT_EQ(stored, shadow_[table]) << table;
        }
    }

    ChangeLog log_;
    Shadow shadow_;            // by the listener, on the writer's thread; read between commits
    std::uint64_t heard_ = 0;  // the same
};

}  // namespace

TEST_P(LogReplayTest, TheLogReplayedGivesTheTables) {
    Generator generator(GetParam());
    for (int round = 0; round < 60; ++round) {
        std::vector<engine::Work> works;
        const std::uint32_t count = 1 + generator.below(6);
        for (std::uint32_t i = 0; i < count; ++i) works.push_back(random_unit(generator));
        const auto results = write_group(std::move(works));
        ASSERT_EQ(results.size(), count);
        expect_tables_as_shadow();
        ASSERT_FALSE(HasFailure()) << "round " << round << " of seed " << GetParam();
    }
    EXPECT_GT(heard_, 100u) << "the generator does something";
    EXPECT_EQ(log_.last().sequence, heard_);

    Shadow again;
    const auto read = engine_->read_now([&](Session& session) -> Result<void> {
        for (Position position{log_.last().epoch, 0}; position.sequence < heard_;) {
            const auto commits = log_.read_after(session, position, 50);
            if (!commits) return std::unexpected(commits.error());
            for (const ChangeBatch& commit : *commits) {
                for (const Change& change : *commit) apply(again, change);
            }
            position = commits->back()->back().position;
        }
        return {};
    });
    EXPECT_TRUE(read) << read.error().message;
    for (const auto& [table, rows] : shadow_)
        EXPECT_EQ(again[table], rows) << table << ", as stored";
}

INSTANTIATE_TEST_SUITE_P(Seeds, LogReplayTest, testing::Values(1u, 2u, 3u, 20261121u, 77u, 4242u),
                         [](const auto& seed) { return "seed" + std::to_string(seed.param); });

}  // namespace dunlin::changes
