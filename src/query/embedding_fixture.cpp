#include "query/embedding_fixture.h"

namespace dunlin::query {

namespace {

Column key() {
    return {.name = "id", .type = {TypeKind::Int8}, .not_null = true};
}

Column text(const char* name) {
    return {.name = name, .type = {TypeKind::Text}};
}

Column whole(const char* name) {
    return {.name = name, .type = {TypeKind::Int8}};
}

Column money(const char* name) {
    return {.name = name, .type = {.kind = TypeKind::Numeric, .precision = 10, .scale = 2}};
}

ForeignKey reference(const char* name, std::size_t column, const char* table) {
    return {.name = name,
            .columns = {column},
            .target_schema = "public",
            .target_table = table,
            .target_columns = {"id"}};
}

Table table(const char* name, std::vector<Column> columns, std::vector<ForeignKey> keys = {}) {
    Table made{.name = name};
    made.columns = std::move(columns);
    made.foreign_keys = std::move(keys);
    made.primary_key = {std::string(name) + "_pkey", {0}};
    return made;
}

Column shown(Column column, const char* base) {
    column.base_table = base;
    column.base_column = column.name;
    return column;
}

}  // namespace

Schema studio_schema() {
    Table budgets = table("budgets", {whole("project_id"), money("amount")},
                          {reference("budgets_project_id_fkey", 0, "projects")});
    Table users_tasks = table("users_tasks", {whole("user_id"), whole("task_id"), text("role")},
                              {reference("users_tasks_user_id_fkey", 0, "users"),
                               reference("users_tasks_task_id_fkey", 1, "tasks")});
    users_tasks.primary_key.columns = {0, 1};
    Table open_tasks{.name = "open_tasks", .kind = RelationKind::View};
    open_tasks.columns = {shown(key(), "tasks"), shown(text("title"), "tasks"),
                          shown(whole("project_id"), "tasks")};
    Schema schema;
    for (Table& made : std::vector<Table>{
             table("clients", {key(), text("name")}),
             table("projects", {key(), text("name"), whole("client_id"), money("cost")},
                   {reference("projects_client_id_fkey", 2, "clients")}),
             budgets,
             table("tasks",
                   {key(), text("title"), whole("project_id"), whole("parent_id"), whole("hours")},
                   {reference("tasks_project_id_fkey", 2, "projects"),
                    reference("tasks_parent_id_fkey", 3, "tasks")}),
             table("users", {key(), text("name"), {.name = "data", .type = {TypeKind::Jsonb}}}),
             users_tasks, table("addresses", {key(), text("city")}),
             table("orders", {key(), whole("billing_id"), whole("shipping_id")},
                   {reference("orders_billing_fkey", 1, "addresses"),
                    reference("orders_shipping_fkey", 2, "addresses")}),
             table("secrets", {key()}), open_tasks}) {
        schema.tables.emplace(std::pair{made.schema, made.name}, made);
    }
    return schema;
}

std::vector<std::string> studio_statements() {
    return {
        "create table clients (id integer primary key, name text) strict",
        "create table projects (id integer primary key, name text, client_id integer, "
        "cost text collate pg_numeric) strict",
        "create table budgets (project_id integer primary key, amount text collate pg_numeric) "
        "strict",
        "create table tasks (id integer primary key, title text, project_id integer, parent_id "
        "integer, hours integer) strict",
        "create table users (id integer primary key, name text, data text) strict",
        "create table users_tasks (user_id integer, task_id integer, role text, primary key "
        "(user_id, task_id)) strict",
        "create table addresses (id integer primary key, city text) strict",
        "create table orders (id integer primary key, billing_id integer, shipping_id integer) "
        "strict",
        "create table secrets (id integer primary key) strict",
        "create view open_tasks as select id, title, project_id from tasks where hours > 1",
        "insert into clients values (1, 'Acme'), (2, 'Bolt'), (3, 'Cork')",
        "insert into projects values (1, 'Roof', 1, '10.50'), (2, 'Wall', 1, '9.00'), "
        "(3, 'Door', 2, '100.00'), (4, 'Idle', null, null)",
        "insert into budgets values (1, '1000.00'), (3, '50.50')",
        "insert into tasks values (1, 'plan', 1, null, 1), (2, 'build', 1, 1, 5), (3, 'paint', 1, "
        "1, "
        "null), (4, 'plan', 2, null, 2), (5, 'hang', 3, null, 4)",
        R"(insert into users values (1, 'Ann', '{"level": 3, "vip": true}'), (2, 'Bob', null), (3, 'Cid', '{"level": 1}'))",
        "insert into users_tasks values (1, 1, 'lead'), (1, 2, 'help'), (2, 2, 'lead'), (2, 5, "
        "'lead')",
        "insert into addresses values (1, 'Ulm'), (2, 'Bern')",
        "insert into orders values (1, 1, 2), (2, 2, null)",
    };
}

}  // namespace dunlin::query
