#include "sql/expression_shift.h"

namespace dunlin::sql {

namespace {

/// `from` is how many queries are between here and the place the meaning is of.
void shift_from(Expression& e, int levels, int from);

void shift_from(Query& query, int levels, int from) {
    const auto inner = [&](std::shared_ptr<const Query>& shared, int further) {
        Query copy = *shared;
        shift_from(copy, levels, from + further);
        shared = std::make_shared<const Query>(std::move(copy));
    };
    const auto optional = [&](std::optional<Expression>& e) {
        if (e) shift_from(*e, levels, from);
    };
    for (Relation& relation : query.relations) {
        if (relation.query) inner(relation.query, 1);
        if (!relation.rows) continue;
        Expression rows = *relation.rows;
        shift_from(rows, levels, from);
        relation.rows = std::make_shared<const Expression>(std::move(rows));
    }
    for (Join& join : query.joins) optional(join.on);
    for (Target& target : query.targets) shift_from(target.expression, levels, from);
    optional(query.where);
    for (Expression& key : query.group_by) shift_from(key, levels, from);
    optional(query.having);
    for (OrderTerm& term : query.order_by) shift_from(term.expression, levels, from);
    optional(query.limit);
    optional(query.offset);
    for (Combination& other : query.combined) inner(other.query, 0);
}

void shift_from(Expression& e, int levels, int from) {
    if (e.kind == Expression::Kind::Column && e.depth >= from) e.depth += levels;
    for (Expression& argument : e.arguments) shift_from(argument, levels, from);
    if (e.query == nullptr) return;
    Query copy = *e.query;
    shift_from(copy, levels, from + 1);
    e.query = std::make_shared<const Query>(std::move(copy));
}

}  // namespace

void shift(Expression& expression, int levels) {
    if (levels != 0) shift_from(expression, levels, 0);
}

void shift(Query& query, int levels) {
    if (levels != 0) shift_from(query, levels, 1);
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
