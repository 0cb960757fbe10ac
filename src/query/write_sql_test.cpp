#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "query/read_rows.h"
#include "query/sqlite_fixture.h"
#include "query/table_sql.h"

namespace dunlin::query {

namespace {

class WriteSql : public ::testing::Test {
protected:
    std::string run(const std::vector<SqlText>& statements, const RestQuery& query) {
        std::vector<Row> written;
        std::string verdicts;
        for (const SqlText& text : statements) {
            if (text.sql.empty()) continue;
            database.take_written();
            auto rows = database.run(text.sql, text.parameters);
            if (!rows) return shown(rows.error());
            // An insert returns verdicts alone, or nothing; an update its rows as well.
            const bool returns_rows =
                !rows->empty() && rows->front().size() >= table.columns.size();
            for (const Row& row : *rows) {
                for (std::size_t i = returns_rows ? table.columns.size() : 0; i < row.size(); ++i)
                    verdicts += row[i] == Value::boolean(true) ? "1" : "0";
            }
            std::ranges::move(returns_rows ? *rows : database.take_written(),
                              std::back_inserter(written));
        }
        const auto plan = plan_read(table, query, context);
        if (!plan) return shown(plan.error());
        const auto fetched = fetch_rows(*plan, written, [&](const SqlText& text) {
            return database.run(text.sql, text.parameters);
        });
        if (!fetched) return shown(fetched.error());
        std::string out = *print_json(*fetched);
        out = out.substr(1, out.size() - 2);
        for (auto at = out.find(",\n "); at != out.npos; at = out.find(",\n ")) out.erase(at, 3);
        return out + " " + verdicts;
    }

    std::string insert(std::string_view url, const char* body, const InsertOptions& options = {},
                       const AccessConditions& access = {}, Missing missing = Missing::Null) {
        const auto query = parse_url(url);
        if (!query) return shown(query.error());
        const auto given = parse_json_body(body);
        if (!given) return shown(given.error());
        auto given_rows = insert_values(table, *query, *given, missing);
        if (!given_rows) return shown(given_rows.error());
        InsertOptions used = options;
        if (options.resolution != Resolution::None) {
            auto conflict = conflict_columns(table, *query);
            if (!conflict) return shown(conflict.error());
            used.conflict = *conflict;
            used.merged = merged_columns(given_rows->columns, *conflict);
        }
        return run(insert_sql(table, std::move(given_rows->rows), used, access), *query);
    }

    std::string update(std::string_view url, const char* body,
                       const AccessConditions& access = {}) {
        const auto query = parse_url(url);
        const auto given = parse_json_body(body);
        if (!given) return shown(given.error());
        auto values = update_values(table, *query, *given, Missing::Null);
        if (!values) return shown(values.error());
        if (values->columns.empty()) return run({}, *query);
        const auto text = update_sql(table, *query, std::move(*values), access);
        return text ? run({*text}, *query) : shown(text.error());
    }

    std::string remove(std::string_view url, const AccessConditions& access = {}) {
        const auto query = parse_url(url);
        const auto text = delete_sql(table, *query, access);
        return text ? run({*text}, *query) : shown(text.error());
    }

    const Table table = patients_table();
    const Relationships relationships{Schema()};
    const ReadContext context{relationships, unrestricted, RowSource::Written, 1000, true};
    TestDatabase database;
};

}  // namespace

TEST_F(WriteSql, InsertsRows) {
    struct Case {
        const char* why;
        const char* url;
        const char* body;
        Missing missing;
        const char* expected;
    };
    const Missing defaults = Missing::Default;
    const Case cases[] = {
        {"one object",
         "select=id,name,active,twice",
         R"({"name":"E","age":5})",
         {},
         R"({"id":5,"name":"E","active":true,"twice":10} )"},
        {"several",
         "select=id,name",
         R"([{"name":"F","age":1},{"age":2,"name":"G"}])",
         {},
         R"({"id":6,"name":"F"}{"id":7,"name":"G"} )"},
        {"typed values",
         "select=weight,tags,data,seen,mood,d:data->z",
         R"({"name":"H","weight":"1.005","tags":["x",null],"data":{"z":1.5},"seen":"2026-08-21T10:00:00Z","mood":"ok"})",
         {},
         R"({"weight":1.01,"tags":["x",null],"data":{"z": 1.5},"seen":"2026-08-21T10:00:00+00:00","mood":"ok","d":1.5} )"},
        {"missing key is NULL",
         "columns=name,age&select=name,age",
         R"([{"name":"I"},{"name":"J","age":1,"x":2}])",
         {},
         R"({"name":"I","age":null}{"name":"J","age":1} )"},
        {"missing key is the default", "columns=name,active&select=name,active",
         R"([{"name":"K"},{"name":"L","active":false},{"name":"M"}])", defaults,
         R"({"name":"K","active":true}{"name":"L","active":false}{"name":"M","active":true} )"},
        {"empty array", "", "[]", {}, " "},
        {"ordered representation",
         "select=name&order=name.desc",
         R"([{"name":"N"},{"name":"O"}])",
         {},
         R"({"name":"O"}{"name":"N"} )"},
        {"keys differ",
         "",
         R"([{"name":"P"},{"age":1}])",
         {},
         "PGRST102 All object keys must match"},
        {"not objects", "", "[1]", {}, "PGRST102 All object keys must match"},
        {"not rows", "", "1", {}, "PGRST102 Empty or invalid json"},
        {"unknown key",
         "",
         R"({"nope":1})",
         {},
         "PGRST204 Could not find the 'nope' column of 'patients' in the schema cache"},
        {"unknown column",
         "columns=nope",
         R"({"name":"P"})",
         {},
         "PGRST204 Could not find the 'nope' column of 'patients' in the schema cache"},
        {"bad value",
         "",
         R"({"name":"P","age":"x"})",
         {},
         "22P02 invalid input syntax for type integer: \"x\""},
        {"generated",
         "",
         R"({"name":"P","twice":1})",
         {},
         "428C9 cannot insert a non-DEFAULT value into column \"twice\" [Column \"twice\" is a "
         "generated column.]"},
        {"null number",
         "",
         R"({"name":"P","id":null})",
         {},
         "23502 null value in column \"id\" of relation \"patients\" violates not-null constraint"},
        {"count of written rows", "select=count()", R"({"name":"P"})", {}, R"({"count":1} )"},
    };
    for (const Case& c : cases)
        EXPECT_EQ(insert(c.url, c.body, {}, {}, c.missing), c.expected) << c.why;
}

TEST_F(WriteSql, InsertsDefaultsForAnEmptyObject) {
    Table counters{.name = "counters"};
    counters.columns = {{.name = "id", .type = {TypeKind::Int8}},
                        {.name = "n", .type = {TypeKind::Int4}}};
    ASSERT_TRUE(
        database.run("create table counters (id integer primary key, n integer default 7) strict"));
    const auto statements =
        insert_sql(counters, {RowValues{}, RowValues{}}, {}, {.check = "t.n = 7"});
    ASSERT_EQ(statements.size(), 2u);
    for (std::int64_t id = 1; id <= 2; ++id) {
        const SqlText& text = statements[static_cast<std::size_t>(id - 1)];
        database.take_written();
        const auto rows = database.run(text.sql, text.parameters);
        ASSERT_TRUE(rows) << rows.error().message;
        EXPECT_EQ(rows->at(0), (Row{Value::boolean(true), Value::boolean(true)}));
        EXPECT_EQ(database.take_written().at(0), (Row{Value(id), Value(std::int64_t{7})}));
    }
}

TEST_F(WriteSql, Upserts) {
    const InsertOptions merge{.resolution = Resolution::MergeDuplicates};
    const InsertOptions ignore{.resolution = Resolution::IgnoreDuplicates};
    EXPECT_EQ(insert("select=id,name,age",
                     R"([{"id":1,"name":"Ann","age":31},{"id":9,"name":"New","age":1}])", merge),
              R"({"id":1,"name":"Ann","age":31}{"id":9,"name":"New","age":1} )");
    EXPECT_EQ(insert("select=id,age",
                     R"([{"id":1,"name":"Ann","age":99},{"id":10,"name":"Ten","age":1}])", ignore),
              R"({"id":10,"age":1} )");
    EXPECT_EQ(insert("select=id,age&on_conflict=name", R"({"name":"Bob","age":41})", merge),
              R"({"id":2,"age":41} )");
    EXPECT_EQ(insert("select=id,age&on_conflict=name", R"({"name":"Bob"})", merge),
              R"({"id":2,"age":41} )")
        << "a row without other columns is still written";
    EXPECT_EQ(insert("columns=id,name,active&select=id,active", R"([{"id":2,"name":"Bob"}])", merge,
                     {}, Missing::Default),
              R"({"id":2,"active":true} )")
        << "a column that counts and is missing gets its default";
    EXPECT_EQ(insert("select=id,age", R"({"id":2,"name":"Bob","age":1})", merge,
                     {.target = "t.age < 40"}),
              " ")
        << "the writer may not update this row";
    EXPECT_EQ(
        insert("on_conflict=age", R"({"name":"Bob"})", merge),
        "42P10 there is no unique or exclusion constraint matching the ON CONFLICT specification");
    EXPECT_EQ(insert("on_conflict=nope", R"({"name":"Bob"})", merge),
              "42703 column \"nope\" does not exist");
}

TEST_F(WriteSql, JudgesWrittenRowsByTheRules) {
    ASSERT_TRUE(database.run("create table members (name text) strict"));
    ASSERT_TRUE(database.run("insert into members values ('Eve')"));
    const AccessConditions access{
        .visible = R"(t."weight" > '9.5')",
        .target = R"(t."id" <> 2)",
        .check = R"(exists (select 1 from members as m where m.name = t."name"))"};
    EXPECT_EQ(insert("select=name", R"([{"name":"Eve","weight":10},{"name":"Max","weight":1}])", {},
                     access),
              R"({"name":"Eve"}{"name":"Max"} 1100)");
    EXPECT_EQ(update("select=id&id=lt.5", R"({"weight":"2"})", access), R"({"id":1} 00)")
        << "row 2 is no target, rows 3 and 4 are not visible";
    EXPECT_EQ(remove("select=name&order=name", access), R"({"name":"Eve"} )");
}

TEST_F(WriteSql, UpdatesRows) {
    struct Case {
        const char* why;
        const char* url;
        const char* body;
        const char* expected;
    };
    const Case cases[] = {
        {"filtered", "id=eq.1&select=id,age,twice", R"({"age":31})",
         R"({"id":1,"age":31,"twice":62} 11)"},
        {"by a JSON path", "data->>t=eq.y&select=id,mood", R"({"mood":"happy"})",
         R"({"id":2,"mood":"happy"} 11)"},
        {"to null", "id=eq.1&select=tags", R"({"tags":null})", R"({"tags":null} 11)"},
        {"only the named columns", "id=eq.1&columns=age&select=age,mood",
         R"({"age":1,"mood":"sad"})", R"({"age":1,"mood":"happy"} 11)"},
        {"sorted", "id=lt.3&select=id&order=id.desc", R"({"age":1})", R"({"id":2}{"id":1} 1111)"},
        {"cast", "id=eq.1&select=age::text,seen::date", R"({"age":7})",
         R"({"age":"7","seen":"1970-01-01"} 11)"},
        {"nothing", "id=eq.1", "{}", " "},
        {"an array of one", "id=eq.1&select=age", R"([{"age":2}])", R"({"age":2} 11)"},
        {"an array of two", "id=eq.1", R"([{"age":2},{"age":3}])",
         "PGRST102 Empty or invalid json [Send one object with the new values.]"},
        {"unknown", "id=eq.1", R"({"nope":2})",
         "PGRST204 Could not find the 'nope' column of 'patients' in the schema cache"},
        {"generated", "id=eq.1", R"({"twice":2})",
         "428C9 column \"twice\" can only be updated to DEFAULT [Column \"twice\" is a generated "
         "column.]"},
        {"the first in an order", "order=id.desc&limit=2&select=id", R"({"age":1})",
         R"({"id":4}{"id":3} 1111)"},
        {"of those that match, after the first", "id=gt.1&order=id&limit=1&offset=1&select=id",
         R"({"age":1})", R"({"id":3} 11)"},
        {"a limit without an order", "limit=1", R"({"age":2})",
         "PGRST109 A 'limit' was applied without an explicit 'order' [Apply an 'order' using "
         "unique "
         "column(s)]"},
    };
    for (const Case& c : cases) EXPECT_EQ(update(c.url, c.body), c.expected) << c.why;
}

TEST_F(WriteSql, DeletesRows) {
    EXPECT_EQ(remove("id=in.(1,2)&select=name"), R"({"name":"Ann"}{"name":"Bob"} )");
    EXPECT_EQ(remove("id=in.(1,2)&select=name"), " ");
    EXPECT_EQ(remove("order=id&offset=1&select=id"), R"({"id":4} )");
}

TEST_F(WriteSql, TakesManyRowsWithFewStatements) {
    std::vector<RowValues> rows;
    for (std::int64_t i = 0; i < 141; ++i) {
        rows.push_back({{1, 2}, {Value("n" + std::to_string(i)), Value(i)}});
    }
    const auto statements = insert_sql(table, std::move(rows), {}, {});
    std::set<std::string> texts;
    for (const SqlText& text : statements) {
        ASSERT_TRUE(database.run(text.sql, text.parameters));
        texts.insert(text.sql);
    }
    EXPECT_EQ(statements.size(), 8u) << "two of 64 rows, one of 8, five of one";
    EXPECT_EQ(texts.size(), 3u);
    const auto count = database.run("select count(*) from \"clinic.patients\"");
    EXPECT_EQ(count->at(0).at(0).integer(), 145);
}

}  // namespace dunlin::query
