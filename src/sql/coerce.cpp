#include "sql/coerce.h"

#include <fmt/format.h>

#include <cmath>

#include "core/codec.h"
#include "core/functions/type_spec.h"
#include "sql/cast_rules.h"

namespace dunlin::sql {

namespace {

/// Marks a literal whose type is still open, in Expression::name.
constexpr std::string_view unknown_mark = "unknown";

Expression convert(const char* function, Expression expression, const Type& target) {
    Expression from = make_literal(Value(functions::type_spec(expression.type)), text_type());
    Expression to = make_literal(Value(functions::type_spec(target)), text_type());
    return make_call(function, target, {std::move(expression), std::move(from), std::move(to)});
}

Result<Expression> literal_as(const Expression& literal, const Type& target) {
    if (literal.value.is_null()) return make_literal(Value(), target);
    const std::string text =
        is_unknown(literal) ? literal.value.text() : codec::to_text(literal.type, literal.value);
    auto value = codec::parse_text(target, text);
    if (!value) return std::unexpected(value.error());
    if (value->is_real() && std::isnan(value->real())) {
        return std::unexpected(sql_error("0A000",
                                         "NaN of a floating-point type is not supported on SQLite",
                                         "", "Use NULL, or the type numeric."));
    }
    return make_literal(std::move(*value), target);
}

/// A literal beside a value of char(n): padded alike. One that is longer stays so, and is equal to
/// none.
Result<Expression> literal_beside_char(const Expression& literal, const Type& type) {
    if (literal.value.is_null()) return make_literal(Value(), type);
    std::string text = literal.value.text();
    text.resize(text.find_last_not_of(' ') + 1);
    auto padded = codec::parse_text(type, text);
    return make_literal(padded ? std::move(*padded) : Value(std::move(text)), type);
}

Error mismatch(const Type& from, const Type& to) {
    return sql_error("42804",
                     fmt::format("expression is of type {} but {} is needed", sql_type_name(from),
                                 sql_type_name(to)),
                     "", "Add a cast, for example ::" + sql_type_name(to) + ".");
}

}  // namespace

bool is_unknown(const Expression& e) {
    return e.kind == Expression::Kind::Literal && e.name == unknown_mark;
}

Expression make_literal(Value value, Type type) {
    return {.kind = Expression::Kind::Literal, .type = std::move(type), .value = std::move(value)};
}

Expression make_unknown(Value value) {
    Expression literal = make_literal(std::move(value), text_type());
    literal.name = unknown_mark;
    return literal;
}

Expression make_call(std::string name, Type type, std::vector<Expression> arguments) {
    return {.kind = Expression::Kind::Call,
            .type = std::move(type),
            .name = std::move(name),
            .arguments = std::move(arguments)};
}

Expression make_operator(std::string name, Type type, std::vector<Expression> arguments) {
    return {.kind = Expression::Kind::Operator,
            .type = std::move(type),
            .name = std::move(name),
            .arguments = std::move(arguments)};
}

const Type& bool_type() {
    static const Type type{.kind = TypeKind::Bool};
    return type;
}

const Type& text_type() {
    static const Type type{.kind = TypeKind::Text};
    return type;
}

Result<Expression> coerce(Expression expression, const Type& target) {
    if (is_unknown(expression)) return literal_as(expression, target);
    if (same_storage(expression.type, target)) {
        expression.type = target;
        return expression;
    }
    if (!converts_implicitly(expression.type, target))
        return std::unexpected(mismatch(expression.type, target));
    if (expression.kind == Expression::Kind::Literal) return literal_as(expression, target);
    return convert("pg_assign", std::move(expression), target);
}

Result<Expression> assign(Expression expression, const Type& target) {
    if (is_unknown(expression)) return literal_as(expression, target);
    if (same_storage(expression.type, target)) {
        expression.type = target;
        return expression;
    }
    if (!converts_by_assignment(expression.type, target))
        return std::unexpected(mismatch(expression.type, target));
    const bool number = expression.kind == Expression::Kind::Literal && is_number(target);
    if (number) {
        if (auto literal = literal_as(expression, target)) return literal;
    }
    return convert("pg_assign", std::move(expression), target);
}

Result<Expression> cast(Expression expression, const Type& target) {
    const bool cuts = is_text(target) && target.length_max > 0;
    if (is_unknown(expression)) {
        if (!cuts) return literal_as(expression, target);
        expression = *literal_as(expression, text_type());
    }
    if (same_storage(expression.type, target)) {
        expression.type = target;
        return expression;
    }
    if (!converts_explicitly(expression.type, target)) {
        return std::unexpected(
            sql_error("42846", fmt::format("cannot cast type {} to {}",
                                           sql_type_name(expression.type), sql_type_name(target))));
    }
    return convert("pg_cast", std::move(expression), target);
}

namespace {

/// The type in which two known types compare, or nothing.
std::optional<Type> common_type(const Type& left, const Type& right) {
    if (left.array || right.array) {
        return left.array && right.array && left.kind == right.kind ? std::optional(left)
                                                                    : std::nullopt;
    }
    if (is_number(left) && is_number(right)) {
        const Type& wider = number_rank(left) < number_rank(right) ? right : left;
        const bool real = is_float(wider) && left.kind != right.kind;
        return Type{.kind = real ? TypeKind::Float8 : wider.kind};
    }
    if (is_text(left) && is_text(right))
        return left.kind == TypeKind::Char && left == right ? left : text_type();
    if ((is_scalar(left, TypeKind::Citext) && is_text(right)) ||
        (is_text(left) && is_scalar(right, TypeKind::Citext))) {
        return text_type();
    }
    const bool left_time = is_instant(left) || left.kind == TypeKind::Date;
    const bool right_time = is_instant(right) || right.kind == TypeKind::Date;
    if (left_time && right_time && left.kind != right.kind)
        return Type{.kind = TypeKind::TimestampTz};
    if (left.kind == TypeKind::Enum && right.kind == TypeKind::Enum &&
        left.enum_name != right.enum_name) {
        return std::nullopt;
    }
    if (left.kind == TypeKind::Json) return std::nullopt;  // PostgreSQL has no equality for json
    return left.kind == right.kind ? std::optional(left) : std::nullopt;
}

}  // namespace

Result<bool> unify(Expression& left, Expression& right) {
    if (is_unknown(left) && is_unknown(right)) {
        left = *literal_as(left, text_type());
        right = *literal_as(right, text_type());
        return true;
    }
    if (is_unknown(left) || is_unknown(right)) {
        Expression& open = is_unknown(left) ? left : right;
        Type target = is_unknown(left) ? right.type : left.type;
        if (target.kind == TypeKind::Char && !target.array) {
            open = *literal_beside_char(open, target);
            return true;
        }
        target.length_max = 0;  // a longer literal simply is not equal
        target.precision = target.scale = -1;
        auto typed = literal_as(open, target);
        if (!typed) return std::unexpected(typed.error());
        open = std::move(*typed);
        return true;
    }
    const auto common = common_type(left.type, right.type);
    if (!common) return false;
    auto left_done = coerce(std::move(left), *common);
    auto right_done = coerce(std::move(right), *common);
    if (!left_done) return std::unexpected(left_done.error());
    if (!right_done) return std::unexpected(right_done.error());
    left = std::move(*left_done);
    right = std::move(*right_done);
    return true;
}

Result<bool> unify_all(std::vector<Expression>& values) {
    Expression* first = nullptr;
    for (Expression& value : values) {
        if (is_unknown(value)) continue;
        if (first == nullptr) {
            first = &value;
            continue;
        }
        // json has no equality, but values of it stand side by side all the same.
        if (is_scalar(first->type, TypeKind::Json) && is_scalar(value.type, TypeKind::Json))
            continue;
        const auto unified = unify(*first, value);
        if (!unified || !*unified) return unified;
    }
    if (first == nullptr) {
        for (Expression& value : values) value = *literal_as(value, text_type());
        return true;
    }
    const Type type = first->type;
    for (Expression& value : values) {
        if (is_unknown(value)) {
            const auto unified = unify(*first, value);
            if (!unified) return unified;
            continue;
        }
        auto typed = coerce(std::move(value), type);
        if (!typed) return std::unexpected(typed.error());
        value = std::move(*typed);
    }
    return true;
}

Expression orderable(Expression expression) {
    if (expression.type.kind != TypeKind::Enum || expression.type.array) return expression;
    const Type rank_type{.kind = TypeKind::Int8};
    Expression rank{.kind = Expression::Kind::Case, .type = rank_type};
    for (std::size_t i = 0; i < expression.type.labels.size(); ++i) {
        Expression label = make_literal(Value(expression.type.labels[i]), expression.type);
        rank.arguments.push_back(make_operator("=", bool_type(), {expression, std::move(label)}));
        rank.arguments.push_back(make_literal(Value(static_cast<std::int64_t>(i)), rank_type));
    }
    rank.arguments.push_back(make_literal(Value(), rank_type));
    return rank;
}

}  // namespace dunlin::sql
