#include "sql/routine_statement.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/ddl.h"
#include "sql/routine_insert.h"

namespace dunlin::sql {

namespace {

Parsed<std::pair<std::size_t, Expression>> set_column(Analyzer& analyzer, const Schema& schema,
                                                      const Table& table,
                                                      const PgQuery__ResTarget& target,
                                                      const Query& around) {
    auto column = written_column(table, text_of(target.name), target.location);
    if (!column) return std::unexpected(column.error());
    if (target.n_indirection > 0)
        return not_carried(target.location, "setting a part of a column", "Set the whole column.");
    const PgQuery__Node* value = target.val;
    if (value->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF) {  // (a, b) = (x, y)
        const auto& part = *value->multi_assign_ref;
        if (part.source->node_case != PG_QUERY__NODE__NODE_ROW_EXPR) {
            return not_carried(target.location, "setting several columns by a subquery",
                               "Set one column at a time.");
        }
        value = part.source->row_expr->args[part.colno - 1];
    }
    const Column& known = table.columns[*column];
    const bool to_default = value->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT;
    if (!known.generated_text.empty() && !to_default) {
        return refuse(target.location, "428C9",
                      fmt::format("column \"{}\" can only be updated to DEFAULT", known.name));
    }
    auto typed = to_default ? default_of(schema, known)
                            : value_for(analyzer, known, *value, {.query = &around});
    if (!typed) return std::unexpected(typed.error());
    return std::pair(*column, std::move(*typed));
}

}  // namespace

Parsed<std::size_t> written_column(const Table& table, const std::string& name, int at) {
    const auto column = table.find_column(name);
    if (column) return *column;
    return refuse(at, "42703",
                  fmt::format("column \"{}\" of relation \"{}\" does not exist", name, table.name));
}

Parsed<const Table*> written_table(const Schema& schema, const PgQuery__RangeVar& range) {
    const RelationName name = relation_name(range);
    const Table* table = schema.find(name.first, name.second);
    if (table == nullptr) {
        return refuse(range.location, "42P01",
                      fmt::format("relation \"{}\" does not exist", shown_name(name)));
    }
    if (table->kind == RelationKind::View) {
        return not_carried(range.location, fmt::format("writing to the view \"{}\"", table->name),
                           "Write to its table.");
    }
    return table;
}

std::string alias_in(const PgQuery__RangeVar& range) {
    return range.alias != nullptr ? text_of(range.alias->aliasname) : text_of(range.relname);
}

Parsed<Expression> default_of(const Schema& schema, const Column& column) {
    if (column.default_text.empty()) return make_literal(Value(), column.type);
    auto value = analyze_expression(schema, nullptr, column.default_text, &column.type);
    if (!value) return refuse(-1, value.error().error);
    return value;
}

Parsed<Expression> value_for(Analyzer& analyzer, const Column& column, const PgQuery__Node& node,
                             const Analyzer::Scope& scope) {
    auto value = analyzer.expression(node, scope);
    if (!value) return value;
    auto typed = assign_to_column(std::move(*value), column, location_of(node));
    return typed;
}

Parsed<Expression> assign_to_column(Expression value, const Column& column, int at) {
    const std::string given = sql_type_name(value.type);
    const bool literal = is_unknown(value);
    auto typed = assign(std::move(value), column.type);
    if (typed) return std::move(*typed);
    if (literal) return refuse(at, typed.error());
    return refuse(at, "42804",
                  fmt::format("column \"{}\" is of type {} but expression is of type {}",
                              column.name, sql_type_name(column.type), given),
                  "You will need to rewrite or cast the expression.");
}

namespace {

/// A column of FROM or USING: SQLite returns those of the written table only.
bool reads_beside(const Expression& e) {
    if (e.kind == Expression::Kind::Column && e.depth == 0 && e.relation > 0) return true;
    return std::ranges::any_of(e.arguments, reads_beside);
}

}  // namespace

Parsed<void> add_returning(Analyzer& analyzer, PgQuery__Node* const* nodes, std::size_t count,
                           const Query& around, RoutineStatement& statement) {
    Query outputs = around;
    outputs.targets.clear();
    for (std::size_t i = 0; i < count; ++i) {
        auto added = analyzer.add_target(*nodes[i]->res_target, outputs, {.query = &outputs});
        if (!added) return added;
    }
    const auto elsewhere = [](const Target& target) { return reads_beside(target.expression); };
    if (std::ranges::any_of(outputs.targets, elsewhere)) {
        return not_carried(-1, "RETURNING of another table's columns",
                           "Return columns of the written table.");
    }
    statement.returning = std::move(outputs.targets);
    return {};
}

namespace {

std::unexpected<Refusal> refuse_with(const PgQuery__WithClause& with) {
    return not_carried(with.location, "WITH before a statement that writes",
                       "Put the query into FROM, or into a variable.");
}

/// `table` as relation 0, then FROM or USING.
Parsed<void> start(Analyzer& analyzer, const Schema& schema, const PgQuery__RangeVar& range,
                   PgQuery__Node* const* from, std::size_t count, RoutineStatement& statement) {
    auto table = written_table(schema, range);
    if (!table) return std::unexpected(table.error());
    statement.table = *table;
    statement.query.definer = analyzer.definer();
    statement.query.relations.push_back({.table = *table, .alias = alias_in(range)});
    for (std::size_t i = 0; i < count; ++i) {
        auto added = analyzer.add_from(*from[i], statement.query, nullptr);
        if (!added) return added;
    }
    statement.from = count > 0;
    return {};
}

Parsed<RoutineStatement> analyze_update(Analyzer& analyzer, const Schema& schema,
                                        const PgQuery__UpdateStmt& node) {
    if (node.with_clause != nullptr) return refuse_with(*node.with_clause);
    RoutineStatement made{.kind = RoutineStatement::Kind::Update};
    auto started =
        start(analyzer, schema, *node.relation, node.from_clause, node.n_from_clause, made);
    if (!started) return std::unexpected(started.error());
    for (std::size_t i = 0; i < node.n_target_list; ++i) {
        auto set =
            set_column(analyzer, schema, *made.table, *node.target_list[i]->res_target, made.query);
        if (!set) return std::unexpected(set.error());
        const auto same = [&](const auto& other) { return other.first == set->first; };
        if (std::ranges::any_of(made.set, same)) {
            return refuse(node.target_list[i]->res_target->location, "42601",
                          fmt::format("multiple assignments to same column \"{}\"",
                                      made.table->columns[set->first].name));
        }
        made.set.push_back(std::move(*set));
    }
    if (node.where_clause != nullptr) {
        auto where = analyzer.condition(*node.where_clause, {.query = &made.query}, "WHERE");
        if (!where) return std::unexpected(where.error());
        made.where = std::move(*where);
    }
    auto returned =
        add_returning(analyzer, node.returning_list, node.n_returning_list, made.query, made);
    if (!returned) return std::unexpected(returned.error());
    return made;
}

Parsed<RoutineStatement> analyze_delete(Analyzer& analyzer, const Schema& schema,
                                        const PgQuery__DeleteStmt& node) {
    if (node.with_clause != nullptr) return refuse_with(*node.with_clause);
    RoutineStatement made{.kind = RoutineStatement::Kind::Delete};
    auto started =
        start(analyzer, schema, *node.relation, node.using_clause, node.n_using_clause, made);
    if (!started) return std::unexpected(started.error());
    if (node.where_clause != nullptr) {
        auto where = analyzer.condition(*node.where_clause, {.query = &made.query}, "WHERE");
        if (!where) return std::unexpected(where.error());
        made.where = std::move(*where);
    }
    auto returned =
        add_returning(analyzer, node.returning_list, node.n_returning_list, made.query, made);
    if (!returned) return std::unexpected(returned.error());
    return made;
}

}  // namespace

std::vector<Target>& outputs_of(RoutineStatement& statement) {
    return statement.kind == RoutineStatement::Kind::Select ? statement.query.targets
                                                            : statement.returning;
}

Parsed<RoutineStatement> analyze_statement(Analyzer& analyzer, const Schema& schema,
                                           const PgQuery__Node& node) {
    switch (node.node_case) {
        case PG_QUERY__NODE__NODE_SELECT_STMT: {
            auto rows = analyzer.query(*node.select_stmt, nullptr);
            if (!rows) return std::unexpected(rows.error());
            return RoutineStatement{.query = std::move(*rows)};
        }
        case PG_QUERY__NODE__NODE_INSERT_STMT:
            if (node.insert_stmt->with_clause != nullptr)
                return refuse_with(*node.insert_stmt->with_clause);
            return analyze_insert(analyzer, schema, *node.insert_stmt);
        case PG_QUERY__NODE__NODE_UPDATE_STMT:
            return analyze_update(analyzer, schema, *node.update_stmt);
        case PG_QUERY__NODE__NODE_DELETE_STMT:
            return analyze_delete(analyzer, schema, *node.delete_stmt);
        default:
            return not_carried(-1, "this statement in a function",
                               "A function may select, insert, update and delete.");
    }
}

}  // namespace dunlin::sql
