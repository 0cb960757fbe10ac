#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/functions/type_spec.h"
#include "sql/analyzer.h"

namespace dunlin::sql {

namespace {

constexpr std::array<std::string_view, 6> comparisons = {"=", "<>", "<", "<=", ">", ">="};

bool is_comparison(std::string_view name) {
    return std::find(comparisons.begin(), comparisons.end(), name) != comparisons.end();
}

/// Operators that are one call of a function with both sides as they are.
struct OperatorCall {
    std::string_view name;
    TypeKind left;
    TypeKind right;
    std::string_view function;
    TypeKind result;
    bool negated = false;
    bool flipped = false;
};

constexpr OperatorCall operator_calls[] = {
    {"~~", TypeKind::Text, TypeKind::Text, "pg_like", TypeKind::Bool},
    {"!~~", TypeKind::Text, TypeKind::Text, "pg_like", TypeKind::Bool, true},
    {"~~*", TypeKind::Text, TypeKind::Text, "pg_ilike", TypeKind::Bool},
    {"!~~*", TypeKind::Text, TypeKind::Text, "pg_ilike", TypeKind::Bool, true},
    {"~", TypeKind::Text, TypeKind::Text, "pg_match", TypeKind::Bool},
    {"!~", TypeKind::Text, TypeKind::Text, "pg_match", TypeKind::Bool, true},
    {"~*", TypeKind::Text, TypeKind::Text, "pg_imatch", TypeKind::Bool},
    {"!~*", TypeKind::Text, TypeKind::Text, "pg_imatch", TypeKind::Bool, true},
    {"@>", TypeKind::Jsonb, TypeKind::Jsonb, "pg_json_contains", TypeKind::Bool},
    {"<@", TypeKind::Jsonb, TypeKind::Jsonb, "pg_json_contains", TypeKind::Bool, false, true},
    {"?", TypeKind::Jsonb, TypeKind::Text, "pg_json_has_key", TypeKind::Bool},
};

bool is_json(const Type& type) {
    return !type.array && (type.kind == TypeKind::Json || type.kind == TypeKind::Jsonb);
}

Expression negate(Expression expression) {
    return make_operator("not", bool_type(), {std::move(expression)});
}

std::string type_text(const Expression& expression) {
    return is_unknown(expression) ? "unknown" : sql_type_name(expression.type);
}

std::unexpected<Refusal> no_operator(const std::string& name, const Expression& left, const Expression& right,
                                     int location) {
    return refuse(location, "42883",
                  fmt::format("operator does not exist: {} {} {}", type_text(left), name, type_text(right)),
                  "No operator matches the given name and argument types. You might need to add explicit "
                  "type casts.");
}

/// `->` and `->>` take a key or an index; `#>` and `#>>` a path.
std::optional<Expression> json_access(const std::string& name, Expression& left, Expression& right) {
    if (!is_json(left.type)) return std::nullopt;
    const Type given = name.ends_with(">>") ? text_type() : left.type;
    if (name == "->" || name == "->>") {
        if (is_unknown(right)) right = *coerce(std::move(right), text_type());
        if (!is_text(right.type) && !is_integer(right.type)) return std::nullopt;
        return make_call(name == "->" ? "pg_json_get" : "pg_json_get_text", given, {left, right});
    }
    if (name == "#>" || name == "#>>") {
        auto path = coerce(std::move(right), {.kind = TypeKind::Text, .array = true});
        if (!path) return std::nullopt;
        return make_call(name == "#>" ? "pg_json_path" : "pg_json_path_text", given, {left, std::move(*path)});
    }
    return std::nullopt;
}

std::optional<Expression> array_operation(const std::string& name, const Expression& left,
                                          const Expression& right) {
    if (name == "@>") return make_call("pg_array_contains", bool_type(), {left, right});
    if (name == "<@") return make_call("pg_array_contains", bool_type(), {right, left});
    if (name == "&&") return make_call("pg_array_overlap", bool_type(), {left, right});
    return std::nullopt;
}

}  // namespace

Parsed<Expression> Analyzer::operation(const PgQuery__AExpr& node, const Scope& scope) {
    const std::string name = dotted_name(node.name, node.n_name);
    switch (node.kind) {
        case PG_QUERY__A__EXPR__KIND__AEXPR_IN: return in_list(node, scope);
        case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
        case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN: return between(node, scope);
        case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
        case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL: return any_of_array(node, scope);
        case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
        case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
        case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE:
        case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
        case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
        case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF: break;
        default: return not_carried(node.location, "this operator", "Write the comparisons one by one.");
    }
    auto right = expression(*node.rexpr, scope);
    if (!right) return right;
    if (node.lexpr == nullptr) {
        if (name == "+") return right;
        if (right->kind == Expression::Kind::Literal && right->type.kind == TypeKind::Int4 && !right->value.is_null() && !is_unknown(*right)) {
            right->value = Value(-right->value.integer());
            return right;
        }
        return arithmetic(name, make_literal(Value(std::int64_t{0}), {.kind = TypeKind::Int4}), std::move(*right),
                          node.location);
    }
    auto left = expression(*node.lexpr, scope);
    if (!left) return left;
    if (node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT) {
        return comparison("is_distinct", std::move(*left), std::move(*right), node.location);
    }
    if (node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT) {
        return comparison("is_not_distinct", std::move(*left), std::move(*right), node.location);
    }
    if (node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF) {
        Expression value = *left;
        auto equal = comparison("=", std::move(*left), std::move(*right), node.location);
        if (!equal) return equal;
        Expression result{.kind = Expression::Kind::Case, .type = value.type};
        result.arguments = {std::move(*equal), make_literal(Value(), value.type), value};
        return result;
    }
    return binary(name, std::move(*left), std::move(*right), node.location);
}

Parsed<Expression> Analyzer::binary(const std::string& name, Expression left, Expression right, int location) {
    if (is_comparison(name) || name == "!=") {
        return comparison(name == "!=" ? "<>" : name, std::move(left), std::move(right), location);
    }
    if (auto access = json_access(name, left, right)) return std::move(*access);
    if (left.type.array || right.type.array) {
        const auto unified = unify(left, right);
        if (!unified) return refuse(location, unified.error());
        if (*unified) {
            if (auto done = array_operation(name, left, right)) return std::move(*done);
        }
        return no_operator(name, left, right, location);
    }
    for (const OperatorCall& entry : operator_calls) {
        if (entry.name != name) continue;
        auto left_typed = coerce(left, {.kind = entry.left});
        auto right_typed = coerce(right, {.kind = entry.right});
        if (!left_typed || !right_typed) continue;
        std::vector<Expression> arguments = {std::move(*left_typed), std::move(*right_typed)};
        if (entry.flipped) std::swap(arguments[0], arguments[1]);
        Expression made = make_call(std::string(entry.function), {.kind = entry.result}, std::move(arguments));
        return entry.negated ? negate(std::move(made)) : made;
    }
    return arithmetic(name, std::move(left), std::move(right), location);
}

Parsed<Expression> Analyzer::comparison(const std::string& name, Expression left, Expression right,
                                        int location) {
    const auto unified = unify(left, right);
    if (!unified) return refuse(location, unified.error());
    if (!*unified) return no_operator(name, left, right, location);
    if (left.type.array && name != "=" && name != "<>") {
        return not_carried(location, "ordering arrays", "Compare single elements.");
    }
    if (name != "=" && name != "<>" && !name.starts_with("is_")) {
        left = orderable(std::move(left));
        right = orderable(std::move(right));
    }
    return make_operator(name, bool_type(), {std::move(left), std::move(right)});
}

namespace {

std::string integer_function(std::string_view name) {
    if (name == "+") return "pg_add";
    if (name == "-") return "pg_sub";
    if (name == "*") return "pg_mul";
    if (name == "/") return "pg_div";
    return name == "%" ? "pg_mod" : "";
}

std::string numeric_function(std::string_view name) {
    if (name == "+") return "pg_numeric_add";
    if (name == "-") return "pg_numeric_sub";
    if (name == "*") return "pg_numeric_mul";
    return name == "/" ? "pg_numeric_div" : "";
}

bool is_time(const Type& type) { return is_instant(type) || type.kind == TypeKind::Date; }

/// Times and intervals are integers, so that adding them is adding integers.
std::optional<Expression> time_arithmetic(const std::string& name, const Expression& left,
                                          const Expression& right) {
    const Type interval{.kind = TypeKind::Interval};
    const Type instant{.kind = TypeKind::TimestampTz};
    const bool adds = name == "+";
    if (!adds && name != "-") return std::nullopt;
    const auto as_instant = [&](const Expression& e) { return *cast(e, e.type.kind == TypeKind::Date ? instant : e.type); };
    const std::string function = adds ? "pg_add" : "pg_sub";
    if (is_time(left.type) && right.type.kind == TypeKind::Interval) {
        Expression from = as_instant(left);
        return make_call(function, from.type, {from, right});
    }
    if (adds && left.type.kind == TypeKind::Interval && is_time(right.type)) {
        Expression to = as_instant(right);
        return make_call(function, to.type, {left, to});
    }
    if (left.type.kind == TypeKind::Interval && right.type.kind == TypeKind::Interval) {
        return make_call(function, interval, {left, right});
    }
    if (!adds && is_instant(left.type) && is_instant(right.type)) {
        return make_call(function, interval, {left, right});
    }
    if (left.type.kind == TypeKind::Date && is_integer(right.type)) {
        return make_call(function, left.type, {left, right});
    }
    if (!adds && left.type.kind == TypeKind::Date && right.type.kind == TypeKind::Date) {
        return make_call(function, {.kind = TypeKind::Int4}, {left, right});
    }
    return std::nullopt;
}

}  // namespace

Parsed<Expression> Analyzer::arithmetic(const std::string& name, Expression left, Expression right,
                                        int location) {
    if (name == "||") {
        if (is_json(left.type) || is_json(right.type)) {
            return not_carried(location, "|| on JSON", "Build the value in the application.");
        }
        auto left_text = cast(left, text_type());
        auto right_text = cast(right, text_type());
        if (!left_text) return refuse(location, left_text.error());
        if (!right_text) return refuse(location, right_text.error());
        return make_call("pg_concat", text_type(), {std::move(*left_text), std::move(*right_text)});
    }
    if (is_unknown(right) && is_time(left.type)) {
        auto typed = coerce(std::move(right), {.kind = TypeKind::Interval});
        if (!typed) return refuse(location, typed.error());
        right = std::move(*typed);
    }
    if (auto done = time_arithmetic(name, left, right)) return std::move(*done);
    const auto unified = unify(left, right);
    if (!unified) return refuse(location, unified.error());
    if (!*unified || !is_number(left.type)) return no_operator(name, left, right, location);
    std::string function;
    if (is_integer(left.type)) function = integer_function(name);
    else if (left.type.kind == TypeKind::Numeric) function = numeric_function(name);
    else if (name == "/") function = "pg_real_div";
    else if (name == "+" || name == "-" || name == "*") {
        return make_operator(name, left.type, {std::move(left), std::move(right)});
    }
    if (function.empty()) return no_operator(name, left, right, location);
    const Type type = left.type;
    return make_call(function, type, {std::move(left), std::move(right)});
}

Parsed<Expression> Analyzer::in_list(const PgQuery__AExpr& node, const Scope& scope) {
    auto subject = expression(*node.lexpr, scope);
    if (!subject) return subject;
    Expression result{.kind = Expression::Kind::In, .type = bool_type()};
    result.negated = dotted_name(node.name, node.n_name) == "<>";
    const PgQuery__List& list = *node.rexpr->list;
    std::vector<Expression> items;
    for (std::size_t i = 0; i < list.n_items; ++i) {
        auto item = expression(*list.items[i], scope);
        if (!item) return item;
        const auto unified = unify(*subject, *item);
        if (!unified) return refuse(location_of(*list.items[i]), unified.error());
        if (!*unified) return no_operator("=", *subject, *item, node.location);
        items.push_back(std::move(*item));
    }
    for (auto& item : items) {  // an earlier item may have had a narrower type
        auto typed = coerce(std::move(item), subject->type);
        if (!typed) return refuse(node.location, typed.error());
        item = std::move(*typed);
    }
    result.arguments.push_back(std::move(*subject));
    std::move(items.begin(), items.end(), std::back_inserter(result.arguments));
    return result;
}

Parsed<Expression> Analyzer::between(const PgQuery__AExpr& node, const Scope& scope) {
    const PgQuery__List& ends = *node.rexpr->list;
    Expression both = make_operator("and", bool_type(), {});
    for (std::size_t i = 0; i < 2; ++i) {
        auto subject = expression(*node.lexpr, scope);
        auto end = expression(*ends.items[i], scope);
        if (!subject) return subject;
        if (!end) return end;
        auto test = comparison(i == 0 ? ">=" : "<=", std::move(*subject), std::move(*end), node.location);
        if (!test) return test;
        both.arguments.push_back(std::move(*test));
    }
    return node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN ? both : negate(std::move(both));
}

Parsed<Expression> Analyzer::any_of_array(const PgQuery__AExpr& node, const Scope& scope) {
    const std::string name = dotted_name(node.name, node.n_name);
    const bool any = node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY;
    if (!(any && name == "=") && !(!any && name == "<>")) {
        return not_carried(node.location, name + (any ? " ANY" : " ALL"), "Use = ANY or <> ALL.");
    }
    auto subject = expression(*node.lexpr, scope);
    auto array = expression(*node.rexpr, scope);
    if (!subject) return subject;
    if (!array) return array;
    if (is_unknown(*subject)) {
        Type element = array->type;
        element.array = false;
        auto typed = coerce(std::move(*subject), element);
        if (!typed) return refuse(node.location, typed.error());
        subject = std::move(*typed);
    }
    Type wanted = is_unknown(*array) ? subject->type : array->type;
    wanted.array = true;
    auto typed = coerce(std::move(*array), wanted);
    if (!typed) return refuse(node.location, typed.error());
    Type element = wanted;
    element.array = false;
    auto value = coerce(std::move(*subject), element);
    if (!value) return refuse(node.location, value.error());
    Expression found = make_call("pg_array_any", bool_type(),
                                 {std::move(*value), std::move(*typed),
                                  make_literal(Value(functions::type_spec(element)), text_type())});
    return any ? found : negate(std::move(found));
}

}  // namespace dunlin::sql
