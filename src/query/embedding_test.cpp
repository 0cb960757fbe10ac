#include <gtest/gtest.h>

#include "query/embedding_fixture.h"

namespace dunlin::query {

namespace {

class Embedding : public ::testing::Test {
protected:
    Embedding() {
        for (const std::string& sql : studio_statements()) EXPECT_TRUE(database.run(sql)) << sql;
    }

    std::string answer(std::string_view table, std::string_view url, bool aggregates = false) {
        return answer_to(database, *schema.find("public", table), url,
                         {relationships, unrestricted, RowSource::Stored, 1000, aggregates});
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

TEST_F(Embedding, JoinsWhatBelongsTogether) {
    const Case cases[] = {
        {"to one", "projects", "select=name,clients(name)&id=gte.3",
         R"([{"name":"Door","clients":{"name":"Bolt"}},
 {"name":"Idle","clients":null}])"},
        {"to many", "clients", "select=name,projects(id)",
         R"([{"name":"Acme","projects":[{"id":1},{"id":2}]},
 {"name":"Bolt","projects":[{"id":3}]},
 {"name":"Cork","projects":[]}])"},
        {"every column of both", "budgets", "select=*,projects(*)&project_id=eq.1",
         R"([{"project_id":1,"amount":1000.00,"projects":{"id":1,"name":"Roof","client_id":1,"cost":10.50}}])"},
        {"one to one gives an object", "projects", "select=id,budgets(amount)&id=lt.3",
         R"([{"id":1,"budgets":{"amount":1000.00}},
 {"id":2,"budgets":null}])"},
        {"through a junction", "users", "select=name,tasks(title)",
         R"([{"name":"Ann","tasks":[{"title":"plan"},{"title":"build"}]},
 {"name":"Bob","tasks":[{"title":"build"},{"title":"hang"}]},
 {"name":"Cid","tasks":[]}])"},
        {"the junction's other side", "tasks", "select=id,users(name)&id=eq.2",
         R"([{"id":2,"users":[{"name":"Ann"},{"name":"Bob"}]}])"},
        {"by hint of the junction", "users", "select=tasks!users_tasks(id)&id=eq.2",
         R"([{"tasks":[{"id":2},{"id":5}]}])"},
        {"alias", "projects", "select=boss:clients(who:name)&id=eq.1",
         R"([{"boss":{"who":"Acme"}}])"},
        {"by foreign key", "projects", "select=projects_client_id_fkey(name)&id=eq.1",
         R"([{"projects_client_id_fkey":{"name":"Acme"}}])"},
        {"by column", "projects", "select=c:client_id(name),client_id&id=eq.1",
         R"([{"c":{"name":"Acme"},"client_id":1}])"},
        {"hints tell apart", "orders",
         "select=b:addresses!orders_billing_fkey(city),s:addresses!shipping_id(city)",
         R"([{"b":{"city":"Ulm"},"s":{"city":"Bern"}},
 {"b":{"city":"Bern"},"s":null}])"},
        {"itself: children by the table's name", "tasks", "select=id,tasks(id)&id=lt.3",
         R"([{"id":1,"tasks":[{"id":2},{"id":3}]},
 {"id":2,"tasks":[]}])"},
        {"itself: the parent by the column", "tasks", "select=id,parent_id(id)&id=in.(1,2)",
         R"([{"id":1,"parent_id":null},
 {"id":2,"parent_id":{"id":1}}])"},
        {"itself: children by hint", "tasks", "select=sub:tasks!parent_id(id)&id=eq.1",
         R"([{"sub":[{"id":2},{"id":3}]}])"},
        {"nested", "clients", "select=name,projects(name,tasks(id,users(name)))&id=eq.2",
         R"([{"name":"Bolt","projects":[{"name":"Door","tasks":[{"id":5,"users":[{"name":"Bob"}]}]}]}])"},
        {"a view inherits the keys of its columns", "open_tasks",
         "select=id,projects(name)&id=gt.4", R"([{"id":5,"projects":{"name":"Door"}}])"},
        {"to a view", "projects", "select=id,open_tasks(id)&id=eq.1",
         R"([{"id":1,"open_tasks":[{"id":2}]}])"},
        {"nothing selected", "projects", "select=id,clients()&id=eq.1", R"([{"id":1}])"},
        {"nothing inside of nothing", "projects", "select=id,clients(projects())&id=eq.1",
         R"([{"id":1}])"},
        {"paths and casts", "tasks", "select=users(data->level,v:data->>vip,id::text)&id=eq.1",
         R"([{"users":[{"level":3,"v":"true","id":"1"}]}])"},
        {"the same relation twice", "clients",
         "select=a:projects(id),b:projects(name)&a.id=eq.1&b.id=eq.2&id=eq.1",
         R"([{"a":[{"id":1}],"b":[{"name":"Wall"}]}])"},
    };
    for (const Case& c : cases) EXPECT_EQ(answer(c.table, c.url), c.expected) << c.why;
}

TEST_F(Embedding, Spreads) {
    const Case cases[] = {
        {"to one lifts columns", "projects", "select=id,...clients(client:name)&id=gte.3",
         R"([{"id":3,"client":"Bolt"},
 {"id":4,"client":null}])"},
        {"through two", "tasks", "select=id,...projects(name,...clients(client:name))&id=eq.5",
         R"([{"id":5,"name":"Door","client":"Bolt"}])"},
        {"inside a relation", "users", "select=t:users_tasks(role,...tasks(title))&id=eq.2",
         R"([{"t":[{"role":"lead","title":"build"},{"role":"lead","title":"hang"}]}])"},
        {"to many gives arrays", "clients", "select=name,...projects(ids:id,cost)",
         R"([{"name":"Acme","ids":[1,2],"cost":[10.50,9.00]},
 {"name":"Bolt","ids":[3],"cost":[100.00]},
 {"name":"Cork","ids":[],"cost":[]}])"},
        {"arrays in their order", "clients",
         "select=...projects(id)&projects.order=id.desc&id=eq.1", R"([{"id":[2,1]}])"},
        {"a relation inside of what is spread", "tasks",
         "select=...projects(clients(name))&id=eq.1", R"([{"clients":{"name":"Acme"}}])"},
    };
    for (const Case& c : cases) EXPECT_EQ(answer(c.table, c.url), c.expected) << c.why;
}

TEST_F(Embedding, RefusesWithPostgrestsWords) {
    const Case cases[] = {
        {"no relationship", "clients", "select=secrets(*)",
         "PGRST200 Could not find a relationship between 'clients' and 'secrets' in the schema "
         "cache "
         "[Searched for a foreign key relationship between 'clients' and 'secrets' in the schema "
         "'public', but no matches were found.] [Perhaps you meant 'projects' instead of "
         "'secrets'.]"},
        {"a slip", "clients", "select=project(*)",
         "PGRST200 Could not find a relationship between 'clients' and 'project' in the schema "
         "cache "
         "[Searched for a foreign key relationship between 'clients' and 'project' in the schema "
         "'public', but no matches were found.] [Perhaps you meant 'projects' instead of "
         "'project'.]"},
        {"a wrong hint", "clients", "select=projects!boss(*)",
         "PGRST200 Could not find a relationship between 'clients' and 'projects' in the schema "
         "cache "
         "[Searched for a foreign key relationship between 'clients' and 'projects' using the hint "
         "'boss' in the schema 'public', but no matches were found.]"},
        {"two ways", "orders", "select=addresses(*)",
         "PGRST201 Could not embed because more than one relationship was found for 'orders' and "
         "'addresses' "
         R"x([[{"cardinality":"many-to-one","embedding":"orders with addresses",)x"
         R"x("relationship":"orders_billing_fkey using orders(billing_id) and addresses(id)"},)x"
         R"x({"cardinality":"many-to-one","embedding":"orders with addresses",)x"
         R"x("relationship":"orders_shipping_fkey using orders(shipping_id) and addresses(id)"}]] )x"
         "[Try changing 'addresses' to one of the following: 'addresses!orders_billing_fkey', "
         "'addresses!orders_shipping_fkey'. Find the desired relationship in the 'details' key.]"},
        {"filter on what is not there", "clients", "select=id&projects.id=eq.1",
         "PGRST108 'projects' is not an embedded resource in this request [Verify that 'projects' "
         "is "
         "included in the 'select' query parameter.]"},
        {"before the relation is looked up", "clients", "select=secrets(*)&x.limit=1",
         "PGRST108 'x' is not an embedded resource in this request [Verify that 'x' is included in "
         "the 'select' query parameter.]"},
        {"an unknown column of a relation", "clients", "select=projects(nope)",
         "42703 column projects.nope does not exist"},
        {"order by rows of many", "clients", "select=projects(id)&order=projects(id)",
         "PGRST118 A related order on 'projects' is not possible ['clients' and 'projects' do not "
         "form a many-to-one or one-to-one relationship]"},
        {"order by what is not there", "projects", "select=id&order=clients(name)",
         "PGRST108 'clients' is not an embedded resource in this request [Verify that 'clients' is "
         "included in the 'select' query parameter.]"},
        {"a comparison with a relation", "clients", "select=projects(id)&projects=eq.1",
         "PGRST120 Bad operator on the 'projects' embedded resource [Only is null or not is null "
         "filters are allowed on embedded resources]"},
    };
    for (const Case& c : cases) EXPECT_EQ(answer(c.table, c.url), c.expected) << c.why;
}

TEST_F(Embedding, HidesColumnsAlsoInRelations) {
    Schema narrow = schema;
    narrow.tables.at({"public", "projects"}).columns[3].hidden = true;
    narrow.tables.at({"public", "orders"}).columns[1].hidden = true;
    const Relationships seen(narrow);
    const auto ask = [&](std::string_view table, std::string_view url) {
        return answer_to(database, *narrow.find("public", table), url,
                         {seen, unrestricted, RowSource::Stored, 1000, true});
    };
    EXPECT_EQ(ask("clients", "select=projects(*)&id=eq.2"),
              R"([{"projects":[{"id":3,"name":"Door","client_id":2}]}])");
    EXPECT_EQ(ask("clients", "select=projects(cost)"), "42703 column projects.cost does not exist");
    EXPECT_EQ(ask("clients", "select=projects(cost.sum())"),
              "42703 column projects.cost does not exist");
    EXPECT_EQ(ask("clients", "select=projects(id)&projects.cost=gt.1"),
              "42703 column projects.cost does not exist");
    EXPECT_EQ(ask("orders", "select=id,addresses(city)&id=eq.1"),
              R"([{"id":1,"addresses":{"city":"Bern"}}])")
        << "a key that is hidden leads nowhere";
}

TEST_F(Embedding, AsksThePoliciesOfEveryRelation) {
    const auto source_of = [](const Table& table,
                              std::string_view alias) -> Result<RelationSource> {
        RelationSource source{"\"" + table.name + "\""};
        if (table.name == "projects") source.condition = std::string(alias) + ".id <> 1";
        if (table.name == "users_tasks") source.condition = std::string(alias) + ".role = 'lead'";
        return source;
    };
    const auto ask = [&](std::string_view table, std::string_view url) {
        return answer_to(database, *schema.find("public", table), url,
                         {relationships, source_of, RowSource::Stored, 1000, true});
    };
    EXPECT_EQ(ask("clients", "select=projects(id)&id=eq.1"), R"([{"projects":[{"id":2}]}])");
    EXPECT_EQ(ask("tasks", "select=id,projects(id)&id=eq.1"), R"([{"id":1,"projects":null}])");
    EXPECT_EQ(ask("tasks", "select=id,projects!inner(id)"),
              R"([{"id":4,"projects":{"id":2}},
 {"id":5,"projects":{"id":3}}])");
    EXPECT_EQ(ask("users", "select=tasks(id)&id=eq.1"), R"([{"tasks":[{"id":1}]}])")
        << "the junction's rows as well";
    EXPECT_EQ(ask("tasks", "select=id&order=projects(name).desc&select=id,projects()&limit=2"),
              R"([{"id":1},
 {"id":2}])")
        << "what is hidden is null in an order";
    EXPECT_EQ(ask("clients", "select=projects(count())&id=eq.1"),
              R"([{"projects":[{"count":1}]}])");
}

}  // namespace dunlin::query
