#include <gtest/gtest.h>

#include "query/embedding_fixture.h"

namespace dunlin::query {

namespace {

class Aggregates : public ::testing::Test {
protected:
    Aggregates() {
        for (const std::string& sql : studio_statements()) EXPECT_TRUE(database.run(sql)) << sql;
    }

    std::string answer(std::string_view table, std::string_view url, bool allowed = true) {
        return answer_to(database, *schema.find("public", table), url,
                         {relationships, unrestricted, RowSource::Stored, 1000, allowed});
    }

    const Schema schema = studio_schema();
    const Relationships relationships{schema};
    TestDatabase database;
};

struct Case {
    const char* why;
    const char* table;
    const char* url;
    const char* expected;
};

}  // namespace

TEST_F(Aggregates, HavePostgresqlsTypes) {
    const Case cases[] = {
        {"rows", "tasks", "select=count(),n:count()::text", R"([{"count":5,"n":"5"}])"},
        {"of a column, without nulls", "tasks", "select=hours.count(),hours.sum(),h:hours.max()",
         R"([{"count":4,"sum":12,"h":5}])"},
        {"avg of whole numbers is numeric", "tasks", "select=hours.avg()",
         R"([{"avg":3.0000000000000000}])"},
        {"numeric is exact", "projects", "select=cost.sum(),cost.avg(),cost.min(),cost.max()",
         R"([{"sum":119.50,"avg":39.8333333333333333,"min":9.00,"max":100.00}])"},
        {"casts before and after", "users", "select=data->>level::int.sum()::text",
         R"([{"sum":"4"}])"},
        {"of doubles", "tasks", "select=hours::float8.avg(),s:hours::float4.sum()",
         R"([{"avg":3,"s":12}])"},
        {"grouped", "tasks", "select=project_id,hours.sum()&order=project_id.desc",
         R"([{"project_id":3,"sum":4},
 {"project_id":2,"sum":2},
 {"project_id":1,"sum":6}])"},
        {"of no rows", "tasks", "select=count(),hours.sum(),hours.avg()&id=eq.0",
         R"([{"count":0,"sum":null,"avg":null}])"},
        {"grouped, of no rows", "tasks", "select=title,count()&id=eq.0", "[]"},
        {"texts", "tasks", "select=title.min(),m:title.max()", R"([{"min":"build","m":"plan"}])"},
        {"sum of texts", "tasks", "select=title.sum()",
         "42883 function sum(text) does not exist [No function matches the given name and argument "
         "types. You might need to add explicit type casts.]"},
        {"an order by what is not grouped", "tasks", "select=count()&order=id",
         "42803 column \"tasks.id\" must appear in the GROUP BY clause or be used in an aggregate "
         "function"},
    };
    for (const Case& c : cases) EXPECT_EQ(answer(c.table, c.url), c.expected) << c.why;
}

TEST_F(Aggregates, OfRelations) {
    const Case cases[] = {
        {"in each parent", "clients", "select=name,projects(cost.sum(),count())",
         R"([{"name":"Acme","projects":[{"sum":19.50,"count":2}]},
 {"name":"Bolt","projects":[{"sum":100.00,"count":1}]},
 {"name":"Cork","projects":[{"sum":null,"count":0}]}])"},
        {"grouped in each parent", "projects", "select=id,tasks(parent_id,count())&id=lt.3",
         R"([{"id":1,"tasks":[{"parent_id":null,"count":1},{"parent_id":1,"count":2}]},
 {"id":2,"tasks":[{"parent_id":null,"count":1}]}])"},
        {"through a junction", "users", "select=name,tasks(hours.sum())",
         R"([{"name":"Ann","tasks":[{"sum":6}]},
 {"name":"Bob","tasks":[{"sum":9}]},
 {"name":"Cid","tasks":[{"sum":null}]}])"},
        {"grouped by what is spread", "projects",
         "select=...clients(client:name),cost.sum()&order=clients(name)",
         R"([{"client":"Acme","sum":19.50},
 {"client":"Bolt","sum":100.00},
 {"client":null,"sum":null}])"},
        {"of what is spread", "tasks", "select=...projects(cost.sum())", R"([{"sum":140.50}])"},
        {"of what is spread twice", "tasks",
         "select=...projects(...clients(name),count())&order=projects(name)",
         "42803 column \"projects.name\" must appear in the GROUP BY clause or be used in an "
         "aggregate function"},
        {"through two spreads", "tasks", "select=...projects(...clients(client:name)),hours.sum()",
         R"([{"client":"Acme","sum":8},
 {"client":"Bolt","sum":4}])"},
        {"grouped by an object", "tasks", "select=projects(name),count()&order=projects(name)",
         R"([{"projects":{"name":"Door"},"count":1},
 {"projects":{"name":"Roof"},"count":3},
 {"projects":{"name":"Wall"},"count":1}])"},
        {"an object that is not there", "projects", "select=clients(name),count()&id=eq.4",
         R"([{"clients":null,"count":1}])"},
        {"to many is refused", "clients", "select=count(),projects(id)",
         "0A000 embedding the rows of 'projects' in a select with aggregates is not supported [Ask "
         "for the aggregates in a request of their own.]"},
        {"of what is spread to many", "clients", "select=...projects(cost.sum())",
         "PGRST127 Feature not implemented [Aggregates are not implemented for one-to-many or "
         "many-to-many spreads.]"},
    };
    for (const Case& c : cases) EXPECT_EQ(answer(c.table, c.url), c.expected) << c.why;
}

TEST_F(Aggregates, AreOffUnlessAllowed) {
    const char* off = "PGRST123 Use of aggregate functions is not allowed";
    EXPECT_EQ(answer("tasks", "select=count()", false), off);
    EXPECT_EQ(answer("tasks", "select=hours.sum()", false), off);
    EXPECT_EQ(answer("clients", "select=projects(count())", false), off);
    EXPECT_EQ(answer("clients", "select=name,projects(count)&id=lt.3", false),
              R"([{"name":"Acme","projects":[{"count":2}]},
 {"name":"Bolt","projects":[{"count":1}]}])")
        << "the older form, which PostgreSQL resolves";
    EXPECT_EQ(answer("tasks", "select=count", false), R"([{"count":5}])");
    EXPECT_EQ(answer("tasks", "select=title,count", false),
              "42803 column \"tasks.title\" must appear in the GROUP BY clause or be used in an "
              "aggregate function");
}

}  // namespace dunlin::query
