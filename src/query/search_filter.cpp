#include <fmt/format.h>

#include "query/sql_builder.h"

/// Filters on ranges and full-text searches; docs/formats/types.md says what they call.
namespace dunlin::query {

namespace {

struct RangeOperator {
    std::string_view function;
    std::string_view pg_operator;
    bool reversed = false;  // the value comes first
};

RangeOperator range_operator(FilterOperator op) {
    switch (op) {
        case FilterOperator::RangeStrictlyRight:
            return {"pg_range_strictly_right", ">>"};
        case FilterOperator::RangeStrictlyLeft:
            return {"pg_range_strictly_left", "<<"};
        case FilterOperator::RangeNotRight:
            return {"pg_range_not_right", "&<"};
        case FilterOperator::RangeNotLeft:
            return {"pg_range_not_left", "&>"};
        case FilterOperator::Contains:
            return {"pg_range_contains", "@>"};
        case FilterOperator::ContainedBy:
            return {"pg_range_contains", "<@", true};
        case FilterOperator::Overlaps:
            return {"pg_range_overlap", "&&"};
        default:
            return {"pg_range_adjacent", "-|-"};
    }
}

std::string_view search_kind(FilterOperator op) {
    switch (op) {
        case FilterOperator::Plfts:
            return "plain";
        case FilterOperator::Phfts:
            return "phrase";
        case FilterOperator::Wfts:
            return "web";
        default:
            return "tsquery";
    }
}

/// The function that searches values of a type; "" for a type that has no words.
std::string_view search_function(const Type& type) {
    if (type.array) return "";
    switch (type.kind) {
        case TypeKind::TsVector:
            return "pg_fts_match_vector";
        case TypeKind::Json:
        case TypeKind::Jsonb:
            return "pg_fts_match_json";
        case TypeKind::Text:
        case TypeKind::Varchar:
        case TypeKind::Char:
            return "pg_fts_match";
        default:
            return "";
    }
}

}  // namespace

Result<std::string> range_filter(const FieldExpression& field, const Filter& filter,
                                 Parameters& parameters) {
    const RangeOperator op = range_operator(filter.op);
    if (field.type.array || !is_range(field.type.kind))
        return std::unexpected(no_operator(field.type, op.pg_operator));
    auto value = read_value(field.type, filter.value);
    if (!value) return std::unexpected(value.error());
    const std::string given = parameters.add(std::move(*value));
    return op.reversed ? fmt::format("{}({}, {})", op.function, given, field.sql)
                       : fmt::format("{}({}, {})", op.function, field.sql, given);
}

Result<std::string> search_filter(const FieldExpression& field, const Filter& filter,
                                  Parameters& parameters) {
    const std::string_view function = search_function(field.type);
    if (function.empty()) {
        return std::unexpected(sql_error(
            "42883",
            fmt::format("function to_tsvector({}) does not exist", sql_type_name(field.type)), "",
            "No function matches the given name and argument types. You might need to "
            "add explicit type casts."));
    }
    auto wanted = read_value(Type{TypeKind::Text}, filter.value);
    auto config =
        read_value(Type{TypeKind::Text}, filter.config.empty() ? "english" : filter.config);
    if (!wanted) return std::unexpected(wanted.error());
    if (!config) return std::unexpected(config.error());
    return fmt::format("{}({}, {}, '{}', {})", function, field.sql,
                       parameters.add(std::move(*wanted)), search_kind(filter.op),
                       parameters.add(std::move(*config)));
}

}  // namespace dunlin::query
