#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dunlin {

/// The PostgreSQL types a column can have.
enum class TypeKind : std::uint8_t {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    Text,
    Varchar,  // length_max, 0 for none
    Char,     // bpchar: padded to length_max
    Uuid,
    Date,
    Time,
    Timestamp,
    TimestampTz,
    Interval,
    Json,
    Jsonb,
    Bytea,
    Enum,  // enum_name (with its schema when that is not public), labels in sort order
    Citext,
    Inet,
    Cidr,
    MacAddr,
    Int4Range,
    Int8Range,
    NumRange,
    DateRange,
    TsRange,
    TstzRange,
    TsVector,
    TsQuery,
};

/// The type of a column or expression. A domain is its base type plus the table's check constraint.
struct Type {
    TypeKind kind = TypeKind::Text;
    bool array = false;
    int length_max = 0;  // Varchar, Char: characters; 0 means unlimited
    int precision = -1;  // Numeric: total digits; -1 means any
    int scale = -1;      // Numeric: digits after the point; -1 means as given
    std::string enum_name{};
    std::vector<std::string> labels{};

    friend bool operator==(const Type&, const Type&) = default;
};

/// As in pg_type.typname: "int8", "timestamptz", "_text" for text[], the name of an enum.
std::string pg_type_name(const Type& type);

/// As format_type() prints it: "bigint", "timestamp with time zone", "text[]", "numeric(10,2)".
std::string sql_type_name(const Type& type);

/// Whether a scalar of this kind is a range.
bool is_range(TypeKind kind);
/// The kind of a range's bounds.
TypeKind range_element(TypeKind range);

/// The collation under which stored texts of this type compare as PostgreSQL compares the values,
/// "" for a type whose stored values compare as they are.
std::string_view collation_name(const Type& type);

/// The scalar type behind a name that PostgreSQL knows ("int", "bigint", "timestamptz", "varchar"),
/// or false when there is none.
bool type_kind_from_name(std::string_view name, TypeKind& kind);

}  // namespace dunlin
