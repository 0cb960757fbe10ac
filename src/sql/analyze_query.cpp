#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer.h"
#include "sql/expression_shift.h"
#include "sql/routine_body.h"
#include "sql/rows_functions.h"

namespace dunlin::sql {

namespace {

Parsed<void> refuse_unsupported(const PgQuery__SelectStmt& select, bool in_routine) {
    // A routine's writes are alone on the database.
    if (select.n_locking_clause > 0 && !in_routine)
        return not_carried(-1, "FOR UPDATE", "Leave it out.");
    return {};
}

}  // namespace

Parsed<Expression> Analyzer::subquery(const PgQuery__SubLink& node, const Scope& scope) {
    const PgQuery__SelectStmt& select = *node.subselect->select_stmt;
    if (node.sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK) {
        const auto* value = bare_value(select);
        const bool rows = value != nullptr && value->node_case == PG_QUERY__NODE__NODE_FUNC_CALL &&
                          is_rows_function(plain_name(*value->func_call));
        if (value != nullptr && !rows) return expression(*value, scope);
    }
    auto inner = query(select, &scope);
    if (!inner) return std::unexpected(inner.error());
    auto shared = std::make_shared<const Query>(std::move(*inner));
    if (node.sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK) {
        return Expression{.kind = Expression::Kind::Exists, .type = bool_type(), .query = shared};
    }
    if (shared->targets.size() != 1)
        return refuse(node.location, "42601", "subquery must return only one column");
    if (node.sub_link_type == PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK)
        return array_of_query(*shared, node.location);
    if (node.sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK) {
        return Expression{.kind = Expression::Kind::ScalarQuery,
                          .type = shared->targets[0].expression.type,
                          .query = shared};
    }
    const std::string op = dotted_name(node.oper_name, node.n_oper_name);
    if (node.sub_link_type != PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK || (!op.empty() && op != "=")) {
        return not_carried(node.location, "this kind of subquery", "Use IN, EXISTS or = ANY.");
    }
    auto subject = expression(*node.testexpr, scope);
    if (!subject) return subject;
    Query compared = *shared;
    Expression& target = compared.targets[0].expression;
    const auto unified = unify(*subject, target);
    if (!unified) return refuse(node.location, unified.error());
    if (!*unified) return no_operator("=", *subject, target, node.location);
    if (auto equal = require_equality(target.type, node.location); !equal)
        return std::unexpected(equal.error());
    if (target.type.kind == TypeKind::Jsonb)
        return not_carried(node.location, "IN over jsonb", "Use EXISTS.");
    Expression in{.kind = Expression::Kind::InQuery, .type = bool_type()};
    in.query = std::make_shared<const Query>(std::move(compared));
    in.arguments.push_back(std::move(*subject));
    return in;
}

/// `array(select …)`: the values in the order of the rows.
Parsed<Expression> Analyzer::array_of_query(const Query& rows, int location) {
    Type type = rows.targets[0].expression.type;
    if (type.array) return not_carried(location, "an array of arrays", "Use jsonb_agg.");
    Query collected = selected_from(rows);
    Expression& value = collected.targets[0].expression;
    const Type json{.kind = TypeKind::Json};
    value = {.kind = Expression::Kind::Aggregate,
             .type = json,
             .name = "json_group_array",
             .arguments = {make_call("json", json, {as_json(std::move(value))})}};
    type.array = true;
    value = make_call("coalesce", type, {std::move(value), make_literal(Value("[]"), type)});
    // What it means outside is one level further out now.
    for (Relation& relation : collected.relations) {
        Query inner = *relation.query;
        shift(inner, 1);
        relation.query = std::make_shared<const Query>(std::move(inner));
    }
    return Expression{.kind = Expression::Kind::ScalarQuery,
                      .type = type,
                      .query = std::make_shared<const Query>(std::move(collected))};
}

Parsed<Query> Analyzer::query(const PgQuery__SelectStmt& select, const Scope* outer) {
    const Nesting nesting(depth_);
    if (auto shallow = require_shallow(-1); !shallow) return std::unexpected(shallow.error());
    const std::size_t known = with_.size();
    if (select.with_clause != nullptr) {
        auto added = add_with(*select.with_clause, outer);
        if (!added) return std::unexpected(added.error());
    }
    auto made = select.op != PG_QUERY__SET_OPERATION__SETOP_NONE ? combined_query(select, outer)
                : select.n_values_lists > 0                      ? values_query(select, outer)
                                                                 : plain_query(select, outer);
    with_.resize(known);
    if (made) made->definer = definer_;
    return made;
}

/// `SELECT f()` of a function that gives rows of one value is `SELECT * FROM f()`.
Parsed<std::optional<Query>> Analyzer::rows_of_call(const PgQuery__SelectStmt& select,
                                                    const Scope* outer) {
    const auto* bare = bare_value(select);
    if (bare == nullptr || select.n_sort_clause > 0) return std::optional<Query>();
    const auto call = whole_call(*bare, {.outer = outer});
    if (!call || !*call) return std::optional<Query>();
    const Function& function = *(*call)->function;
    if (!function.returns_set || function.result != FunctionResult::Scalar)
        return std::optional<Query>();
    PgQuery__ResTarget& target = *select.target_list[0]->res_target;
    PgQuery__List items = PG_QUERY__LIST__INIT;
    items.n_items = 1;
    items.items = &target.val;
    PgQuery__Node list = PG_QUERY__NODE__INIT;
    list.node_case = PG_QUERY__NODE__NODE_LIST;
    list.list = &items;
    PgQuery__Node* functions[] = {&list};
    PgQuery__RangeFunction range = PG_QUERY__RANGE_FUNCTION__INIT;
    range.n_functions = 1;
    range.functions = functions;
    PgQuery__Node from = PG_QUERY__NODE__INIT;
    from.node_case = PG_QUERY__NODE__NODE_RANGE_FUNCTION;
    from.range_function = &range;
    Query rows;
    if (auto added = add_from(from, rows, outer); !added) return std::unexpected(added.error());
    const bool named = target.name != nullptr && *target.name != '\0';
    const Column& column = rows.relations[0].table->columns.at(0);
    rows.targets.push_back(
        {named ? target.name : function.name,
         {.kind = Expression::Kind::Column, .type = column.type, .name = column.name}});
    return std::optional(std::move(rows));
}

Parsed<Query> Analyzer::plain_query(const PgQuery__SelectStmt& select, const Scope* outer) {
    const auto supported = refuse_unsupported(select, in_routine_);
    if (!supported) return std::unexpected(supported.error());
    auto called = rows_of_call(select, outer);
    if (!called) return std::unexpected(called.error());
    if (*called) return std::move(**called);
    Query result;
    for (std::size_t i = 0; i < select.n_from_clause; ++i) {
        auto added = add_from(*select.from_clause[i], result, outer);
        if (!added) return std::unexpected(added.error());
    }
    const Scope plain{.query = &result, .outer = outer};
    const Scope grouped{.query = &result, .outer = outer, .aggregates = true};
    Scope listed = grouped;  // the select list and ORDER BY
    listed.windows = &select;
    listed.rows_into = &result;
    if (select.where_clause != nullptr) {
        auto where = condition(*select.where_clause, plain, "WHERE");
        if (!where) return std::unexpected(where.error());
        result.where = std::move(*where);
    }
    for (std::size_t i = 0; i < select.n_target_list; ++i) {
        auto added = add_target(*select.target_list[i]->res_target, result, listed);
        if (!added) return std::unexpected(added.error());
    }
    listed.rows_into = nullptr;
    const bool gives_rows = !result.relations.empty() && result.relations.back().alias.empty() &&
                            result.relations.back().rows != nullptr;
    for (std::size_t i = 0; i < select.n_group_clause; ++i) {
        auto key = group_key(*select.group_clause[i], result, plain);
        if (!key) return std::unexpected(key.error());
        result.group_by.push_back(std::move(*key));
    }
    if (select.having_clause != nullptr) {
        auto having = condition(*select.having_clause, grouped, "HAVING");
        if (!having) return std::unexpected(having.error());
        result.having = std::move(*having);
    }
    for (std::size_t i = 0; i < select.n_sort_clause; ++i) {
        auto added = add_order(*select.sort_clause[i]->sort_by, result, listed);
        if (!added) return std::unexpected(added.error());
    }
    result.distinct = select.n_distinct_clause > 0;
    if (result.distinct && select.distinct_clause[0]->node_case != PG_QUERY__NODE__NODE__NOT_SET) {
        return not_carried(-1, "DISTINCT ON", "Use GROUP BY.");
    }
    if (auto limited = add_limits(select, result, plain); !limited)
        return std::unexpected(limited.error());
    const bool groups = !result.group_by.empty() || result.having ||
                        std::ranges::any_of(result.targets, [](const Target& target) {
                            return has_aggregate(target.expression);
                        });
    if (gives_rows && groups) {
        return not_carried(-1, "a set-returning function in a select list with GROUP BY",
                           "Call it in FROM.");
    }
    if (auto grouped_by = require_grouped(result); !grouped_by)
        return std::unexpected(grouped_by.error());
    return result;
}

Parsed<void> Analyzer::add_limits(const PgQuery__SelectStmt& select, Query& query,
                                  const Scope& scope) {
    for (const auto& [node, slot] :
         {std::pair{select.limit_count, &query.limit}, {select.limit_offset, &query.offset}}) {
        if (node == nullptr) continue;
        auto count = expression(*node, scope);
        if (!count) return std::unexpected(count.error());
        auto whole = coerce(std::move(*count), {.kind = TypeKind::Int8});
        if (!whole) return refuse(location_of(*node), whole.error());
        const bool null =
            whole->kind == Expression::Kind::Literal && whole->value.is_null();  // LIMIT ALL
        if (!null) *slot = std::move(*whole);
    }
    return {};
}

Parsed<Query> analyze_query(const Schema& schema, const PgQuery__SelectStmt& statement) {
    return Analyzer(schema).query(statement, nullptr);
}

}  // namespace dunlin::sql
