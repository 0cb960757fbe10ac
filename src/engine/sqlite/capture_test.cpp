#include "engine/sqlite/capture.h"

#include <gtest/gtest.h>

#include "engine/sqlite/database_fixture.h"

namespace dunlin::engine {

namespace {

class Recorder final : public CommitObserver {
public:
    Result<void> before_commit(Session&, std::span<const RowChange> changes) override {
        seen.assign(changes.begin(), changes.end());
        return {};
    }
    void after_commit(std::vector<RowChange>) override {}
    void after_rollback() override {}

    std::vector<RowChange> seen;
};

class CaptureTest : public DatabaseFixture {
protected:
    CaptureTest() {
        observer_ = &recorder_;
        open(options());
    }

    Recorder recorder_;
};

std::string text_of(const Value& value) {
    if (value.is_null()) return "null";
    if (value.is_integer()) return std::to_string(value.integer());
    if (value.is_real()) return std::to_string(value.real());
    return value.is_text() ? value.text() : "blob";
}

std::string text_of(const Row& row) {
    std::string text;
    for (const Value& value : row) text += (text.empty() ? "" : ",") + text_of(value);
    return text;
}

/// `insert t 1,x`, `update t 1,x -> 1,y`, `delete t 1,x`, one a line.
std::string text_of(std::span<const RowChange> changes) {
    std::string text;
    for (const RowChange& change : changes) {
        if (!text.empty()) text += "\n";
        if (change.kind == ChangeKind::Insert)
            text += "insert " + change.table + " " + text_of(change.new_row);
        if (change.kind == ChangeKind::Delete)
            text += "delete " + change.table + " " + text_of(change.old_row);
        if (change.kind == ChangeKind::Update) {
            text += "update " + change.table + " " + text_of(change.old_row) + " -> " +
                    text_of(change.new_row);
        }
    }
    return text;
}

const std::vector<std::string> tables = {
    "create table t (id integer primary key, v text unique, n integer default 7) strict",
    "create table child (id integer primary key, t_id integer references t on delete cascade) "
    "strict",
    "create table weak (id integer primary key, t_id integer references t on delete set null) "
    "strict",
    "create table \"clinic.room\" (id text primary key, beds integer) strict, without rowid",
    "create table audit (id integer primary key, what text) strict",
    "create table watched (id integer primary key, v text) strict",
    "create table made (id integer primary key, twice integer generated always as (id * 2) stored, "
    "after text) strict",
    "create table ratio (id integer primary key, r real) strict",
    "create trigger watch after update on watched begin insert into audit (what) values (new.v); "
    "end",
    "create virtual table search using fts5(body)",
    "create table search_results_data (id integer primary key) strict",
    // As a full-text index is made.
    "create table papers (id integer primary key, title text unique) strict",
    "create virtual table _dunlin_search_papers_words using fts5(title)",
    "create trigger papers_insert after insert on papers begin insert into "
    "_dunlin_search_papers_words (rowid, title) values (new.rowid, new.title); end",
    "create trigger papers_delete after delete on papers begin delete from "
    "_dunlin_search_papers_words where rowid = old.rowid; end",
};

}  // namespace

TEST_F(CaptureTest, SeesEveryRowThatACommitChanges) {
    define(tables);
    define({"insert into t values (1, 'a', 0), (2, 'b', 0), (3, 'c', 0)",
            "insert into child values (10, 1), (11, 2)", "insert into weak values (20, 1)",
            "insert into \"clinic.room\" values ('r1', 2)", "insert into watched values (1, 'old')",
            "insert into made values (4, 'x')", "insert into ratio values (1, 0.5)"});
    struct Case {
        const char* why;
        std::vector<const char*> statements;  // of one unit; the ones that fail are passed over
        const char* expected;
    };
    const Case cases[] = {
        {"insert with a default", {"insert into t (id, v) values (4, 'd')"}, "insert t 4,d,7"},
        {"update has both images",
         {"update t set v = 'z' where id = 3"},
         "update t 3,c,0 -> 3,z,0"},
        {"update of the key", {"update t set id = 30 where id = 3"}, "update t 3,z,0 -> 30,z,0"},
        {"delete", {"delete from t where id = 30"}, "delete t 30,z,0"},
        {"delete of everything is row by row",
         {"delete from audit", "insert into audit values (1, 'x'), (2, 'y')", "delete from audit"},
         "insert audit 1,x\ninsert audit 2,y\ndelete audit 1,x\ndelete audit 2,y"},
        {"cascade and set null",
         {"delete from t where id = 1"},
         "delete t 1,a,0\nupdate weak 20,1 -> 20,null\ndelete child 10,1"},
        {"trigger",
         {"update watched set v = 'new'"},
         "update watched 1,old -> 1,new\ninsert audit 1,new"},
        {"REPLACE deletes what is in the way",
         {"insert or replace into t values (5, 'd', 1)"},
         "delete t 4,d,7\ninsert t 5,d,1"},
        {"upsert that updates",
         {"insert into t values (5, 'e', 2) on conflict (id) do update set v = excluded.v"},
         "update t 5,d,1 -> 5,e,1"},
        {"upsert that does nothing",
         {"insert into t values (5, 'f', 2) on conflict do nothing"},
         ""},
        {"table without rowid in another schema",
         {"insert into \"clinic.room\" values ('r2', 1)",
          "update \"clinic.room\" set id = 'r3' where id = 'r2'",
          "delete from \"clinic.room\" where id = 'r3'"},
         "insert clinic.room r2,1\nupdate clinic.room r2,1 -> r3,1\ndelete clinic.room r3,1"},
        {"stored generated column stays in its place",
         {"update made set after = 'y'"},
         "update made 4,8,x -> 4,8,y"},
        {"an integer in a real column is a real",
         {"update ratio set r = 3"},
         "update ratio 1,0.500000 -> 1,3.000000"},
        {"failed statement of several rows",
         {"insert into t values (6, 'g', 0), (5, 'h', 0)", "insert into t values (7, 'i', 0)"},
         "insert t 7,i,0"},
        {"failed statement after one that went well",
         {"delete from t where id = 7", "insert or fail into t values (8, 'j', 0), (5, 'k', 0)"},
         "delete t 7,i,0"},
        {"own tables and shadow tables are left out",
         {"insert into search values ('word')", "insert into search_results_data values (1)"},
         "insert search_results_data 1"},
        {"a full-text index is left out",
         {"insert into papers values (1, 'word')",
          "insert or replace into papers values (2, 'word')", "delete from papers"},
         "insert papers 1,word\ndelete papers 1,word\ninsert papers 2,word\ndelete papers 2,word"},
        {"an update that changes nothing is a change",
         {"update t set v = v where id = 5"},
         "update t 5,e,1 -> 5,e,1"},
    };
    for (const Case& c : cases) {
        recorder_.seen.clear();
        const auto done = write([&](Session& session) -> Result<void> {
            for (const char* sql : c.statements) [[maybe_unused]]
                const auto ran = session.run({sql});
            EXPECT_EQ(text_of(session.changes()), c.expected) << c.why;
            return {};
        });
        EXPECT_TRUE(done) << c.why << ": " << done.error().message;
        EXPECT_EQ(text_of(recorder_.seen), c.expected) << c.why;
    }
}

TEST_F(CaptureTest, ShadowTablesAreKnownAfterReopening) {
    define(tables);
    open(options());
    ASSERT_TRUE(write_one({"insert into search values ('word')"}));
    EXPECT_EQ(text_of(recorder_.seen), "");
}

TEST_F(CaptureTest, ARefusalNamesTheKeyBesideAFullTextIndex) {
    define(tables);
    engine_->set_schema([] {
        auto schema = std::make_shared<Schema>();
        Table papers{.name = "papers"};
        papers.columns = {{.name = "id", .type = {TypeKind::Int8}},
                          {.name = "title", .type = {TypeKind::Text}}};
        papers.primary_key = {"papers_pkey", {0}};
        papers.unique_keys = {{"papers_title_key", {1}}};
        schema->tables.emplace(std::pair{papers.schema, papers.name}, papers);
        return schema;
    }());
    ASSERT_TRUE(write_one({"insert into papers values (1, 'word')"}));
    const auto refused = write_one({"insert into papers values (2, 'word')"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().details, "Key (title)=(word) already exists.");
}

TEST_F(CaptureTest, ColumnsAddedLaterHaveTheirDefaultInOldImages) {
    define(tables);
    define({"insert into audit values (1, 'x')"});
    define({"alter table audit add column level integer not null default 3"});
    ASSERT_TRUE(write_one({"delete from audit"}));
    EXPECT_EQ(text_of(recorder_.seen), "delete audit 1,x,3");
}

TEST_F(CaptureTest, ChangesCarryWhoCausedThem) {
    define(tables);
    const auto insert_watched = [](Session& session) -> Result<void> {
        EXPECT_TRUE(session.run({"insert into watched values (1, 'x')"}));
        EXPECT_TRUE(session.run({"update watched set v = 'y'"}));
        return {};
    };
    ASSERT_TRUE(
        write(insert_watched, {.role = Role::Authenticated, .user_id = "ann", .session_id = "s1"}));
    ASSERT_EQ(recorder_.seen.size(), 3u);
    for (const RowChange& change : recorder_.seen) EXPECT_EQ(change.origin, (Origin{"ann", "s1"}));
    ASSERT_TRUE(write_one({"delete from watched"}));
    EXPECT_EQ(recorder_.seen.at(0).origin, Origin{});
}

}  // namespace dunlin::engine
