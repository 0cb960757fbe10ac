#include "sql/expression_shift.h"

namespace dunlin::sql {

namespace {

void rewrite(Query& query, const Rewrite& change, int levels) {
    const auto inner = [&](std::shared_ptr<const Query>& shared, int further) {
        Query copy = *shared;
        rewrite(copy, change, levels + further);
        shared = std::make_shared<const Query>(std::move(copy));
    };
    const auto optional = [&](std::optional<Expression>& e) {
        if (e) rewrite(*e, change, levels);
    };
    for (Relation& relation : query.relations) {
        if (relation.query) inner(relation.query, 1);
        if (!relation.rows) continue;
        Expression rows = *relation.rows;
        rewrite(rows, change, levels);
        relation.rows = std::make_shared<const Expression>(std::move(rows));
    }
    for (Join& join : query.joins) optional(join.on);
    for (Target& target : query.targets) rewrite(target.expression, change, levels);
    optional(query.where);
    for (Expression& key : query.group_by) rewrite(key, change, levels);
    optional(query.having);
    for (OrderTerm& term : query.order_by) rewrite(term.expression, change, levels);
    optional(query.limit);
    optional(query.offset);
    for (Combination& other : query.combined) inner(other.query, 0);
}

/// Columns of what is outside of the outermost query.
Rewrite shifting(int levels) {
    return [levels](Expression& e, int around) {
        if (e.kind == Expression::Kind::Column && e.depth >= around) e.depth += levels;
    };
}

}  // namespace

void rewrite(Expression& e, const Rewrite& change, int levels) {
    change(e, levels);
    for (Expression& argument : e.arguments) rewrite(argument, change, levels);
    if (e.query == nullptr) return;
    Query copy = *e.query;
    rewrite(copy, change, levels + 1);
    e.query = std::make_shared<const Query>(std::move(copy));
}

void shift(Expression& expression, int levels) {
    if (levels != 0) rewrite(expression, shifting(levels), 0);
}

void shift(Query& query, int levels) {
    if (levels != 0) rewrite(query, shifting(levels), 1);
}

std::size_t node_count(const Expression& e) {
    std::size_t count = 1;
    for (const Expression& argument : e.arguments) count += node_count(argument);
    return e.query == nullptr ? count : count + node_count(*e.query);
}

std::size_t node_count(const Query& query) {
    std::size_t count = 1;
    const auto optional = [&](const std::optional<Expression>& e) {
        if (e) count += node_count(*e);
    };
    for (const Relation& relation : query.relations) {
        if (relation.query) count += node_count(*relation.query);
        if (relation.rows) count += node_count(*relation.rows);
    }
    for (const Join& join : query.joins) optional(join.on);
    for (const Target& target : query.targets) count += node_count(target.expression);
    optional(query.where);
    for (const Expression& key : query.group_by) count += node_count(key);
    optional(query.having);
    for (const OrderTerm& term : query.order_by) count += node_count(term.expression);
    for (const Combination& other : query.combined) count += node_count(*other.query);
    return count;
}

}  // namespace dunlin::sql
