#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sql/analyzer.h"
#include "sql/array_functions.h"
#include "sql/special_operators.h"

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
    {"~~", TypeKind::Citext, TypeKind::Citext, "pg_ilike", TypeKind::Bool},
    {"~~", TypeKind::Citext, TypeKind::Text, "pg_ilike", TypeKind::Bool},
    {"!~~", TypeKind::Citext, TypeKind::Citext, "pg_ilike", TypeKind::Bool, true},
    {"!~~", TypeKind::Citext, TypeKind::Text, "pg_ilike", TypeKind::Bool, true},
    {"~", TypeKind::Citext, TypeKind::Citext, "pg_imatch", TypeKind::Bool},
    {"~", TypeKind::Citext, TypeKind::Text, "pg_imatch", TypeKind::Bool},
    {"!~", TypeKind::Citext, TypeKind::Citext, "pg_imatch", TypeKind::Bool, true},
    {"!~", TypeKind::Citext, TypeKind::Text, "pg_imatch", TypeKind::Bool, true},
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
    {"-", TypeKind::Jsonb, TypeKind::Text, "pg_jsonb_delete_key", TypeKind::Jsonb},
    {"-", TypeKind::Jsonb, TypeKind::Int4, "pg_jsonb_delete_index", TypeKind::Jsonb},
    {"^@", TypeKind::Text, TypeKind::Text, "pg_starts_with", TypeKind::Bool},
};

Expression negate(Expression expression) {
    return make_operator("not", bool_type(), {std::move(expression)});
}

/// `->` and `->>` take a key or an index; `#>` and `#>>` a path.
std::optional<Expression> json_access(const std::string& name, Expression& left,
                                      Expression& right) {
    if (!is_json(left.type)) return std::nullopt;
    const Type given = name.ends_with(">>") ? text_type() : left.type;
    if (name == "->" || name == "->>") {
        if (is_unknown(right)) {
            auto key = coerce(std::move(right), text_type());
            if (!key) return std::nullopt;
            right = std::move(*key);
        }
        if (!is_text(right.type) && !is_integer(right.type)) return std::nullopt;
        return make_call(name == "->" ? "pg_json_get" : "pg_json_get_text", given, {left, right});
    }
    if (name == "#>" || name == "#>>") {
        auto path = coerce(std::move(right), {.kind = TypeKind::Text, .array = true});
        if (!path) return std::nullopt;
        return make_call(name == "#>" ? "pg_json_path" : "pg_json_path_text", given,
                         {left, std::move(*path)});
    }
    return std::nullopt;
}

/// jsonb and a list of keys: `?|`, `?&`, `#-` and `-`.
std::optional<Expression> jsonb_keys(const std::string& name, const Expression& left,
                                     const Expression& right) {
    if (!is_scalar(left.type, TypeKind::Jsonb) || is_unknown(left)) return std::nullopt;
    struct Entry {
        std::string_view name;
        std::string_view function;
        TypeKind result;
    };
    constexpr Entry entries[] = {
        {"?|", "pg_json_has_any_key", TypeKind::Bool},
        {"?&", "pg_json_has_all_keys", TypeKind::Bool},
        {"#-", "pg_jsonb_delete_path", TypeKind::Jsonb},
        {"-", "pg_jsonb_delete_keys", TypeKind::Jsonb},
    };
    for (const Entry& entry : entries) {
        if (entry.name != name || (name == "-" && !right.type.array)) continue;
        auto keys = coerce(right, {.kind = TypeKind::Text, .array = true});
        if (!keys) return std::nullopt;
        return make_call(std::string(entry.function), {.kind = entry.result},
                         {left, std::move(*keys)});
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

/// Patterns look at a char(n) with its padding.
Expression with_padding(Expression expression) {
    if (is_scalar(expression.type, TypeKind::Char)) expression.type = text_type();
    return expression;
}

}  // namespace

std::string type_text(const Expression& expression) {
    return is_unknown(expression) ? "unknown" : sql_type_name(expression.type);
}

std::unexpected<Refusal> no_operator(const std::string& name, const Expression& left,
                                     const Expression& right, int location) {
    return refuse(
        location, "42883",
        fmt::format("operator does not exist: {} {} {}", type_text(left), name, type_text(right)),
        "No operator matches the given name and argument types. You might need to add explicit "
        "type casts.");
}

Parsed<void> require_equality(const Type& type, int location) {
    const bool collated =
        type.kind != TypeKind::Char && !collation_name({.kind = type.kind}).empty();
    const bool varied = collated || type.kind == TypeKind::Jsonb || type.kind == TypeKind::Float4 ||
                        type.kind == TypeKind::Float8;
    if (type.kind == TypeKind::Json)
        return refuse(location, "42883", "operator does not exist: json = json", "Use jsonb.");
    if (!type.array || !varied) return {};
    return not_carried(location, "comparing arrays of this type", "Compare single elements.");
}

Parsed<Expression> Analyzer::operation(const PgQuery__AExpr& node, const Scope& scope) {
    const std::string name = dotted_name(node.name, node.n_name);
    switch (node.kind) {
        case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
            return in_list(node, scope);
        case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
        case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
            return between(node, scope);
        case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
        case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
            return any_of_array(node, scope);
        case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
        case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
        case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE:
        case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
        case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
        case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF:
            break;
        default:
            return not_carried(node.location, "this operator", "Write the comparisons one by one.");
    }
    if (node.lexpr != nullptr) {
        const auto left_row = row(*node.lexpr, scope);
        const auto right_row = left_row ? row(*node.rexpr, scope) : std::nullopt;
        const bool distinct =
            node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT || name == "<>" || name == "!=";
        const bool same = !distinct && name == "=";
        if (right_row && (distinct || same) &&
            left_row->values.size() == right_row->values.size()) {
            // Of whole rows = finds NULLs equal, as IS NOT DISTINCT FROM does.
            Expression all = make_operator(distinct ? "or" : "and", bool_type(), {});
            for (std::size_t i = 0; i < left_row->values.size(); ++i) {
                auto one = comparison(distinct ? "is_distinct" : "is_not_distinct",
                                      left_row->values[i], right_row->values[i], node.location);
                if (!one) return one;
                all.arguments.push_back(std::move(*one));
            }
            return all;
        }
    }
    auto right = expression(*node.rexpr, scope);
    if (!right) return right;
    if (node.lexpr == nullptr) return unary(name, std::move(*right), node.location);
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

Parsed<Expression> Analyzer::binary(const std::string& name, Expression left, Expression right,
                                    int location) {
    if (is_comparison(name) || name == "!=") {
        return comparison(name == "!=" ? "<>" : name, std::move(left), std::move(right), location);
    }
    if (auto access = json_access(name, left, right)) return std::move(*access);
    if (auto keys = jsonb_keys(name, left, right)) return std::move(*keys);
    if (name == "||") {
        if (auto joined = array_concatenation(left, right, location)) return std::move(*joined);
    }
    if (left.type.array || right.type.array) {
        const auto unified = unify(left, right);
        if (!unified) return refuse(location, unified.error());
        if (*unified) {
            if (auto done = array_operation(name, left, right)) return std::move(*done);
        }
        return no_operator(name, left, right, location);
    }
    if (auto done = range_operation(name, left, right, location)) return std::move(*done);
    if (auto done = search_operation(name, left, right, location)) return std::move(*done);
    for (const OperatorCall& entry : operator_calls) {
        if (entry.name != name) continue;
        // Two literals are text, not citext.
        if (entry.left == TypeKind::Citext && !is_scalar(left.type, TypeKind::Citext)) continue;
        if (entry.name == "-" && !is_scalar(left.type, TypeKind::Jsonb)) continue;
        const bool pattern = entry.name.find('~') != entry.name.npos;
        auto left_typed = coerce(pattern ? with_padding(left) : left, {.kind = entry.left});
        auto right_typed = coerce(right, {.kind = entry.right});
        if (!left_typed || !right_typed) continue;
        std::vector<Expression> arguments = {std::move(*left_typed), std::move(*right_typed)};
        if (entry.flipped) std::swap(arguments[0], arguments[1]);
        Expression made =
            make_call(std::string(entry.function), {.kind = entry.result}, std::move(arguments));
        return entry.negated ? negate(std::move(made)) : made;
    }
    const auto joins = [](const Expression& e) {
        return is_unknown(e) || is_scalar(e.type, TypeKind::Jsonb);
    };
    if (name == "||" && joins(left) && joins(right) && !(is_unknown(left) && is_unknown(right))) {
        const Type jsonb{.kind = TypeKind::Jsonb};
        auto first = coerce(std::move(left), jsonb);
        auto second = coerce(std::move(right), jsonb);
        if (!first) return refuse(location, first.error());
        if (!second) return refuse(location, second.error());
        return make_call("pg_jsonb_concat", jsonb, {std::move(*first), std::move(*second)});
    }
    if (is_json(left.type) || is_json(right.type)) {
        return not_carried(location, "operator " + name + " on JSON",
                           "Use ->, ->>, #>, #>>, @>, <@, ?, ?|, ?&, ||, - or #- of jsonb.");
    }
    return arithmetic(name, std::move(left), std::move(right), location);
}

Parsed<Expression> Analyzer::comparison(const std::string& name, Expression left, Expression right,
                                        int location) {
    const auto unified = unify(left, right);
    if (!unified) return refuse(location, unified.error());
    if (!*unified) return no_operator(name, left, right, location);
    if (left.type.array && name.find_first_of("<>") != name.npos && name != "<>") {
        return not_carried(location, "ordering arrays", "Compare single elements.");
    }
    if (auto equal = require_equality(left.type, location); !equal)
        return std::unexpected(equal.error());
    if (name != "=" && name != "<>" && !name.starts_with("is_")) {
        left = orderable(std::move(left));
        right = orderable(std::move(right));
    }
    return make_operator(name, bool_type(), {std::move(left), std::move(right)});
}

}  // namespace dunlin::sql
