// + - * / % on numbers, times and intervals, and || on text.
#include <fmt/format.h>

#include "sql/analyzer.h"

namespace dunlin::sql {

namespace {

std::string integer_function(std::string_view name) {
    if (name == "+") return "pg_add";
    if (name == "-") return "pg_sub";
    if (name == "*") return "pg_mul";
    if (name == "/") return "pg_div";
    return name == "%" ? "pg_mod" : "";
}

/// `&`, `|` and `#` of integers.
std::string bit_function(std::string_view name) {
    if (name == "&") return "pg_bit_and";
    if (name == "|") return "pg_bit_or";
    return name == "#" ? "pg_bit_xor" : "";
}

std::string numeric_function(std::string_view name) {
    const std::string function = integer_function(name);
    return function.empty() ? "" : "pg_numeric_" + function.substr(3);
}

std::string real_function(std::string_view name) {
    const std::string function = integer_function(name);
    return function.empty() || name == "%" ? "" : "pg_real_" + function.substr(3);
}

/// Bytes of the types whose results must fit into less than what SQLite computes with; 0 for
/// others.
std::int64_t narrow_bytes(const Type& type) {
    if (type.kind == TypeKind::Int2) return 2;
    return type.kind == TypeKind::Int4 || type.kind == TypeKind::Float4 ? 4 : 0;
}

bool is_time(const Type& type) {
    return is_instant(type) || is_scalar(type, TypeKind::Date);
}

/// An interval with a number, or with another.
std::optional<Expression> interval_arithmetic(const std::string& name, const Expression& left,
                                              const Expression& right) {
    const Type interval{.kind = TypeKind::Interval}, real{.kind = TypeKind::Float8};
    const bool left_is = is_scalar(left.type, interval.kind);
    const bool right_is = is_scalar(right.type, interval.kind);
    if (left_is && right_is && (name == "+" || name == "-")) {
        return make_call(name == "+" ? "pg_interval_add" : "pg_interval_sub", interval,
                         {left, right});
    }
    const bool scales = (name == "*" && left_is != right_is) || (name == "/" && left_is);
    const auto factor = scales ? coerce(left_is ? right : left, real)
                               : Result<Expression>(std::unexpected(Error{}));
    if (!factor) return std::nullopt;
    return make_call(name == "*" ? "pg_interval_mul" : "pg_interval_div", interval,
                     {left_is ? left : right, *factor});
}

/// A time and an interval, or two times.
std::optional<Expression> time_arithmetic(const std::string& name, const Expression& left,
                                          const Expression& right) {
    const Type interval{.kind = TypeKind::Interval};
    const auto is_interval = [](const Expression& e) {
        return is_scalar(e.type, TypeKind::Interval);
    };
    // Nothing for a date that is no timestamp.
    const auto as_instant = [](const Expression& e) {
        const bool date = e.type.kind == TypeKind::Date;
        return cast(e, date ? Type{.kind = TypeKind::Timestamp} : e.type);
    };
    const bool adds = name == "+";
    if (!adds && name != "-") return std::nullopt;
    if (is_scalar(left.type, TypeKind::Time) && is_interval(right)) {
        return make_call(adds ? "pg_time_of_day_add" : "pg_time_of_day_sub", left.type,
                         {left, right});
    }
    if (is_time(left.type) && is_interval(right)) {
        const auto from = as_instant(left);
        if (!from) return std::nullopt;
        return make_call(adds ? "pg_time_add" : "pg_time_sub", from->type, {*from, right});
    }
    if (adds && is_interval(left) && is_time(right.type)) {
        const auto to = as_instant(right);
        if (!to) return std::nullopt;
        return make_call("pg_time_add", to->type, {*to, left});
    }
    if (!adds && is_time(left.type) && is_time(right.type) &&
        (is_instant(left.type) || is_instant(right.type))) {
        const auto from = as_instant(right);
        const auto to = as_instant(left);
        if (!from || !to) return std::nullopt;
        return make_call("pg_time_difference", interval, {*to, *from});
    }
    const std::string function = integer_function(name);
    if (left.type.kind == TypeKind::Date && is_integer(right.type))
        return make_call(function, left.type, {left, right});
    if (adds && right.type.kind == TypeKind::Date && is_integer(left.type)) {
        return make_call(function, right.type, {left, right});
    }
    if (!adds && left.type.kind == TypeKind::Date && right.type.kind == TypeKind::Date) {
        return make_call(function, {.kind = TypeKind::Int4}, {left, right});
    }
    return std::nullopt;
}

Parsed<Expression> concatenation(Expression left, Expression right, int location) {
    if (!is_text(left.type) && !is_text(right.type))
        return no_operator("||", left, right, location);
    auto left_text = cast(std::move(left), text_type());
    auto right_text = cast(std::move(right), text_type());
    if (!left_text) return refuse(location, left_text.error());
    if (!right_text) return refuse(location, right_text.error());
    return make_call("pg_concat", text_type(), {std::move(*left_text), std::move(*right_text)});
}

}  // namespace

Parsed<Expression> Analyzer::arithmetic(const std::string& name, Expression left, Expression right,
                                        int location) {
    if (name == "||") return concatenation(std::move(left), std::move(right), location);
    if (is_unknown(right) && is_time(left.type)) {
        // As PostgreSQL has it: `-` takes a literal for the same type, `+` for an interval.
        auto typed =
            coerce(std::move(right), name == "-" ? left.type : Type{.kind = TypeKind::Interval});
        if (!typed) return refuse(location, typed.error());
        right = std::move(*typed);
    }
    if (auto done = interval_arithmetic(name, left, right)) return std::move(*done);
    if (auto done = time_arithmetic(name, left, right)) return std::move(*done);
    const bool open = is_unknown(left) && is_unknown(right);
    const auto unified = unify(left, right);
    if (!unified) return refuse(location, unified.error());
    if (open || !*unified || !is_number(left.type)) return no_operator(name, left, right, location);
    const Type type = left.type;
    if (name == "^") {
        if (is_scalar(type, TypeKind::Numeric))
            return not_carried(location, "^ of numeric", "Cast to double precision.");
        const Type real{.kind = TypeKind::Float8};
        auto base = coerce(std::move(left), real);
        auto exponent = coerce(std::move(right), real);
        if (!base || !exponent) return no_operator(name, left, right, location);
        return make_call("pg_power", real, {std::move(*base), std::move(*exponent)});
    }
    if (is_integer(type) && !bit_function(name).empty()) {
        return make_call(bit_function(name), {.kind = type.kind},
                         {std::move(left), std::move(right)});
    }
    const std::string function = is_integer(type)                 ? integer_function(name)
                                 : type.kind == TypeKind::Numeric ? numeric_function(name)
                                                                  : real_function(name);
    if (function.empty()) return no_operator(name, left, right, location);
    Expression result =
        make_call(function, {.kind = type.kind}, {std::move(left), std::move(right)});
    if (const std::int64_t bytes = narrow_bytes(type); bytes > 0) {
        result.arguments.push_back(make_literal(Value(bytes), {.kind = TypeKind::Int8}));
    }
    return result;
}

Parsed<Expression> Analyzer::unary(const std::string& name, Expression operand, int location) {
    if (is_unknown(operand) || (name != "-" && name != "+")) {
        return refuse(location, "42883",
                      fmt::format("operator does not exist: {} {}", name, type_text(operand)));
    }
    if (is_scalar(operand.type, TypeKind::Interval) && name == "-") {
        return make_call("pg_interval_mul", operand.type,
                         {operand, make_literal(Value(-1.0), {.kind = TypeKind::Float8})});
    }
    if (!is_number(operand.type)) {
        return refuse(location, "42883",
                      fmt::format("operator does not exist: {} {}", name, type_text(operand)));
    }
    if (name == "+") return operand;
    return arithmetic("-", make_literal(Value(std::int64_t{0}), {.kind = TypeKind::Int2}),
                      std::move(operand), location);
}

}  // namespace dunlin::sql
