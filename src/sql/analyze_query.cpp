#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer.h"

namespace dunlin::sql {

namespace {

/// `select auth.uid()` without FROM: just its value, asked for once by people who tune PostgreSQL.
const PgQuery__Node* bare_value(const PgQuery__SelectStmt& select) {
    const bool bare = select.n_from_clause == 0 && select.where_clause == nullptr &&
                      select.n_target_list == 1 && select.n_group_clause == 0 &&
                      select.with_clause == nullptr && select.n_values_lists == 0 &&
                      select.op == PG_QUERY__SET_OPERATION__SETOP_NONE &&
                      select.limit_count == nullptr && select.having_clause == nullptr;
    return bare ? select.target_list[0]->res_target->val : nullptr;
}

Parsed<void> refuse_unsupported(const PgQuery__SelectStmt& select) {
    if (select.with_clause != nullptr) {
        return not_carried(select.with_clause->location, "WITH",
                           "Write the query as a subquery or a view.");
    }
    if (select.op != PG_QUERY__SET_OPERATION__SETOP_NONE) {
        return not_carried(-1, "UNION, INTERSECT and EXCEPT",
                           "Make two views, or combine with OR.");
    }
    if (select.n_values_lists > 0) return not_carried(-1, "VALUES here", "Use INSERT … VALUES.");
    if (select.n_locking_clause > 0) return not_carried(-1, "FOR UPDATE", "Leave it out.");
    if (select.n_window_clause > 0)
        return not_carried(-1, "WINDOW", "Compute it in the application.");
    return {};
}

}  // namespace

Parsed<Expression> Analyzer::subquery(const PgQuery__SubLink& node, const Scope& scope) {
    const PgQuery__SelectStmt& select = *node.subselect->select_stmt;
    if (node.sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK) {
        if (const auto* value = bare_value(select)) return expression(*value, scope);
    }
    auto inner = query(select, &scope);
    if (!inner) return std::unexpected(inner.error());
    auto shared = std::make_shared<const Query>(std::move(*inner));
    if (node.sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK) {
        return Expression{.kind = Expression::Kind::Exists, .type = bool_type(), .query = shared};
    }
    if (shared->targets.size() != 1)
        return refuse(node.location, "42601", "subquery must return only one column");
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

Parsed<Query> Analyzer::query(const PgQuery__SelectStmt& select, const Scope* outer) {
    const auto supported = refuse_unsupported(select);
    if (!supported) return std::unexpected(supported.error());
    Query result;
    for (std::size_t i = 0; i < select.n_from_clause; ++i) {
        auto added = add_from(*select.from_clause[i], result, outer);
        if (!added) return std::unexpected(added.error());
    }
    const Scope plain{.query = &result, .outer = outer};
    const Scope grouped{.query = &result, .outer = outer, .aggregates = true};
    if (select.where_clause != nullptr) {
        auto where = condition(*select.where_clause, plain, "WHERE");
        if (!where) return std::unexpected(where.error());
        result.where = std::move(*where);
    }
    for (std::size_t i = 0; i < select.n_target_list; ++i) {
        auto added = add_target(*select.target_list[i]->res_target, result, grouped);
        if (!added) return std::unexpected(added.error());
    }
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
        auto added = add_order(*select.sort_clause[i]->sort_by, result, grouped);
        if (!added) return std::unexpected(added.error());
    }
    result.distinct = select.n_distinct_clause > 0;
    if (result.distinct && select.distinct_clause[0]->node_case != PG_QUERY__NODE__NODE__NOT_SET) {
        return not_carried(-1, "DISTINCT ON", "Use GROUP BY.");
    }
    for (const auto& [node, slot] :
         {std::pair{select.limit_count, &result.limit}, {select.limit_offset, &result.offset}}) {
        if (node == nullptr) continue;
        auto count = expression(*node, plain);
        if (!count) return std::unexpected(count.error());
        auto whole = coerce(std::move(*count), {.kind = TypeKind::Int8});
        if (!whole) return refuse(location_of(*node), whole.error());
        const bool null =
            whole->kind == Expression::Kind::Literal && whole->value.is_null();  // LIMIT ALL
        if (!null) *slot = std::move(*whole);
    }
    if (auto grouped_by = require_grouped(result); !grouped_by)
        return std::unexpected(grouped_by.error());
    return result;
}

Parsed<void> Analyzer::add_from(const PgQuery__Node& node, Query& query, const Scope* outer) {
    const Nesting nesting(depth_);
    if (auto shallow = require_shallow(-1); !shallow) return shallow;
    if (node.node_case == PG_QUERY__NODE__NODE_JOIN_EXPR)
        return add_join(*node.join_expr, query, outer);
    return add_relation(node, query, Join::Kind::Cross);
}

Parsed<void> Analyzer::add_relation(const PgQuery__Node& node, Query& query, Join::Kind kind) {
    if (node.node_case != PG_QUERY__NODE__NODE_RANGE_VAR) {
        return not_carried(location_of(node), "this in FROM", "Name a table or a view.");
    }
    const PgQuery__RangeVar& range = *node.range_var;
    const std::string schema =
        range.schemaname != nullptr && *range.schemaname != 0 ? range.schemaname : "public";
    const Table* table = schema_.find(schema, range.relname);
    if (table == nullptr) {
        return refuse(range.location, "42P01",
                      fmt::format("relation \"{}\" does not exist", range.relname));
    }
    const std::string alias = range.alias != nullptr ? range.alias->aliasname : range.relname;
    for (const Relation& known : query.relations) {
        if (known.alias == alias) {
            return refuse(range.location, "42712",
                          fmt::format("table name \"{}\" specified more than once", alias));
        }
    }
    query.relations.push_back({table, alias});
    if (query.relations.size() > 1) {
        query.joins.push_back(
            {.kind = kind, .relation = static_cast<int>(query.relations.size()) - 1});
    }
    return {};
}

Parsed<void> Analyzer::add_join(const PgQuery__JoinExpr& node, Query& query, const Scope* outer) {
    const bool left = node.jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT;
    if (!left && node.jointype != PG_QUERY__JOIN_TYPE__JOIN_INNER) {
        return not_carried(-1, "RIGHT and FULL JOIN", "Swap the tables and use LEFT JOIN.");
    }
    if (node.is_natural != 0 || node.n_using_clause > 0) {
        return not_carried(-1, "NATURAL and USING", "Write the condition with ON.");
    }
    auto added = add_from(*node.larg, query, outer);
    if (!added) return added;
    const bool cross = node.quals == nullptr;
    added = add_relation(*node.rarg, query,
                         cross  ? Join::Kind::Cross
                         : left ? Join::Kind::Left
                                : Join::Kind::Inner);
    if (!added || cross) return added;
    auto on = condition(*node.quals, {.query = &query, .outer = outer}, "JOIN/ON");
    if (!on) return std::unexpected(on.error());
    query.joins.back().on = std::move(*on);
    return {};
}

Parsed<Query> analyze_query(const Schema& schema, const PgQuery__SelectStmt& statement) {
    return Analyzer(schema).query(statement, nullptr);
}

}  // namespace dunlin::sql
