#include "server/change_groups.h"

#include <gtest/gtest.h>

namespace dunlin::server {

namespace {

Schema clinic() {
    Schema schema;
    const auto add = [&](const char* schema_name, const char* name, RelationKind kind) {
        Table table;
        table.schema = schema_name;
        table.name = name;
        table.kind = kind;
        schema.tables.emplace(std::pair(schema_name, name), std::move(table));
    };
    add("public", "payments", RelationKind::Table);
    add("public", "patient_bills", RelationKind::Table);
    add("archive", "payments", RelationKind::Table);
    add("public", "open_bills", RelationKind::View);
    return schema;
}

TEST(ChangeGroups, AreCheckedAgainstTheSchema) {
    struct Case {
        const char* why;
        std::vector<std::string> tables;
        const char* message;  // "" when accepted
        const char* hint;
    };
    const Case cases[] = {
        {"tables of two schemas", {"patient_bills", "archive.payments", "payments"}, "", ""},
        {"a typing error",
         {"patient_bills", "paymnts"},
         R"(f:2:11: groups.billing: table "paymnts": there is no such table)",
         "Perhaps you meant payments."},
        {"another schema",
         {"archive.patient_bills"},
         R"(f:2:11: groups.billing: table "archive.patient_bills": there is no such table)",
         ""},
        {"a view",
         {"open_bills"},
         R"(f:2:11: groups.billing: table "open_bills": only tables have changes to follow)",
         ""},
        {"twice",
         {"payments", "public.payments"},
         R"(f:2:11: groups.billing: table "public.payments": it is listed twice)",
         ""},
    };
    const Schema schema = clinic();
    for (const Case& c : cases) {
        const auto groups =
            resolve_change_groups(schema, {{"billing", {.tables = c.tables, .where = "f:2:11"}}});
        EXPECT_EQ(groups ? "" : groups.error().message, c.message) << c.why;
        EXPECT_EQ(groups ? "" : groups.error().hint, c.hint) << c.why;
        if (groups) EXPECT_EQ(groups->at("billing").size(), c.tables.size()) << c.why;
    }
}

}  // namespace

}  // namespace dunlin::server
