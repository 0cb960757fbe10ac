#include "sql/special_operators.h"

#include "core/functions/type_spec.h"

namespace dunlin::sql {

namespace {

struct RangeOperator {
    std::string_view name;
    std::string_view function;
    bool gives_range = false;
};

constexpr RangeOperator range_operators[] = {
    {"@>", "pg_range_contains"},       {"<@", "pg_range_contains"},
    {"&&", "pg_range_overlap"},        {"<<", "pg_range_strictly_left"},
    {">>", "pg_range_strictly_right"}, {"&<", "pg_range_not_right"},
    {"&>", "pg_range_not_left"},       {"-|-", "pg_range_adjacent"},
    {"+", "pg_range_union", true},     {"*", "pg_range_intersect", true},
    {"-", "pg_range_subtract", true},
};

struct RangeQuestion {
    std::string_view name;
    std::string_view function;
};

constexpr RangeQuestion range_questions[] = {
    {"isempty", "pg_range_is_empty"},          {"lower_inc", "pg_range_lower_inclusive"},
    {"upper_inc", "pg_range_upper_inclusive"}, {"lower_inf", "pg_range_lower_infinite"},
    {"upper_inf", "pg_range_upper_infinite"},
};

Type element_of(const Type& range) {
    return {.kind = range_element(range.kind)};
}

Expression spec_of(const Type& type) {
    return make_literal(Value(functions::type_spec(type)), text_type());
}

/// `range @> element`, which is exactly of the range's element type.
std::optional<Expression> contains_element(const Expression& range, const Expression& element) {
    if (!is_scalar(element.type, range_element(range.type.kind))) return std::nullopt;
    return make_call("pg_range_contains_element", bool_type(), {range, element});
}

/// int4range(1, 5), int4range(1, 5, '[]').
std::optional<Parsed<Expression>> constructor(const Type& range,
                                              const std::vector<Expression>& given, int location) {
    std::vector<Expression> arguments = {spec_of(range)};
    for (std::size_t i = 0; i < given.size(); ++i) {
        auto typed = coerce(given[i], i < 2 ? element_of(range) : text_type());
        if (!typed && is_unknown(given[i])) return refuse(location, typed.error());
        if (!typed) return std::nullopt;
        arguments.push_back(std::move(*typed));
    }
    return make_call("pg_range_make", range, std::move(arguments));
}

}  // namespace

bool is_range(const Type& type) {
    return !type.array && dunlin::is_range(type.kind);
}

std::optional<Parsed<Expression>> range_operation(const std::string& name, const Expression& left,
                                                  const Expression& right, int location) {
    if (!is_range(left.type) && !is_range(right.type)) return std::nullopt;
    const bool flipped = name == "<@";
    if (name == "@>" && is_range(left.type) && !is_range(right.type) && !is_unknown(right)) {
        if (auto done = contains_element(left, right)) return std::move(*done);
    }
    if (flipped && is_range(right.type) && !is_range(left.type) && !is_unknown(left)) {
        if (auto done = contains_element(right, left)) return std::move(*done);
    }
    const Type range = is_range(left.type) ? left.type : right.type;
    auto first = coerce(left, range), second = coerce(right, range);
    if (!first && is_unknown(left)) return refuse(location, first.error());
    if (!second && is_unknown(right)) return refuse(location, second.error());
    for (const RangeOperator& entry : range_operators) {
        if (entry.name != name || !first || !second) continue;
        std::vector<Expression> arguments = {std::move(*first), std::move(*second)};
        if (flipped) std::swap(arguments[0], arguments[1]);
        return make_call(std::string(entry.function), entry.gives_range ? range : bool_type(),
                         std::move(arguments));
    }
    return no_operator(name, left, right, location);
}

std::optional<Parsed<Expression>> range_function(const std::string& name,
                                                 const std::vector<Expression>& arguments,
                                                 int location) {
    Type named;
    if (type_kind_from_name(name, named.kind) && is_range(named) && arguments.size() > 1 &&
        arguments.size() < 4) {
        return constructor(named, arguments, location);
    }
    if (arguments.empty() || !is_range(arguments[0].type)) return std::nullopt;
    const Type& range = arguments[0].type;
    if (arguments.size() == 1 && (name == "lower" || name == "upper")) {
        return make_call(name == "lower" ? "pg_range_lower" : "pg_range_upper", element_of(range),
                         {arguments[0], spec_of(element_of(range))});
    }
    for (const RangeQuestion& question : range_questions) {
        if (question.name == name && arguments.size() == 1)
            return make_call(std::string(question.function), bool_type(), arguments);
    }
    if (name != "range_merge" || arguments.size() != 2) return std::nullopt;
    auto other = coerce(arguments[1], range);
    if (!other) return refuse(location, other.error());
    return make_call("pg_range_merge", range, {arguments[0], std::move(*other)});
}

}  // namespace dunlin::sql
