#include <gtest/gtest.h>

#include "core/limits.h"
#include "query/embedding_fixture.h"
#include "query/read_rows.h"

namespace dunlin::query {

namespace {

class EmbeddedFilters : public ::testing::Test {
protected:
    EmbeddedFilters() {
        for (const std::string& sql : studio_statements()) EXPECT_TRUE(database.run(sql)) << sql;
    }

    ReadContext context(RowSource source = RowSource::Stored) const {
        return {relationships, unrestricted, source, 1000, false};
    }

    std::string answer(std::string_view table, std::string_view url) {
        return answer_to(database, *schema.find("public", table), url, context());
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

TEST_F(EmbeddedFilters, ChooseRowsOfTheRelation) {
    const Case cases[] = {
        {"filter", "clients", "select=id,projects(id)&projects.cost=gt.9.5&id=lt.3",
         R"([{"id":1,"projects":[{"id":1}]},
 {"id":2,"projects":[{"id":3}]}])"},
        {"by alias", "clients", "select=p:projects(id)&p.id=eq.2&id=eq.1", R"([{"p":[{"id":2}]}])"},
        {"a tree", "clients", "select=projects(id)&projects.or=(id.eq.1,name.eq.Wall)&id=eq.1",
         R"([{"projects":[{"id":1},{"id":2}]}])"},
        {"not a tree", "clients", "select=projects(id)&projects.not.and=(id.eq.1)&id=eq.1",
         R"([{"projects":[{"id":2}]}])"},
        {"nested", "clients", "select=projects(tasks(id))&projects.tasks.hours=gt.1&id=eq.1",
         R"([{"projects":[{"tasks":[{"id":2}]},{"tasks":[{"id":4}]}]}])"},
        {"a path", "tasks", "select=users(name)&users.data->level=gt.1&id=eq.2",
         R"([{"users":[{"name":"Ann"}]}])"},
        {"order", "clients", "select=projects(id)&projects.order=cost.desc&id=eq.1",
         R"([{"projects":[{"id":1},{"id":2}]}])"},
        {"order of what is embedded by what it embeds", "projects",
         "select=tasks(id,parent_id(title))&tasks.order=parent_id(title).nullsfirst,id.desc&id=eq."
         "1",
         R"([{"tasks":[{"id":1,"parent_id":null},{"id":3,"parent_id":{"title":"plan"}},{"id":2,"parent_id":{"title":"plan"}}]}])"},
        {"limit counts for each parent", "clients",
         "select=projects(id)&projects.limit=1&projects.order=id.desc",
         R"([{"projects":[{"id":2}]},
 {"projects":[{"id":3}]},
 {"projects":[]}])"},
        {"offset", "clients", "select=projects(id)&projects.offset=1&id=lt.3",
         R"([{"projects":[{"id":2}]},
 {"projects":[]}])"},
        {"limit through a junction", "users",
         "select=tasks(id)&tasks.limit=1&tasks.offset=1&id=lt.3",
         R"([{"tasks":[{"id":2}]},
 {"tasks":[{"id":5}]}])"},
        {"no rows", "clients", "select=projects(id)&projects.limit=0&id=eq.1",
         R"([{"projects":[]}])"},
    };
    for (const Case& c : cases) EXPECT_EQ(answer(c.table, c.url), c.expected) << c.why;
}

TEST_F(EmbeddedFilters, ChooseParents) {
    const Case cases[] = {
        {"inner", "clients", "select=id,projects!inner(id)&projects.cost=gt.50",
         R"([{"id":2,"projects":[{"id":3}]}])"},
        {"left is the default", "clients", "select=id,projects!left(id)&id=eq.3",
         R"([{"id":3,"projects":[]}])"},
        {"inner to one", "projects", "select=id,clients!inner()&clients.name=eq.Bolt",
         R"([{"id":3}])"},
        {"inner with a hint", "orders", "select=id,addresses!orders_shipping_fkey!inner(city)",
         R"([{"id":1,"addresses":{"city":"Bern"}}])"},
        {"inner inside of inner", "clients",
         "select=id,projects!inner(id,tasks!inner(id))&projects.tasks.title=eq.hang",
         R"([{"id":2,"projects":[{"id":3,"tasks":[{"id":5}]}]}])"},
        {"inner of inner only in its parent", "clients",
         "select=id,projects(id,tasks!inner(id))&projects.tasks.title=eq.hang&id=lt.3",
         R"([{"id":1,"projects":[]},
 {"id":2,"projects":[{"id":3,"tasks":[{"id":5}]}]}])"},
        {"inner through a junction", "users", "select=id,tasks!inner()&tasks.title=eq.hang",
         R"([{"id":2}])"},
        {"none", "clients", "select=id,projects()&projects=is.null", R"([{"id":3}])"},
        {"some", "clients", "select=id,projects()&projects=not.is.null&projects.id=gt.2",
         R"([{"id":2}])"},
        {"some, the other way", "clients",
         "select=id,projects()&projects=is.not_null&projects.id=eq.1", R"([{"id":1}])"},
        {"no parent", "projects", "select=id,clients()&clients=is.null", R"([{"id":4}])"},
        {"in a tree", "projects",
         "select=id,clients(),budgets()&or=(clients.is.null,budgets.is.null)",
         R"([{"id":2},
 {"id":4}])"},
        {"a column that a relation is called by stays a column", "projects",
         "select=id,client_id(name)&client_id=eq.2", R"([{"id":3,"client_id":{"name":"Bolt"}}])"},
        {"order by a relation", "projects",
         "select=id,clients(name)&order=clients(name).desc,id.desc",
         R"([{"id":4,"clients":null},
 {"id":3,"clients":{"name":"Bolt"}},
 {"id":2,"clients":{"name":"Acme"}},
 {"id":1,"clients":{"name":"Acme"}}])"},
        {"order by a number of a relation", "projects",
         "select=id,b:budgets()&order=b(amount)&id=lt.4",
         R"([{"id":3},
 {"id":1},
 {"id":2}])"},
        {"an offset counts", "clients", "select=id,projects!inner(id)&projects.offset=1",
         R"([{"id":1,"projects":[{"id":2}]}])"},
    };
    for (const Case& c : cases) EXPECT_EQ(answer(c.table, c.url), c.expected) << c.why;
}

TEST_F(EmbeddedFilters, CountForTheTotal) {
    const auto total = [&](std::string_view url) {
        const auto plan = plan_read(*schema.find("public", "clients"), *parse_url(url), context());
        return *count_rows(*plan, {}, [&](const SqlText& text) {
            return database.run(text.sql, text.parameters);
        });
    };
    EXPECT_EQ(total("select=*,projects(*)&limit=1"), 3u);
    EXPECT_EQ(total("select=*,projects!inner(*)&limit=1"), 2u);
    EXPECT_EQ(total("select=*,projects(*)&projects=is.null"), 1u);
}

TEST_F(EmbeddedFilters, GivenRowsAreShownAsTheyAre) {
    const Table& projects = *schema.find("public", "projects");
    const std::vector<Row> given = {
        {Value(std::int64_t{9}), Value("New"), Value(std::int64_t{2}), Value("7.50")},
        {Value(std::int64_t{1}), Value("Gone"), Value(), Value("30.00")}};
    const auto written = [&](std::string_view url, RowSource source = RowSource::Written) {
        return answer_to(database, projects, url, context(source), given);
    };
    EXPECT_EQ(written("id=eq.77&limit=0"),
              R"([{"id":9,"name":"New","client_id":2,"cost":7.50},
 {"id":1,"name":"Gone","client_id":null,"cost":30.00}])")
        << "the filters of a write are not applied to what it wrote";
    EXPECT_EQ(written("select=n:name,cost::text&order=cost.desc"),
              R"([{"n":"Gone","cost":"30.00"},
 {"n":"New","cost":"7.50"}])");
    EXPECT_EQ(written("select=name,clients(name),tasks(id)"),
              R"([{"name":"New","clients":{"name":"Bolt"},"tasks":[]},
 {"name":"Gone","clients":null,"tasks":[{"id":1},{"id":2},{"id":3}]}])");
    EXPECT_EQ(written("select=name,clients!inner()"), R"([{"name":"New"}])");
    EXPECT_EQ(written("select=name&cost=gt.8", RowSource::Returned), R"([{"name":"Gone"}])");
    EXPECT_EQ(written("select=name&order=name&limit=1&offset=1", RowSource::Returned),
              R"([{"name":"New"}])");
}

TEST_F(EmbeddedFilters, AreBounded) {
    std::string wide = "select=id", deep = "select=", path = "x";
    for (std::size_t i = 0; i <= limits::embeds_max; ++i) wide += ",projects(id)";
    for (std::size_t i = 0; i <= limits::embed_depth_max; ++i) deep += "tasks(";
    deep += std::string(limits::embed_depth_max + 1, ')');
    for (std::size_t i = 0; i <= limits::embed_depth_max; ++i) path += ".x";
    EXPECT_EQ(answer("clients", wide), "54000 a request embeds at most 64 relations");
    EXPECT_EQ(answer("tasks", deep), "54000 relations are embedded at most 8 levels deep");
    EXPECT_EQ(answer("tasks", path + ".limit=1"),
              "54000 relations are embedded at most 8 levels deep");
    EXPECT_EQ(answer("tasks", path + "=eq.1"),
              "54000 relations are embedded at most 8 levels deep");
    std::string fan = "select=id,projects(id)";
    for (std::size_t i = 0; i < limits::filters_max; ++i) fan += "&projects=is.null";
    EXPECT_EQ(answer("clients", fan), R"([{"id":3,"projects":[]}])");
}

}  // namespace dunlin::query
