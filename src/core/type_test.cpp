#include "core/type.h"

#include <gtest/gtest.h>

namespace dunlin {

TEST(Type, IsNamedAsPostgresNamesIt) {
    struct Case {
        const char* why;
        Type type;
        const char* pg_name;
        const char* sql_name;
    };
    const Case cases[] = {
        {"plain", {TypeKind::Int8}, "int8", "bigint"},
        {"array", {TypeKind::Text, true}, "_text", "text[]"},
        {"length", {TypeKind::Varchar, false, 5}, "varchar", "character varying(5)"},
        {"no length", {TypeKind::Varchar}, "varchar", "character varying"},
        {"blank padded", {TypeKind::Char, false, 3}, "bpchar", "character(3)"},
        {"precision and scale", {TypeKind::Numeric, false, 0, 10, 2}, "numeric", "numeric(10,2)"},
        {"precision alone", {TypeKind::Numeric, false, 0, 10}, "numeric", "numeric(10,0)"},
        {"zoned", {TypeKind::TimestampTz}, "timestamptz", "timestamp with time zone"},
        {"enum", {TypeKind::Enum, false, 0, -1, -1, "mood"}, "mood", "mood"},
        {"array of enum", {TypeKind::Enum, true, 0, -1, -1, "mood"}, "_mood", "mood[]"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(pg_type_name(c.type), c.pg_name) << c.why;
        EXPECT_EQ(sql_type_name(c.type), c.sql_name) << c.why;
    }
}

TEST(Type, IsFoundByTheNamesPostgresKnows) {
    struct Case {
        const char* name;
        TypeKind kind;
    };
    const Case cases[] = {
        {"int", TypeKind::Int4},        {"bigint", TypeKind::Int8},
        {"int8", TypeKind::Int8},       {"timestamptz", TypeKind::TimestampTz},
        {"varchar", TypeKind::Varchar}, {"character varying", TypeKind::Varchar},
        {"decimal", TypeKind::Numeric}, {"double precision", TypeKind::Float8},
        {"bpchar", TypeKind::Char},     {"jsonb", TypeKind::Jsonb},
    };
    for (const Case& c : cases) {
        TypeKind kind{};
        ASSERT_TRUE(type_kind_from_name(c.name, kind)) << c.name;
        EXPECT_EQ(kind, c.kind) << c.name;
    }
    TypeKind untouched = TypeKind::Uuid;
    EXPECT_FALSE(type_kind_from_name("geometry", untouched));
    EXPECT_EQ(untouched, TypeKind::Uuid);
}

}  // namespace dunlin
