#include <gtest/gtest.h>

#include "query/embedding_fixture.h"
#include "query/relationships.h"

namespace dunlin::query {

namespace {

/// `target cardinality constraint[ junction]` of every relationship.
std::string listed(const Relationships& relationships, const Table& source) {
    constexpr const char* names[] = {"n:1", "1:1", "1:n", "n:m"};
    std::string out;
    for (const Relationship& r : relationships.of(source)) {
        out += r.target->name + " " + names[static_cast<std::size_t>(r.cardinality)] + " " +
               r.constraint + (r.junction ? " " + r.junction->name : "") + "\n";
    }
    return out;
}

}  // namespace

TEST(RelationshipsTest, FollowsForeignKeysBothWays) {
    const Schema schema = studio_schema();
    const Relationships relationships(schema);
    const auto of = [&](const char* table) {
        return listed(relationships, *schema.find("public", table));
    };
    EXPECT_EQ(of("clients"), "projects 1:n projects_client_id_fkey\n");
    EXPECT_EQ(of("budgets"), "projects 1:1 budgets_project_id_fkey\n");
    EXPECT_EQ(of("projects"),
              "budgets 1:1 budgets_project_id_fkey\n"
              "clients n:1 projects_client_id_fkey\n"
              "open_tasks 1:n tasks_project_id_fkey\n"
              "tasks 1:n tasks_project_id_fkey\n");
    EXPECT_EQ(of("tasks"),
              "open_tasks n:1 tasks_parent_id_fkey\n"
              "projects n:1 tasks_project_id_fkey\n"
              "tasks 1:n tasks_parent_id_fkey\n"
              "tasks n:1 tasks_parent_id_fkey\n"
              "users n:m users_tasks_task_id_fkey users_tasks\n"
              "users_tasks 1:n users_tasks_task_id_fkey\n");
    EXPECT_EQ(of("open_tasks"),
              "projects n:1 tasks_project_id_fkey\n"
              "tasks 1:n tasks_parent_id_fkey\n"
              "users n:m users_tasks_task_id_fkey users_tasks\n"
              "users_tasks 1:n users_tasks_task_id_fkey\n");
    EXPECT_EQ(of("secrets"), "");
}

TEST(RelationshipsTest, AJunctionHasBothKeysInItsPrimaryKey) {
    Schema schema = studio_schema();
    Table& junction = schema.tables.at({"public", "users_tasks"});
    junction.columns.push_back({.name = "id", .type = {TypeKind::Int8}});
    junction.primary_key.columns = {3};
    const Relationships relationships(schema);
    EXPECT_EQ(listed(relationships, *schema.find("public", "users")),
              "users_tasks 1:n users_tasks_user_id_fkey\n");
}

TEST(RelationshipsTest, AUniqueKeyMakesOneToOne) {
    Schema schema = studio_schema();
    Table& projects = schema.tables.at({"public", "projects"});
    projects.unique_keys.push_back({"projects_client_id_key", {2}});
    const Relationships relationships(schema);
    EXPECT_EQ(listed(relationships, *schema.find("public", "clients")),
              "projects 1:1 projects_client_id_fkey\n");
}

}  // namespace dunlin::query
