#include "sql/search_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "sql/expression.h"
#include "sql/sql_fixture.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

constexpr const char* notes = R"(
create table owners (id bigint primary key, name text);
create table notes (
  id bigint primary key,
  owner bigint references owners on delete cascade on update cascade,
  title text not null,
  body text,
  mark text unique,
  found tsvector generated always as (to_tsvector('english', title || ' ' || coalesce(body, ''))) stored
);
insert into owners values (1, 'ann'), (2, 'bob');
insert into notes (id, owner, title, body) values
  (1, 1, 'Fat cats', 'sat on the mat'), (2, 1, 'Dogs', null), (3, 2, 'A cat and a dog', 'no rats'),
  (4, null, 'Nothing', '');
)";

constexpr const char* found_index = "create index notes_found on notes using gin (found);";

class SearchIndexTest : public SqlFixture {
protected:
    void apply(std::string_view text) {
        const auto done = migrate(text);
        EXPECT_TRUE(done) << text << ": " << done.error().message;
    }

    std::string written(const std::string& query) const {
        const auto tree = parse(query);
        if (!tree) return tree.error().error.message;
        const auto analyzed = analyze_query(schema_, *tree->statements()[0]->stmt->select_stmt);
        return analyzed ? sqlite_text(*analyzed) : analyzed.error().error.message;
    }

    bool uses_index(const std::string& query) const { return written(query).contains(" match "); }

    /// The ids that a search finds by the index, after a look that a scan finds the same.
    std::string found(const std::string& table, const std::string& condition, const char* why) {
        const std::string select = fmt::format("select id from {} where ", table);
        const std::string indexed = select + condition + " order by id";
        EXPECT_TRUE(uses_index(indexed)) << why << ": " << written(indexed);
        const std::string by_index = rows(indexed);
        // IS TRUE hides the search from whoever looks for an index.
        EXPECT_EQ(by_index, rows(fmt::format("{}({}) is true order by id", select, condition)))
            << why << ": " << condition;
        return by_index;
    }

    std::string number(const std::string& sql) {
        const auto set = read_one({sql});
        if (!set) return set.error().message;
        return set->rows.empty() ? "none" : std::to_string(set->rows[0][0].integer());
    }

    /// Rows that the index has to know: those with a vector.
    std::string rows_with_vector(const Table& table, const SearchIndex& index) {
        const std::string storage = quote_identifier(table.storage_name());
        return number(fmt::format("select count({}) from {}", index.vector_over(storage), storage));
    }

    /// Rows that it knows.
    std::string indexed_rows(const std::string& name) {
        return number(
            fmt::format("select count(*) from \"_dunlin_search_{0}_words\" where "
                        "\"_dunlin_search_{0}_words\" match '\"_\"'",
                        name));
    }
};

}  // namespace

TEST_F(SearchIndexTest, IsMadeOverWhatIsATsvector) {
    struct Case {
        const char* why;
        const char* index;
        const char* search;  // "" where no index is made
    };
    const Case cases[] = {
        {"a column", "on notes using gin (found)", "found @@ 'cat'"},
        {"gist as well", "on notes using gist (found)", "found @@ 'cat'"},
        {"an expression", "on notes using gin (to_tsvector('english', title))",
         "to_tsvector('english', title) @@ to_tsquery('english', 'cats')"},
        {"the default configuration where none is written",
         "on notes using gin (to_tsvector('english', title))", "to_tsvector(title) @@ 'cat'"},
        {"text searched by itself", "on notes using gin (to_tsvector('english', title))",
         "title @@ to_tsquery('cats')"},
        {"a configuration with its schema",
         "on notes using gin (to_tsvector('pg_catalog.simple', title))",
         "to_tsvector('simple', title) @@ 'cats'"},
        {"two columns",
         "on notes using gin (to_tsvector('english', title || ' ' || coalesce(body, '')))",
         "to_tsvector('english', title || ' ' || coalesce(body, '')) @@ 'cat & mat'"},
        {"weights",
         "on notes using gin ((setweight(to_tsvector('english', title), 'A') || "
         "setweight(to_tsvector('english', coalesce(body, '')), 'B')))",
         "setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', "
         "coalesce(body, '')), 'B') @@ 'cat:A'"},
        {"several terms are noted", "on notes using gin (found, to_tsvector('english', title))",
         ""},
        {"a condition is noted", "on notes using gin (found) where id > 1", ""},
        {"text is noted", "on notes using gin (title gin_trgm_ops)", ""},
        {"without a configuration it would follow a setting",
         "on notes using gin (to_tsvector(title))", ""},
        {"another method is noted", "on notes using hash (title)", ""},
    };
    for (const Case& c : cases) {
        restart();
        apply(notes);
        apply(fmt::format("create index i {};", c.index));
        EXPECT_EQ(notes_.empty(), *c.search != 0) << c.why;
        const auto& indexes = schema_.find("public", "notes")->indexes;
        EXPECT_EQ(indexes.size(), *c.search == 0 ? 0u : 1u) << c.why;
        if (*c.search == 0) continue;
        EXPECT_NE(found("notes", c.search, c.why), "") << c.why;
        EXPECT_EQ(indexed_rows("i"), "4") << c.why;
    }
}

TEST_F(SearchIndexTest, FindsWhatAScanFinds) {
    apply(notes);
    apply(found_index);
    const std::pair<const char*, const char*> cases[] = {
        {"found @@ 'cat'", "1; 3"},
        {"found @@ 'cat & dog'", "3"},
        {"found @@ 'cat | dog'", "1; 2; 3"},
        {"found @@ 'cat & !dog'", "1"},
        {"found @@ '!cat'", "2; 4"},
        {"found @@ 'cat | !dog'", "1; 3; 4"},
        {"found @@ 'fat <-> cat'", "1"},
        {"found @@ 'cat <-> fat'", ""},
        {"found @@ '!fat <-> cat'", "3"},
        {"found @@ 'ma:*'", "1"},
        {"found @@ 'cat:A'", ""},
        {"found @@ ''", ""},
        {"found @@ null", ""},
        {"found @@ to_tsquery('english', 'the')", ""},
        {"found @@ 'cat' and title like 'Fat%'", "1"},
        {"found @@ 'cat' and found @@ 'rat'", "3"},
        {"found @@ plainto_tsquery('english', 'CATS ' || 'mat')", "1"},
    };
    for (const auto& [condition, expected] : cases)
        EXPECT_EQ(found("notes", condition, "table"), expected) << condition;
    const char* const scanned[] = {
        "select id from notes where not found @@ 'cat'",
        "select id from notes where found @@ 'cat' or id = 4",
        "select id from notes where found @@ plainto_tsquery(title)",
        "select id from notes where to_tsvector('simple', title) @@ 'cat'",
    };
    for (const char* query : scanned) EXPECT_FALSE(uses_index(query)) << query;
}

TEST_F(SearchIndexTest, ServesJoinsSubqueriesAndViewsInTheirOwnWay) {
    apply(notes);
    apply(found_index);
    apply("create view cats as select id, title from notes where found @@ 'cat';");
    const std::pair<const char*, const char*> cases[] = {
        {"select n.id, o.name from notes n join owners o on o.id = n.owner where n.found @@ 'cat'",
         "1|ann; 3|bob"},
        {"select o.name from owners o left join notes n on n.owner = o.id where n.found @@ 'rat'",
         "bob"},
        {"select name from owners o where exists (select 1 from notes n where n.owner = o.id and "
         "n.found @@ 'rat')",
         "bob"},
        {"select count(*) from (select id from notes where found @@ 'cat') x", "2"},
        {"select id from notes where found @@ 'rat' union all select id from notes where found @@ "
         "'mat'",
         "3; 1"},
    };
    for (const auto& [query, expected] : cases) {
        EXPECT_TRUE(uses_index(query)) << query;
        EXPECT_EQ(rows(query), expected) << query;
    }
    EXPECT_EQ(rows("select id from cats order by id"), "1; 3");
    apply("drop index notes_found;");
    EXPECT_EQ(rows("select id from cats order by id"), "1; 3") << "the view outlives the index";
}

TEST_F(SearchIndexTest, FollowsItsTableThroughMigrations) {
    struct Case {
        const char* why;
        const char* change;
        const char* table;
        const char* search;
        const char* expected;
    };
    const Case cases[] = {
        {"rows that come and go",
         "insert into notes (id, title) values (9, 'cat'); delete from notes where id = 1; update "
         "notes set title = 'x' where id = 3;",
         "notes", "found @@ 'cat'", "9"},
        {"actions of foreign keys", "delete from owners where id = 1;", "notes", "found @@ 'cat'",
         "3"},
        {"truncate", "truncate notes; insert into notes (id, title) values (1, 'cat');", "notes",
         "found @@ 'cat'", "1"},
        {"a table made anew numbers its rows anew",
         "delete from notes where id = 1; alter table notes alter column title set default 'x', "
         "add column extra int not null default 3; insert into notes (id, title) values (5, "
         "'cat');",
         "notes", "found @@ 'cat'", "3; 5"},
        {"another table made anew", "alter table owners add column extra int not null default 3;",
         "notes", "found @@ 'cat'", "1; 3"},
        {"a column that hides the row number",
         "alter table notes add column rowid int; update notes set rowid = 7; insert into notes "
         "(id, title, rowid) values (5, 'cat', 1);",
         "notes", "found @@ 'cat'", "1; 3; 5"},
        {"a renamed table",
         "alter table notes rename to papers; insert into papers (id, title) values (5, 'cat');",
         "papers", "found @@ 'cat'", "1; 3; 5"},
        {"a renamed table, made anew",
         "alter table notes rename to papers; alter table papers alter column title set default "
         "'x';",
         "papers", "found @@ 'cat'", "1; 3"},
        {"a renamed column",
         "alter table notes rename column found to words; update notes set body = 'a bat' where id "
         "= 4;",
         "notes", "words @@ 'cat | bat'", "1; 3; 4"},
        {"a renamed column that it is made from",
         "alter table notes rename column title to heading; update notes set heading = 'bat' where "
         "id "
         "= 4;",
         "notes", "found @@ 'cat | bat'", "1; 3; 4"},
        {"a renamed index",
         "alter index notes_found rename to other; insert into notes (id, title) values (5, "
         "'cat');",
         "notes", "found @@ 'cat'", "1; 3; 5"},
        {"an index made again",
         "drop index notes_found; insert into notes (id, title) values (5, 'cat'); create index "
         "notes_found on notes using gin (found);",
         "notes", "found @@ 'cat'", "1; 3; 5"},
        {"if it exists already",
         "create index if not exists notes_found on notes using gin (found);", "notes",
         "found @@ 'cat'", "1; 3"},
        {"a table made again",
         "drop table notes; create table notes (id bigint primary key, found tsvector); create "
         "index "
         "notes_found on notes using gin (found); insert into notes values (1, 'cat:1 dog:2');",
         "notes", "found @@ 'cat'", "1"},
        {"a column made again",
         "alter table notes drop column found; alter table notes add column found tsvector; create "
         "index notes_found on notes using gin (found); update notes set found = 'cat' where id = "
         "2;",
         "notes", "found @@ 'cat'", "2"},
        {"a table whose name is in the expression",
         "create index t on notes using gin (to_tsvector('english', notes.title)); alter table "
         "notes "
         "rename to papers; alter table papers alter column title set default 'x'; insert into "
         "papers (id, title) values (5, 'cat');",
         "papers", "to_tsvector('english', title) @@ 'cat'", "1; 3; 5"},
    };
    for (const Case& c : cases) {
        restart();
        apply(notes);
        apply(found_index);
        apply(c.change);
        EXPECT_EQ(found(c.table, c.search, c.why), c.expected) << c.why;
        const Table& table = *schema_.find("public", c.table);
        const Index& index = table.indexes.at(0);
        EXPECT_EQ(indexed_rows(index.name), rows_with_vector(table, *index.search)) << c.why;
    }
}

TEST_F(SearchIndexTest, TakesAnyName) {
    apply(R"(
create table clinic."Pa""pers" (id bigint primary key, "fo'und" tsvector, "rowid" text, "OID" text);
create index "an ""index" on clinic."Pa""pers" using gin ("fo'und");
insert into clinic."Pa""pers" values (1, 'cat', 'x', '2'), (2, 'dog', '1', '1');
update clinic."Pa""pers" set "rowid" = '9', "fo'und" = 'cat dog' where id = 2;
)");
    EXPECT_EQ(found(R"(clinic."Pa""pers")", R"("fo'und" @@ 'dog')", "names"), "2");
    EXPECT_EQ(found(R"(clinic."Pa""pers")", R"("fo'und" @@ 'cat')", "names"), "1; 2");
    EXPECT_EQ(outcome(R"(alter table clinic."Pa""pers" add column _rowid_ int)"), "2BP01")
        << "no name of the row number would be left";
}

TEST_F(SearchIndexTest, IsGoneWithWhatItIsOver) {
    const std::pair<const char*, const char*> cases[] = {
        {"index", "drop index notes_found;"},
        {"column", "alter table notes drop column found;"},
        {"table", "drop table notes;"},
    };
    for (const auto& [why, change] : cases) {
        restart();
        apply(notes);
        apply(found_index);
        apply(change);
        EXPECT_EQ(number("select count(*) from sqlite_schema where name like '%search%'"), "0")
            << why;
        apply("insert into owners values (9, 'x');");
    }
}

TEST_F(SearchIndexTest, RefusesWhatPostgreSqlRefuses) {
    apply(notes);
    apply(found_index);
    const std::pair<const char*, const char*> cases[] = {
        {"create index notes_found on notes using gin (found)", "42P07"},
        {"create unique index u on notes using gin (found)", "0A000"},
        {"create index i on papers using gin (found)", "42P01"},
        {"drop index i", "42704"},
        {"create index i on notes using gin (to_tsvector('klingon', title))", ""},
    };
    for (const auto& [sql, expected] : cases) EXPECT_EQ(outcome(sql), expected) << sql;
    apply(
        "create table plain (id bigint primary key, found tsvector); create index p on plain using "
        "gin (found);");
    EXPECT_EQ(outcome("alter table plain alter column found type text"), "2BP01");
}

namespace {

/// What random rows and queries are made of.
class Words {
public:
    explicit Words(unsigned seed) : random_(seed) {}

    int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }
    std::string word() {
        static const char* const words[] = {"cat",           "cats", "dog",     "fat",
                                            "the",           "a-b",  "it's",    "größe",
                                            "mother-in-law", "1.5",  "x@y.org", "Rat"};
        return words[static_cast<std::size_t>(below(12))];
    }
    std::string text() {
        std::string out;
        for (int i = below(6); i >= 0; --i) out += word() + " ";
        return out;
    }
    std::string query(int depth = 0) {
        const int kind = depth > 3 ? 0 : below(8);
        if (kind == 1) return "!" + query(depth + 1);
        if (kind > 1 && kind < 6) {
            static const char* const signs[] = {" & ", " | ", " <-> ", " <2> "};
            return "(" + query(depth + 1) + signs[static_cast<std::size_t>(kind - 2)] +
                   query(depth + 1) + ")";
        }
        static const char* const suffixes[] = {"", "", "", ":*", ":A", ":AB*"};
        std::string out = "'";
        for (const char c : word()) out += c == '\'' ? "''" : std::string(1, c);
        return out + "'" + suffixes[static_cast<std::size_t>(below(6))];
    }

private:
    std::mt19937 random_;
};

std::string quoted(const std::string& text) {
    return quote_literal(Value(text));
}

std::string random_write(Words& words) {
    const int id = words.below(12), owner = words.below(4);
    const std::string title = quoted(words.text()), mark = quoted(std::to_string(words.below(5)));
    switch (words.below(9)) {
        case 0:
            return fmt::format("insert or ignore into owners values ({}, 'x')", owner);
        case 8:
            return fmt::format("update or ignore owners set id = id + 2 where id = {}", owner);
        case 1:
            return fmt::format("delete from owners where id = {}", owner);
        case 2:
            return fmt::format("insert or replace into notes (id, title, mark) values ({}, {}, {})",
                               id, title, mark);
        case 3:
            return fmt::format("delete from notes where id = {}", id);
        case 4:
            return fmt::format(
                "update or replace notes set title = {}, mark = {} where id % 3 = {}", title, mark,
                id % 3);
        case 5:  // the second row may fail and takes the first with it
            return fmt::format(
                "insert into notes (id, title, mark) values ({}, {}, {}), ({}, {}, {})", id + 20,
                title, mark, id, title, mark);
        case 6:
            return fmt::format("update notes set id = id + 1, body = {} where id = {}", title, id);
        default:
            return fmt::format(
                "insert into notes (id, title) values ({0}, {1}) on conflict (id) do "
                "update set title = excluded.title, body = null",
                id, title);
    }
}

}  // namespace

TEST_F(SearchIndexTest, RandomSearchesFindWhatAScanFinds) {
    for (unsigned seed = 1; seed <= 8; ++seed) {
        SCOPED_TRACE(seed);
        Words words(seed);
        restart();
        apply(notes);
        apply(found_index);
        apply("create index by_title on notes using gin (to_tsvector('simple', title));");
        for (int round = 0; round < 25; ++round) {
            std::vector<engine::Work> works;
            for (int i = words.below(3); i >= 0; --i)
                works.push_back(engine::statement_work({random_write(words)}));
            [[maybe_unused]] const auto done = write_group(std::move(works));
            for (int i = 0; i < 4; ++i) {
                const std::string query = quoted(words.query());
                found("notes", "found @@ " + query, "stored");
                found("notes", "to_tsvector('simple', title) @@ " + query, "expression");
            }
        }
        EXPECT_EQ(indexed_rows("notes_found"), number("select count(*) from notes"));
        EXPECT_EQ(indexed_rows("by_title"), number("select count(*) from notes"));
    }
}

}  // namespace dunlin::sql
