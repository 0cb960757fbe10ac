#include <fmt/format.h>

#include "query/sql_builder.h"

/// Filters on ranges; docs/formats/types.md says what they call.
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

}  // namespace dunlin::query
