#include "realtime/binding.h"

#include <gtest/gtest.h>

#include "realtime/shard_fixture.h"

namespace dunlin::realtime {

namespace {

using namespace test;

const TableGroups groups = {{"work", {{"public", "notes"}, {"public", "tasks"}}},
                            {"all", {{"public", "notes"}, {"hidden", "odd"}, {"public", "gone"}}}};

/// "notes tasks", or the end of the refusal.
std::string resolved(const Schema& schema, const BindingRequest& request) {
    const auto binding = resolve_binding(schema, groups, request);
    if (!binding) {
        const std::string& message = binding.error().message;
        return message.substr(message.rfind(']') + 1).empty()
                   ? message.substr(0, message.find(':'))
                   : message.substr(message.rfind(']') + 1);
    }
    std::string names;
    for (const Table* table : binding->tables) names += (names.empty() ? "" : " ") + table->name;
    return names;
}

TEST(Binding, AGroupStandsForItsTables) {
    struct Case {
        const char* why;
        BindingRequest request;
        const char* expected;
    };
    const Case cases[] = {
        {"its tables", {.event = "*", .table = "group:work"}, "notes tasks"},
        {"the schema is not looked at",
         {.event = "*", .schema = "hidden", .table = "group:work"},
         "notes tasks"},
        {"tables of other schemas; one that is gone is left out",
         {.event = "INSERT", .schema = "public", .table = "group:all"},
         "notes odd"},
        {"unknown", {.event = "*", .table = "group:wrok"}, ". There is no such group of tables."},
        {"no name", {.event = "*", .table = "group:"}, ". There is no such group of tables."},
        {"a filter needs one table",
         {.event = "*", .table = "group:work", .filter = "id=eq.1"},
         "Error parsing `filter` params"},
        {"so does a select",
         {.event = "*", .table = "group:work", .select = {"id"}},
         "Column selection is not supported for wildcard subscriptions"},
    };
    const auto rules = make_rules();
    for (const Case& c : cases) {
        EXPECT_EQ(resolved(rules->tables, c.request), c.expected) << c.why;
    }
}

TEST(Binding, AGroupLeavesOutWhatTheRoleMayNotRead) {
    Schema schema = make_rules()->tables;
    for (Column& column : schema.tables.at({"public", "tasks"}).columns) column.hidden = true;
    EXPECT_EQ(resolved(schema, {.event = "*", .table = "group:work"}), "notes");
}

}  // namespace

}  // namespace dunlin::realtime
