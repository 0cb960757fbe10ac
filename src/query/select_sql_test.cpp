#include <gtest/gtest.h>

#include "query/read_rows.h"
#include "query/sqlite_fixture.h"

namespace dunlin::query {

namespace {

class SelectSql : public ::testing::Test {
protected:
    /// The rows as JSON without what is between them, or the refusal.
    std::string answer(std::string_view url, const std::string& visible = {}) {
        std::string out = answer_to(database, table, url, context(visible));
        if (!out.starts_with('[')) return out;
        out = out.substr(1, out.size() - 2);
        for (auto at = out.find(",\n "); at != out.npos; at = out.find(",\n ")) out.erase(at, 3);
        return out;
    }

    ReadContext context(const std::string& visible) const {
        const auto source_of = [visible](const Table&, std::string_view) -> Result<RelationSource> {
            return RelationSource{"\"clinic.patients\"", visible};
        };
        return {relationships, source_of, RowSource::Stored, 1000, true};
    }

    /// The ids of the rows that match, e.g. "124".
    std::string ids(const std::string& url, const std::string& visible = {}) {
        const std::string json = answer(url + "&select=id", visible);
        if (!json.starts_with('{') && !json.empty()) return json;
        std::string out;
        for (const char c : json) {
            if (c >= '0' && c <= '9') out.push_back(c);
        }
        return out;
    }

    std::string counted(std::string_view url, const std::string& visible = {}) {
        const auto plan = plan_read(table, *parse_url(url), context(visible));
        if (!plan) return shown(plan.error());
        const auto count = count_rows(*plan, {}, [&](const SqlText& text) {
            return database.run(text.sql, text.parameters);
        });
        return count ? std::to_string(*count) : shown(count.error());
    }

    const Table table = patients_table();
    const Relationships relationships{Schema()};
    TestDatabase database;
};

struct Case {
    const char* url;
    const char* expected;
};

}  // namespace

TEST_F(SelectSql, SelectsColumnsPathsAndCasts) {
    const Case cases[] = {
        {"id=eq.1",
         R"({"id":1,"name":"Ann","age":30,"weight":70.50,"mood":"happy","tags":["a","b"],)"
         R"("data":{"k": 1, "list": [10, 20], "t": "x"},"seen":"1970-01-01T00:00:00+00:00",)"
         R"("active":true,"twice":60,"raw":{},"score":1.5})"},
        {"id=eq.1&select=n:name,age::text,weight::int,active::text",
         R"({"n":"Ann","age":"30","weight":71,"active":"true"})"},
        {"id=eq.2&select=seen::text,day:seen::date,seen::time,tags::text",
         R"({"seen":"1970-01-01 00:00:01+00","day":"1970-01-01","seen":"00:00:01","tags":"{b,c}"})"},
        {"id=eq.1&select=data->k,data->>t,x:data->list->1,data->list->>0,data->none",
         R"({"k":1,"t":"x","x":20,"list":"10","none":null})"},
        {"id=eq.1&select=tags->0,tags->>1", R"({"tags":"a","tags":"b"})"},
        {"id=eq.3&select=*,id",
         R"({"id":3,"name":"C%l","age":null,"weight":null,"mood":"ok","tags":null,"data":null,"seen":null,"active":true,"twice":null,"raw":null,"score":-1,"id":3})"},
        {"select=count()", R"({"count":4})"},
        {"select=active,n:count()&order=active", R"({"active":false,"n":1}{"active":true,"n":3})"},
        {"select=count()&id=eq.99", R"({"count":0})"},
        {"select=x", "42703 column patients.x does not exist"},
        {"select=name->x",
         "42883 operator does not exist: text -> unknown [No operator matches the given name and "
         "argument types. You might need to add explicit type casts.]"},
        {"select=id::geometry", "42704 type \"geometry\" does not exist"},
        {"select=name::int&id=eq.1", "22P02 invalid input syntax for type integer: \"Ann\""},
        {"select=count()&order=id",
         "42803 column \"patients.id\" must appear in the GROUP BY clause or be used in an "
         "aggregate function"},
        {"select=id,visits(*)",
         "PGRST200 Could not find a relationship between 'patients' and 'visits' in the schema "
         "cache [Searched for a foreign key relationship between 'patients' and 'visits' in the "
         "schema 'clinic', but no matches were found.]"},
        {"visits.id=eq.1",
         "PGRST108 'visits' is not an embedded resource in this request [Verify that 'visits' is "
         "included in the 'select' query parameter.]"},
        {"visits.limit=1",
         "PGRST108 'visits' is not an embedded resource in this request [Verify that 'visits' is "
         "included in the 'select' query parameter.]"},
    };
    for (const Case& c : cases) EXPECT_EQ(answer(c.url), c.expected) << c.url;
}

TEST_F(SelectSql, Filters) {
    const Case cases[] = {
        {"id=eq.2", "2"},
        {"age=gte.30", "12"},
        {"age=neq.30", "24"},
        {"age=not.eq.30", "24"},
        {"age=lt.40&age=gt.20", "1"},
        {"weight=gt.9.5", "12"},
        {"weight=eq.100", "2"},
        {"weight=in.(9,70.5)", "14"},
        {"weight=lte.70.500", "14"},
        {"mood=gt.sad", "13"},
        {"mood=lte.ok", "23"},
        {"mood=eq.happy", "1"},
        {"seen=gte.1970-01-01T00:00:01Z", "24"},
        {"score=lt.0", "3"},
        {"name=like.*n*", "1"},
        {"name=like.C\\%l", "3"},
        {"name=ilike.D*", "4"},
        {"name=match.^[AB]", "12"},
        {"name=imatch.^D", "4"},
        {"name=like(any).{A*,B*}", "12"},
        {"name=like(all).{*n*,A*}", "1"},
        {"id=eq(any).{1,4}", "14"},
        {"id=gt(all).{1,2}", "34"},
        {"id=eq(any).{}", ""},
        {"id=eq(all).{}", "1234"},
        {"id=in.(1,3)", "13"},
        {"id=not.in.(1,3)", "24"},
        {"name=in.(\"Ann\",dee)", "14"},
        {"id=in.()", ""},
        {"id=not.in.()", "1234"},
        {"age=is.null", "3"},
        {"age=not.is.null", "124"},
        {"age=is.not_null", "124"},
        {"active=is.true", "134"},
        {"active=is.false", "2"},
        {"active=is.unknown", ""},
        {"active=eq.f", "2"},
        {"age=isdistinct.30", "234"},
        {"age=not.isdistinct.30", "1"},
        {"tags=cs.{b}", "12"},
        {"tags=cd.{a,b,d}", "14"},
        {"tags=ov.{c,d}", "2"},
        {"tags=eq.{a,b}", "1"},
        {"data=cs.{\"k\":1}", "1"},
        {"data=cd.{\"k\":2,\"t\":\"y\",\"z\":0}", "2"},
        {"data->>t=eq.y", "2"},
        {"data->k=eq.1", "1"},
        {"data->k=gt.1", "2"},
        {"data->k=lte.1.0", "14"},  // JSON null is below every number
        {"data->list->>1=eq.20", "1"},
        {"data->>k=is.null", "34"},
        {"or=(id.eq.1,and(age.gte.40,active.is.false))", "12"},
        {"not.or=(id.eq.1,id.eq.2)", "34"},
        {"and=(id.gt.1,not.or(id.eq.2,name.eq.\"dee\"))", "3"},
        {"id=gt.1&id=lt.4", "23"},
        {"id=eq.x", "22P02 invalid input syntax for type bigint: \"x\""},
        {"age=eq.99999999999", "22003 value \"99999999999\" is out of range for type integer"},
        {"mood=eq.x", "22P02 invalid input value for enum mood: \"x\""},
        {"seen=gt.soon", "22007 invalid input syntax for type timestamp with time zone: \"soon\""},
        {"nope=eq.1", "42703 column patients.nope does not exist"},
        {"age=like.3*",
         "42883 operator does not exist: integer ~~ unknown [No operator matches the given name "
         "and argument types. You might need to add explicit type casts.]"},
        {"age=cs.{1}",
         "42883 operator does not exist: integer @> unknown [No operator matches the given name "
         "and argument types. You might need to add explicit type casts.]"},
        {"raw=eq.{}",
         "42883 operator does not exist: json = unknown [No operator matches the given name and "
         "argument types. You might need to add explicit type casts.]"},
        {"age=is.true", "42804 argument of IS TRUE must be type boolean, not type integer"},
        {"name=fts.ann", "1"},
        {"name=plfts(simple).ann%20x", ""},
        {"name=not.wfts(english).ann", "234"},
        {"data=phfts.x", "1"},
        {"age=fts.x",
         "42883 function to_tsvector(integer) does not exist [No function matches the given name "
         "and argument types. You might need to add explicit type casts.]"},
        {"age=sl.(1,2)",
         "42883 operator does not exist: integer << unknown [No operator matches the given name "
         "and "
         "argument types. You might need to add explicit type casts.]"},
        {"score=eq.NaN",
         "0A000 NaN is not supported in a value of type double precision [Use a numeric column, or "
         "null.]"},
    };
    for (const Case& c : cases) EXPECT_EQ(ids(c.url), c.expected) << c.url;
}

TEST_F(SelectSql, FiltersRanges) {
    Table bookings{.name = "bookings"};
    bookings.columns = {{.name = "id", .type = {TypeKind::Int8}},
                        {.name = "days", .type = {TypeKind::Int4Range}}};
    ASSERT_TRUE(database.run("create table bookings (id integer primary key, days text) strict"));
    ASSERT_TRUE(database.run(
        "insert into bookings values (1, '[1,5)'), (2, '[5,9)'), (3, '[20,30)'), (4, null)"));
    const Case cases[] = {
        {"days=cs.[2,3)", R"([{"id":1}])"},
        {"days=cd.[1,10)", R"([{"id":1},\n {"id":2}])"},
        {"days=ov.[4,6)", R"([{"id":1},\n {"id":2}])"},
        {"days=sr.[1,6)", R"([{"id":3}])"},
        {"days=sl.[9,10)", R"([{"id":1},\n {"id":2}])"},
        {"days=nxr.[1,5)", R"([{"id":1}])"},
        {"days=nxl.[5,6)", R"([{"id":2},\n {"id":3}])"},
        {"days=adj.[9,12)", R"([{"id":2}])"},
        {"days=eq.[1,4]", R"([{"id":1}])"},
    };
    const ReadContext everything{relationships, unrestricted, RowSource::Stored, 1000, false};
    for (const Case& c : cases) {
        std::string expected = c.expected;
        const auto line = expected.find("\\n");
        if (line != expected.npos) expected.replace(line, 2, "\n");
        EXPECT_EQ(answer_to(database, bookings, std::string(c.url) + "&select=id", everything),
                  expected)
            << c.url;
    }
}

TEST_F(SelectSql, OrdersAndLimits) {
    const Case cases[] = {
        {"order=age", "4123"},
        {"order=age.desc", "3214"},
        {"order=age.nullsfirst", "3412"},
        {"order=age.desc.nullslast", "2143"},
        {"order=weight", "4123"},
        {"order=mood", "2314"},
        {"order=mood.desc.nullslast", "1324"},
        {"order=data->>t,id.desc", "1243"},
        {"order=active,id.desc", "2431"},
        {"order=id&limit=2", "12"},
        {"order=id&limit=2&offset=3", "4"},
        {"order=id&offset=2", "34"},
        {"limit=0", ""},
        {"order=id&limit=18446744073709551615", "1234"},
        {"order=tags", "0A000 ordering by a value of type text[] is not supported"},
        {"order=raw", "42883 could not identify an ordering operator for type json"},
        {"order=visits(id)",
         "PGRST108 'visits' is not an embedded resource in this request [Verify that 'visits' is "
         "included in the 'select' query parameter.]"},
    };
    for (const Case& c : cases) EXPECT_EQ(ids(c.url), c.expected) << c.url;
}

TEST_F(SelectSql, AddsTheAccessRule) {
    const std::string adults = R"(t."age" >= 30 or t."id" = 4)";
    EXPECT_EQ(ids("id=gt.1", adults), "24");
    EXPECT_EQ(ids("or=(id.eq.1,id.eq.3)", adults), "1");
    EXPECT_EQ(counted("", adults), "3");
    EXPECT_EQ(ids("id=gt.0", "0"), "");
}

TEST_F(SelectSql, CountsWhatItWouldReturn) {
    const Case cases[] = {
        {"", "4"},
        {"age=gte.30&limit=1&offset=1&select=data->k", "2"},
        {"select=active,count()", "2"},
        {"select=active,count(),data->k&active=is.true", "3"},
        {"age=eq.x", "22P02 invalid input syntax for type integer: \"x\""},
        {"select=nope", "42703 column patients.nope does not exist"},
    };
    for (const Case& c : cases) EXPECT_EQ(counted(c.url), c.expected) << c.url;
}

TEST_F(SelectSql, TakesLongLists) {
    std::string list = "1";
    for (int i = 2; i < 10'000; ++i) list += "," + std::to_string(i);
    EXPECT_EQ(ids("id=in.(" + list + ")"), "1234");
    EXPECT_EQ(ids("id=gte(any).{" + list + "}&id=neq.2"), "134");
}

}  // namespace dunlin::query
