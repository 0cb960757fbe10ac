// Aggregate functions. Those that SQLite lacks collect a JSON array, of which a function of ours
// makes the result.
#include <fmt/format.h>

#include <algorithm>

#include "core/functions/type_spec.h"
#include "sql/analyzer.h"

namespace dunlin::sql {

namespace {

using enum TypeKind;

const Type json_type{.kind = Json};
const Type jsonb_type{.kind = Jsonb};

constexpr std::string_view plain_aggregates[] = {"count", "sum",      "min",     "max",
                                                 "avg",   "bool_and", "bool_or", "every"};
constexpr std::string_view collecting_aggregates[] = {
    "array_agg", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg", "string_agg"};

bool one_of(std::string_view name, std::span<const std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

Expression text_literal(std::string_view text) {
    return make_literal(Value(text), text_type());
}

std::unexpected<Refusal> no_aggregate(const std::string& name,
                                      const std::vector<Expression>& arguments, int location) {
    std::string list;
    for (const Expression& argument : arguments)
        list += (list.empty() ? "" : ", ") + type_text(argument);
    return refuse(location, "42883", fmt::format("function {}({}) does not exist", name, list),
                  "No function matches the given name and argument types. You might need to add "
                  "explicit type casts.");
}

bool has_order(const Type& type) {
    return !type.array && type.kind != Json && type.kind != Jsonb;
}

/// What is equal, although its stored texts differ, stays apart under DISTINCT in what is
/// collected.
Parsed<void> require_distinct(const Type& type, int location) {
    const bool varied = type.kind == Json || type.kind == Jsonb || !collation_name(type).empty();
    if (!varied) return require_equality(type, location);
    return not_carried(location, "DISTINCT of this type in an aggregate",
                       "Take the distinct values in a subquery.");
}

/// The text of a JSON list or object of the texts that `list` collects; NULL of none.
Expression joined(Expression list, std::string_view open, std::string_view between,
                  std::string_view close, bool binary) {
    Expression text = make_call(
        "pg_json_join", json_type,
        {std::move(list), text_literal(open), text_literal(between), text_literal(close)});
    return binary ? make_call("pg_jsonb_canonical", jsonb_type, {std::move(text)})
                  : std::move(text);
}

Expression null_as_json(Expression value) {
    Expression none = make_literal(Value("null"), value.type);
    const Type type = value.type;
    return make_call("coalesce", type, {std::move(value), std::move(none)});
}

Expression collecting(Expression value) {
    return {.kind = Expression::Kind::Aggregate,
            .type = json_type,
            .name = "json_group_array",
            .arguments = {std::move(value)}};
}

}  // namespace

bool is_aggregate(std::string_view name) {
    return one_of(name, plain_aggregates) || one_of(name, collecting_aggregates);
}

Expression make_order(const PgQuery__SortBy& sort, Expression key) {
    const bool down = sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
    const bool first = sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT
                           ? down
                           : sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST;
    const Type type = key.type;
    return make_operator(
        std::string("order by") + (down ? " desc" : "") + (first ? " nulls first" : " nulls last"),
        type, {orderable(std::move(key))});
}

/// ORDER BY and FILTER of an aggregate, as arguments of their own kinds. DISTINCT without ORDER BY
/// is in the order of `distinct`, as PostgreSQL's sorting leaves it.
Parsed<void> Analyzer::arrange(const PgQuery__FuncCall& node, Expression& aggregate,
                               const Expression* distinct, const Scope& scope) {
    const Scope plain{.query = scope.query, .outer = scope.outer};
    aggregate.distinct = node.agg_distinct != 0;
    for (std::size_t i = 0; i < node.n_agg_order; ++i) {
        const PgQuery__SortBy& sort = *node.agg_order[i]->sort_by;
        auto key = expression(*sort.node, plain);
        if (!key) return std::unexpected(key.error());
        if (aggregate.distinct && distinct != nullptr && !same_expression(*key, *distinct)) {
            return refuse(node.location, "42P10",
                          "in an aggregate with DISTINCT, ORDER BY expressions must appear in "
                          "argument list");
        }
        aggregate.arguments.push_back(make_order(sort, std::move(*key)));
    }
    const bool sorted = aggregate.distinct && node.n_agg_order == 0 && distinct != nullptr;
    if (sorted && has_order(distinct->type)) {
        aggregate.arguments.push_back(
            make_operator("order by nulls last", distinct->type, {orderable(*distinct)}));
    }
    if (node.agg_filter != nullptr) {
        auto filter = condition(*node.agg_filter, plain, "FILTER");
        if (!filter) return std::unexpected(filter.error());
        aggregate.arguments.push_back(
            make_operator("filter where", bool_type(), {std::move(*filter)}));
    }
    return {};
}

Parsed<Expression> Analyzer::aggregate(const std::string& name, const PgQuery__FuncCall& node,
                                       const Scope& scope) {
    // Over a window, an aggregate may be of aggregates.
    const bool window = node.over != nullptr;
    if (!scope.aggregates && !window)
        return refuse(node.location, "42803", "aggregate functions are not allowed here");
    const Scope inside{
        .query = scope.query, .outer = scope.outer, .aggregates = window && scope.aggregates};
    if (name == "array_agg") return array_of_group(node, inside);
    if (name == "string_agg") return text_of_group(node, inside);
    if (name.ends_with("object_agg")) return object_of_group(name, node, inside);
    if (name.starts_with("json")) return json_of_group(name, node, inside);
    return plain_aggregate(name, node, inside);
}

/// count, sum, avg, min, max, bool_and, bool_or.
Parsed<Expression> Analyzer::plain_aggregate(const std::string& name, const PgQuery__FuncCall& node,
                                             const Scope& scope) {
    Expression result{.kind = Expression::Kind::Aggregate, .type = {.kind = Int8}, .name = name};
    auto arguments = list(node.args, node.n_args, scope);
    if (!arguments) return std::unexpected(arguments.error());
    const bool star = node.agg_star != 0 && name == "count";
    if (arguments->size() != (star ? 0 : 1)) return no_aggregate(name, *arguments, node.location);
    const Type type = star ? Type{} : arguments->front().type;
    if (name == "min" || name == "max") {
        const bool ordered = !type.array && type.kind != Json && type.kind != Jsonb &&
                             type.kind != Bool && type.kind != Uuid && type.kind != MacAddr &&
                             type.kind != TsVector && type.kind != TsQuery &&
                             !dunlin::is_range(type.kind);
        if (!ordered) return no_aggregate(name, *arguments, node.location);
        if (type.kind == Enum) {
            return not_carried(node.location, name + " of an enum", "Use ORDER BY and LIMIT 1.");
        }
        result.type = type;
    }
    if (name == "bool_and" || name == "bool_or" || name == "every") {
        if (!is_scalar(type, Bool)) return no_aggregate(name, *arguments, node.location);
        result.type = bool_type();
    }
    const bool sums = name == "sum" || name == "avg";
    if (sums && is_scalar(type, Interval))
        return not_carried(node.location, name + " of interval", "Sum extract(epoch from …).");
    if (sums && !is_number(type)) return no_aggregate(name, *arguments, node.location);
    // SQLite's sum() is that of PostgreSQL where it cannot overflow.
    const bool narrow = is_scalar(type, Int2) || is_scalar(type, Int4);
    const bool collects = sums && !(name == "sum" && narrow);
    if (collects) result.name = "json_group_array";
    result.arguments = std::move(*arguments);
    if (auto arranged = arrange(node, result, nullptr, scope); !arranged)
        return std::unexpected(arranged.error());
    if (!collects) return result;
    Type sum{.kind = is_float(type) ? Float8 : Numeric};
    if (name == "sum" && type.kind == Float4) sum.kind = Float4;
    return make_call("pg_" + name, sum,
                     {std::move(result), text_literal(functions::type_spec({.kind = type.kind}))});
}

Parsed<Expression> Analyzer::array_of_group(const PgQuery__FuncCall& node, const Scope& scope) {
    auto arguments = list(node.args, node.n_args, scope);
    if (!arguments) return std::unexpected(arguments.error());
    if (arguments->size() != 1) return no_aggregate("array_agg", *arguments, node.location);
    Expression value = std::move(arguments->front());
    if (is_unknown(value)) value = *coerce(std::move(value), text_type());
    if (value.type.array) return not_carried(node.location, "an array of arrays", "Use jsonb_agg.");
    if (node.agg_distinct != 0) {
        if (auto may = require_distinct(value.type, node.location); !may)
            return std::unexpected(may.error());
    }
    Type type = value.type;
    type.array = true;
    // json() makes SQLite take the text for the element that it is.
    Expression array = collecting(make_call("json", json_type, {as_json(value)}));
    if (auto arranged = arrange(node, array, &value, scope); !arranged)
        return std::unexpected(arranged.error());
    return make_call("pg_array_or_null", type, {std::move(array)});
}

/// json_agg(), jsonb_agg()
Parsed<Expression> Analyzer::json_of_group(const std::string& name, const PgQuery__FuncCall& node,
                                           const Scope& scope) {
    if (node.n_args != 1)
        return refuse(node.location, "42883", "function " + name + " takes one argument");
    const bool whole_row = row(*node.args[0], scope).has_value();
    auto given = whole_row ? Parsed<Expression>(Expression{}) : expression(*node.args[0], scope);
    if (!given) return given;
    auto value = json_value(*node.args[0], false, scope);
    if (!value) return value;
    if (node.agg_distinct != 0) {
        if (whole_row)
            return not_carried(node.location, "DISTINCT of rows in an aggregate",
                               "Take the distinct rows in a subquery.");
        if (auto may = require_distinct(given->type, node.location); !may)
            return std::unexpected(may.error());
    }
    Expression texts = collecting(null_as_json(std::move(*value)));
    if (auto arranged = arrange(node, texts, whole_row ? nullptr : &*given, scope); !arranged)
        return std::unexpected(arranged.error());
    // PostgreSQL begins a new line for each row and array.
    const bool lines = whole_row || given->type.array;
    return joined(std::move(texts), "[", lines ? ", \n " : ", ", "]", name == "jsonb_agg");
}

/// json_object_agg(), jsonb_object_agg()
Parsed<Expression> Analyzer::object_of_group(const std::string& name, const PgQuery__FuncCall& node,
                                             const Scope& scope) {
    if (node.n_args != 2)
        return refuse(node.location, "42883", "function " + name + " takes two arguments");
    if (node.agg_distinct != 0) {
        return not_carried(node.location, "DISTINCT in " + name + "()",
                           "Take the distinct rows in a subquery.");
    }
    auto key = expression(*node.args[0], scope);
    if (!key) return key;
    auto text = cast(std::move(*key), text_type());
    if (!text) return refuse(node.location, text.error());
    auto value = json_value(*node.args[1], false, scope);
    if (!value) return value;
    Expression members = collecting(make_call("pg_json_member", text_type(),
                                              {std::move(*text), null_as_json(std::move(*value))}));
    if (auto arranged = arrange(node, members, nullptr, scope); !arranged)
        return std::unexpected(arranged.error());
    return joined(std::move(members), "{ ", ", ", " }", name.starts_with("jsonb"));
}

Parsed<Expression> Analyzer::text_of_group(const PgQuery__FuncCall& node, const Scope& scope) {
    auto parts = list(node.args, node.n_args, scope);
    if (!parts) return std::unexpected(parts.error());
    if (parts->size() != 2) return no_aggregate("string_agg", *parts, node.location);
    for (Expression& part : *parts) {
        auto text = coerce(part, text_type());
        if (!text) return no_aggregate("string_agg", *parts, node.location);
        part = std::move(*text);
    }
    const bool distinct = node.agg_distinct != 0;
    if (distinct && parts->back().kind != Expression::Kind::Literal) {
        return not_carried(node.location, "string_agg() with DISTINCT and a computed separator",
                           "Take the distinct values in a subquery.");
    }
    const Expression value = parts->front();
    Expression made = distinct ? collecting(value)
                               : Expression{.kind = Expression::Kind::Aggregate,
                                            .type = text_type(),
                                            .name = "string_agg",
                                            .arguments = *parts};
    if (auto arranged = arrange(node, made, &value, scope); !arranged)
        return std::unexpected(arranged.error());
    if (!distinct) return made;
    return make_call("pg_text_join", text_type(), {std::move(made), std::move(parts->back())});
}

}  // namespace dunlin::sql
