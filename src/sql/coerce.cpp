#include "sql/coerce.h"

#include <fmt/format.h>

#include "core/codec.h"
#include "core/functions/type_spec.h"

namespace dunlin::sql {

namespace {

/// Marks a literal whose type is still open, in Expression::name.
constexpr std::string_view unknown_mark = "unknown";

bool is_float(const Type& type) {
    return !type.array && (type.kind == TypeKind::Float4 || type.kind == TypeKind::Float8);
}

bool is_scalar(const Type& type, TypeKind kind) { return !type.array && type.kind == kind; }

bool is_json(const Type& type) { return is_scalar(type, TypeKind::Json) || is_scalar(type, TypeKind::Jsonb); }

/// Values of both types are stored alike, so that no conversion is needed.
bool same_storage(const Type& from, const Type& to) {
    if (from.array != to.array) return false;
    if (is_text(from) && is_text(to) && to.length_max == 0) return true;
    if (from.kind == TypeKind::Enum && to.kind == TypeKind::Enum) return from.enum_name == to.enum_name;
    if (is_instant(from) && is_instant(to)) return true;
    if (is_integer(from) && is_integer(to)) return static_cast<int>(from.kind) <= static_cast<int>(to.kind);
    if (is_float(from) && is_float(to)) return true;
    return from.kind == to.kind && (to.kind != TypeKind::Numeric || to.precision < 0 || from == to);
}

Expression convert(Expression expression, const Type& target) {
    Expression from = make_literal(Value(functions::type_spec(expression.type)), text_type());
    Expression to = make_literal(Value(functions::type_spec(target)), text_type());
    return make_call("pg_cast", target, {std::move(expression), std::move(from), std::move(to)});
}

Result<Expression> literal_as(const Expression& literal, const Type& target) {
    if (literal.value.is_null()) return make_literal(Value(), target);
    const std::string text = is_unknown(literal) ? literal.value.text()
                                                 : codec::to_text(literal.type, literal.value);
    auto value = codec::parse_text(target, text);
    if (!value) return std::unexpected(value.error());
    return make_literal(std::move(*value), target);
}

bool converts_implicitly(const Type& from, const Type& to) {
    if (from.array || to.array) return false;
    if (is_number(from) && is_number(to)) return true;
    if (from.kind == TypeKind::Date && is_instant(to)) return true;
    if (is_text(from) && is_text(to)) return true;
    return is_json(from) && is_json(to);
}

/// Assignment also narrows: a bigint into an int column is range-checked by its constraint.
Error mismatch(const Type& from, const Type& to) {
    return sql_error("42804", fmt::format("expression is of type {} but {} is needed", sql_type_name(from),
                                          sql_type_name(to)),
                     "", "Add a cast, for example ::" + sql_type_name(to) + ".");
}

}  // namespace

bool is_unknown(const Expression& e) {
    return e.kind == Expression::Kind::Literal && e.name == unknown_mark;
}

bool is_integer(const Type& type) {
    return !type.array && (type.kind == TypeKind::Int2 || type.kind == TypeKind::Int4 || type.kind == TypeKind::Int8);
}

bool is_number(const Type& type) {
    return is_integer(type) || is_float(type) || is_scalar(type, TypeKind::Numeric);
}

bool is_text(const Type& type) {
    return !type.array &&
           (type.kind == TypeKind::Text || type.kind == TypeKind::Varchar || type.kind == TypeKind::Char);
}

bool is_instant(const Type& type) {
    return !type.array && (type.kind == TypeKind::Timestamp || type.kind == TypeKind::TimestampTz);
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
    if (!converts_implicitly(expression.type, target)) return std::unexpected(mismatch(expression.type, target));
    if (expression.kind == Expression::Kind::Literal) return literal_as(expression, target);
    return convert(std::move(expression), target);
}

Result<Expression> cast(Expression expression, const Type& target) {
    if (is_unknown(expression)) return literal_as(expression, target);
    if (same_storage(expression.type, target)) {
        expression.type = target;
        return expression;
    }
    return convert(std::move(expression), target);
}

namespace {

/// The type in which two known types compare, or nothing.
std::optional<Type> common_type(const Type& left, const Type& right) {
    if (left.array || right.array) {
        return left.array && right.array && left.kind == right.kind ? std::optional(left) : std::nullopt;
    }
    if (is_integer(left) && is_integer(right)) return Type{.kind = TypeKind::Int8};
    if (is_number(left) && is_number(right)) {
        return Type{.kind = is_float(left) || is_float(right) ? TypeKind::Float8 : TypeKind::Numeric};
    }
    if (is_text(left) && is_text(right)) return text_type();
    const bool left_time = is_instant(left) || left.kind == TypeKind::Date;
    const bool right_time = is_instant(right) || right.kind == TypeKind::Date;
    if (left_time && right_time && left.kind != right.kind) return Type{.kind = TypeKind::TimestampTz};
    if (left.kind == TypeKind::Enum && right.kind == TypeKind::Enum && left.enum_name != right.enum_name) {
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
