#include <fmt/format.h>

#include "core/functions/type_spec.h"
#include "query/read_fields.h"

namespace dunlin::query {

namespace {

bool is_integer(TypeKind kind) {
    return kind == TypeKind::Int2 || kind == TypeKind::Int4 || kind == TypeKind::Int8;
}

bool is_real(TypeKind kind) {
    return kind == TypeKind::Float4 || kind == TypeKind::Float8;
}

Error no_aggregate(const std::string& function, const Type& type) {
    return sql_error(
        "42883", fmt::format("function {}({}) does not exist", function, sql_type_name(type)), "",
        "No function matches the given name and argument types. You might need to add "
        "explicit type casts.");
}

Error not_carried(const std::string& function, const Type& type) {
    return sql_error("0A000",
                     fmt::format("{} of {} is not supported", function, sql_type_name(type)));
}

/// Sums and averages are worked out by our own functions: exact for numeric, and adding doubles in
/// the order of the rows, as PostgreSQL does.
Result<AggregateSql> sum_or_avg(const std::string& function, const std::string& argument,
                                const Type& type) {
    if (!type.array && type.kind == TypeKind::Interval)
        return std::unexpected(not_carried(function, type));
    const bool numeric = type.kind == TypeKind::Numeric;
    if (type.array || !(is_integer(type.kind) || is_real(type.kind) || numeric))
        return std::unexpected(no_aggregate(function, type));
    Type result{TypeKind::Numeric};
    if (is_real(type.kind)) result.kind = TypeKind::Float8;
    if (function == "sum" && type.kind == TypeKind::Float4) result.kind = TypeKind::Float4;
    if (function == "sum" && (type.kind == TypeKind::Int2 || type.kind == TypeKind::Int4)) {
        result.kind = TypeKind::Int8;
        return AggregateSql{fmt::format("sum({})", argument), result};
    }
    return AggregateSql{fmt::format("pg_{}(json_group_array({}), '{}')", function, argument,
                                    functions::type_spec(Type{.kind = type.kind})),
                        result};
}

/// Labels are compared by their places.
std::string extreme_label(const std::string& function, const std::string& argument,
                          const Type& type) {
    std::string out = fmt::format("case {}({})", function, enum_rank_sql(type, argument));
    for (std::size_t i = 0; i < type.labels.size(); ++i) {
        out += fmt::format(" when {} then {}", i, quote_literal(type.labels[i]));
    }
    return out + " end";
}

Result<AggregateSql> extreme(const std::string& function, const std::string& argument,
                             const Type& type) {
    const TypeKind kind = type.kind;
    if (type.array) return std::unexpected(not_carried(function, type));
    if (kind == TypeKind::Bool || kind == TypeKind::Uuid || kind == TypeKind::Json ||
        kind == TypeKind::Jsonb || kind == TypeKind::Bytea) {
        return std::unexpected(no_aggregate(function, type));
    }
    if (kind == TypeKind::Enum) return AggregateSql{extreme_label(function, argument, type), type};
    const std::string_view collation = kind == TypeKind::Numeric ? " collate pg_numeric" : "";
    return AggregateSql{fmt::format("{}({}{})", function, argument, collation), type};
}

}  // namespace

Result<AggregateSql> aggregate_sql(const std::string& function, const std::string& argument,
                                   const Type& type) {
    if (function == "count")
        return AggregateSql{fmt::format("count({})", argument), Type{TypeKind::Int8}};
    if (function == "min" || function == "max") return extreme(function, argument, type);
    return sum_or_avg(function, argument, type);
}

}  // namespace dunlin::query
