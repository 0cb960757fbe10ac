// Functions that make JSON, arrays and text of values, rows and groups.
#include <algorithm>

#include "core/functions/type_spec.h"
#include "sql/analyzer.h"

namespace dunlin::sql {

namespace {

const Type json_type{.kind = TypeKind::Json};
const Type jsonb_type{.kind = TypeKind::Jsonb};

/// Pairs of a key and a value that one call takes; rows with more columns are joined.
constexpr std::size_t pairs_per_call = 45;

Expression as_json(Expression value) {
    if (is_unknown(value)) value.name.clear();
    if (is_json(value.type) && !value.type.array) return value;
    Expression spec = make_literal(Value(functions::type_spec(value.type)), text_type());
    return make_call("pg_to_json", json_type, {std::move(value), std::move(spec)});
}

Expression row_object(const RowValue& row, bool binary) {
    const char* function = binary ? "pg_jsonb_object" : "pg_row_to_json";
    const Type& type = binary ? jsonb_type : json_type;
    std::optional<Expression> whole;
    for (std::size_t from = 0; from == 0 || from < row.names.size(); from += pairs_per_call) {
        Expression part = make_call(function, type, {});
        const std::size_t to = std::min(from + pairs_per_call, row.names.size());
        for (std::size_t i = from; i < to; ++i) {
            part.arguments.push_back(make_literal(Value(row.names[i]), text_type()));
            part.arguments.push_back(as_json(row.values[i]));
        }
        whole = whole ? make_call("pg_jsonb_concat", type, {std::move(*whole), std::move(part)})
                      : std::move(part);
    }
    return std::move(*whole);
}

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

}  // namespace

Parsed<Expression> Analyzer::json_value(const PgQuery__Node& node, bool binary,
                                        const Scope& scope) {
    if (const auto whole = row(node, scope)) return row_object(*whole, binary);
    auto value = expression(node, scope);
    if (!value) return value;
    if (is_scalar(value->type, binary ? TypeKind::Jsonb : TypeKind::Json) && !is_unknown(*value))
        return value;
    Expression json = as_json(std::move(*value));
    return binary ? make_call("pg_jsonb_canonical", jsonb_type, {std::move(json)})
                  : std::move(json);
}

Parsed<Expression> Analyzer::built_json(const std::string& name, const PgQuery__FuncCall& node,
                                        const Scope& scope) {
    const bool object = name.ends_with("object");
    const bool binary = name.starts_with("jsonb");
    if (object && node.n_args % 2 != 0) {
        return refuse(
            node.location, "22023", "argument list must have even number of elements",
            "The arguments of " + name + "() must consist of alternating keys and values.");
    }
    if (node.n_args > 2 * pairs_per_call) {
        return refuse(node.location, "54023", "cannot pass more than 90 arguments to a function",
                      "Join several of them with ||.");
    }
    Expression made =
        make_call((binary ? "pg_jsonb_" : "pg_json_") + std::string(object ? "object" : "array"),
                  binary ? jsonb_type : json_type, {});
    for (std::size_t i = 0; i < node.n_args; ++i) {
        if (object && i % 2 == 0) {
            auto key = expression(*node.args[i], scope);
            if (!key) return key;
            auto text = cast(std::move(*key), text_type());
            if (!text) return refuse(node.location, text.error());
            made.arguments.push_back(std::move(*text));
            continue;
        }
        auto value = json_value(*node.args[i], false, scope);
        if (!value) return value;
        made.arguments.push_back(std::move(*value));
    }
    return made;
}

/// json_agg(), jsonb_agg(), array_agg(): SQLite's json_group_array, NULL for no rows.
Parsed<Expression> Analyzer::collected(const std::string& name, const PgQuery__FuncCall& node,
                                       const Scope& scope) {
    if (!scope.aggregates)
        return refuse(node.location, "42803", "aggregate functions are not allowed here");
    if (node.n_args != 1)
        return refuse(node.location, "42883", "function " + name + " takes one argument");
    Type type = name == "jsonb_agg" ? jsonb_type : json_type;
    auto value = json_value(*node.args[0], false, scope);
    if (name == "array_agg") {
        value = expression(*node.args[0], scope);
        if (value) {
            type = is_unknown(*value) ? text_type() : value->type;
            if (type.array)
                return not_carried(node.location, "an array of arrays", "Use jsonb_agg.");
            type.array = true;
            value = as_json(std::move(*value));
        }
    }
    if (!value) return value;
    Expression list{.kind = Expression::Kind::Aggregate, .type = type, .name = "json_group_array"};
    list.distinct = node.agg_distinct != 0;
    list.arguments.push_back(make_call("json", json_type, {std::move(*value)}));
    auto arranged = arrange(node, list, scope);
    if (!arranged) return std::unexpected(arranged.error());
    Expression count{
        .kind = Expression::Kind::Aggregate, .type = {.kind = TypeKind::Int8}, .name = "count"};
    for (const Expression& part : list.arguments) {
        if (part.name == "filter where") count.arguments.push_back(part);
    }
    Expression none = make_operator(
        "=", bool_type(),
        {std::move(count), make_literal(Value(std::int64_t{0}), {.kind = TypeKind::Int8})});
    if (name == "jsonb_agg") list = make_call("pg_jsonb_canonical", type, {std::move(list)});
    return Expression{.kind = Expression::Kind::Case,
                      .type = type,
                      .arguments = {std::move(none), make_literal(Value(), type), std::move(list)}};
}

Parsed<Expression> Analyzer::joined_text(const PgQuery__FuncCall& node, const Scope& scope) {
    if (!scope.aggregates)
        return refuse(node.location, "42803", "aggregate functions are not allowed here");
    auto parts = list(node.args, node.n_args, scope);
    if (!parts) return std::unexpected(parts.error());
    if (parts->size() != 2 || node.agg_distinct != 0) {
        return not_carried(node.location, "string_agg() with DISTINCT or other arguments",
                           "Take the distinct values in a subquery.");
    }
    Expression made{.kind = Expression::Kind::Aggregate, .type = text_type(), .name = "string_agg"};
    for (Expression& part : *parts) {
        auto text = coerce(std::move(part), text_type());
        if (!text) return refuse(node.location, text.error());
        made.arguments.push_back(std::move(*text));
    }
    auto arranged = arrange(node, made, scope);
    if (!arranged) return std::unexpected(arranged.error());
    return made;
}

/// ORDER BY and FILTER of an aggregate, as arguments of their own kinds.
Parsed<void> Analyzer::arrange(const PgQuery__FuncCall& node, Expression& aggregate,
                               const Scope& scope) {
    const Scope plain{.query = scope.query, .outer = scope.outer};
    for (std::size_t i = 0; i < node.n_agg_order; ++i) {
        const PgQuery__SortBy& sort = *node.agg_order[i]->sort_by;
        auto key = expression(*sort.node, plain);
        if (!key) return std::unexpected(key.error());
        const bool down = sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
        const bool first = sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT
                               ? down
                               : sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST;
        const Type type = key->type;
        aggregate.arguments.push_back(make_operator(std::string("order by") +
                                                        (down ? " desc" : "") +
                                                        (first ? " nulls first" : " nulls last"),
                                                    type, {orderable(std::move(*key))}));
    }
    if (node.agg_filter != nullptr) {
        auto filter = condition(*node.agg_filter, plain, "FILTER");
        if (!filter) return std::unexpected(filter.error());
        aggregate.arguments.push_back(
            make_operator("filter where", bool_type(), {std::move(*filter)}));
    }
    return {};
}

Parsed<Expression> Analyzer::format_call(const PgQuery__FuncCall& node, const Scope& scope) {
    Expression made = make_call("pg_format", text_type(), {});
    for (std::size_t i = 0; i < node.n_args; ++i) {
        auto value = expression(*node.args[i], scope);
        if (!value) return value;
        auto text = cast(std::move(*value), text_type());
        if (!text) return refuse(node.location, text.error());
        made.arguments.push_back(std::move(*text));
    }
    return made;
}

Parsed<std::optional<Expression>> Analyzer::json_call(const std::string& name,
                                                      const PgQuery__FuncCall& node,
                                                      const Scope& scope) {
    Parsed<Expression> made = Expression{};
    if (one_of(name, {"to_jsonb", "to_json", "row_to_json"}) && node.n_args == 1)
        made = json_value(*node.args[0], name == "to_jsonb", scope);
    else if (one_of(name, {"jsonb_build_object", "json_build_object", "jsonb_build_array",
                           "json_build_array"}))
        made = built_json(name, node, scope);
    else if (one_of(name, {"jsonb_agg", "json_agg", "array_agg"}))
        made = collected(name, node, scope);
    else if (name == "string_agg")
        made = joined_text(node, scope);
    else if (name == "format" && node.n_args > 0)
        made = format_call(node, scope);
    else
        return std::optional<Expression>();
    if (!made) return std::unexpected(made.error());
    return std::optional(std::move(*made));
}

}  // namespace dunlin::sql
