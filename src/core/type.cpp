#include "core/type.h"

#include <fmt/format.h>

#include <array>

namespace dunlin {

namespace {

struct TypeNames {
    TypeKind kind;
    std::string_view pg_name;   // pg_type.typname
    std::string_view sql_name;  // format_type()
};

constexpr std::array scalar_types = {
    TypeNames{TypeKind::Bool, "bool", "boolean"},
    TypeNames{TypeKind::Int2, "int2", "smallint"},
    TypeNames{TypeKind::Int4, "int4", "integer"},
    TypeNames{TypeKind::Int8, "int8", "bigint"},
    TypeNames{TypeKind::Float4, "float4", "real"},
    TypeNames{TypeKind::Float8, "float8", "double precision"},
    TypeNames{TypeKind::Numeric, "numeric", "numeric"},
    TypeNames{TypeKind::Text, "text", "text"},
    TypeNames{TypeKind::Varchar, "varchar", "character varying"},
    TypeNames{TypeKind::Char, "bpchar", "character"},
    TypeNames{TypeKind::Uuid, "uuid", "uuid"},
    TypeNames{TypeKind::Date, "date", "date"},
    TypeNames{TypeKind::Time, "time", "time without time zone"},
    TypeNames{TypeKind::Timestamp, "timestamp", "timestamp without time zone"},
    TypeNames{TypeKind::TimestampTz, "timestamptz", "timestamp with time zone"},
    TypeNames{TypeKind::Interval, "interval", "interval"},
    TypeNames{TypeKind::Json, "json", "json"},
    TypeNames{TypeKind::Jsonb, "jsonb", "jsonb"},
    TypeNames{TypeKind::Bytea, "bytea", "bytea"},
    TypeNames{TypeKind::Citext, "citext", "citext"},
    TypeNames{TypeKind::Inet, "inet", "inet"},
    TypeNames{TypeKind::Cidr, "cidr", "cidr"},
    TypeNames{TypeKind::MacAddr, "macaddr", "macaddr"},
    TypeNames{TypeKind::Int4Range, "int4range", "int4range"},
    TypeNames{TypeKind::Int8Range, "int8range", "int8range"},
    TypeNames{TypeKind::NumRange, "numrange", "numrange"},
    TypeNames{TypeKind::DateRange, "daterange", "daterange"},
    TypeNames{TypeKind::TsRange, "tsrange", "tsrange"},
    TypeNames{TypeKind::TstzRange, "tstzrange", "tstzrange"},
    TypeNames{TypeKind::TsVector, "tsvector", "tsvector"},
    TypeNames{TypeKind::TsQuery, "tsquery", "tsquery"},
};

struct Synonym {
    std::string_view name;
    TypeKind kind;
};

constexpr std::array synonyms = {
    Synonym{"int", TypeKind::Int4},
    Synonym{"float", TypeKind::Float8},
    Synonym{"decimal", TypeKind::Numeric},
    Synonym{"dec", TypeKind::Numeric},
    Synonym{"char", TypeKind::Char},
    Synonym{"time", TypeKind::Time},
    Synonym{"timestamp", TypeKind::Timestamp},
};

const TypeNames* find_names(TypeKind kind) {
    for (const auto& names : scalar_types) {
        if (names.kind == kind) return &names;
    }
    return nullptr;  // an enum
}

std::string modifier(const Type& type) {
    const bool has_length = type.kind == TypeKind::Varchar || type.kind == TypeKind::Char;
    if (has_length && type.length_max > 0) return fmt::format("({})", type.length_max);
    if (type.kind != TypeKind::Numeric || type.precision < 0) return {};
    return fmt::format("({},{})", type.precision, type.scale < 0 ? 0 : type.scale);
}

}  // namespace

std::string pg_type_name(const Type& type) {
    const TypeNames* names = find_names(type.kind);
    const std::string name = names == nullptr ? type.enum_name : std::string(names->pg_name);
    return type.array ? "_" + name : name;
}

std::string sql_type_name(const Type& type) {
    const TypeNames* names = find_names(type.kind);
    std::string name = names == nullptr ? type.enum_name : std::string(names->sql_name);
    name += modifier(type);
    return type.array ? name + "[]" : name;
}

bool is_range(TypeKind kind) {
    return kind >= TypeKind::Int4Range && kind <= TypeKind::TstzRange;
}

TypeKind range_element(TypeKind range) {
    switch (range) {
        case TypeKind::Int4Range:
            return TypeKind::Int4;
        case TypeKind::Int8Range:
            return TypeKind::Int8;
        case TypeKind::DateRange:
            return TypeKind::Date;
        case TypeKind::TsRange:
            return TypeKind::Timestamp;
        case TypeKind::TstzRange:
            return TypeKind::TimestampTz;
        default:
            return TypeKind::Numeric;
    }
}

std::string_view collation_name(const Type& type) {
    if (type.array) return "";
    if (is_range(type.kind)) return "pg_range";
    switch (type.kind) {
        case TypeKind::Numeric:
            return "pg_numeric";
        case TypeKind::Char:
            return "rtrim";
        case TypeKind::Interval:
            return "pg_interval";
        case TypeKind::Citext:
            return "pg_citext";
        case TypeKind::Inet:
        case TypeKind::Cidr:
            return "pg_inet";
        default:
            return "";
    }
}

bool type_kind_from_name(std::string_view name, TypeKind& kind) {
    for (const auto& names : scalar_types) {
        if (name == names.pg_name || name == names.sql_name) {
            kind = names.kind;
            return true;
        }
    }
    for (const auto& synonym : synonyms) {
        if (name == synonym.name) {
            kind = synonym.kind;
            return true;
        }
    }
    return false;
}

}  // namespace dunlin
