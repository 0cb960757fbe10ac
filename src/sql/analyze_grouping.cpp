#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer.h"

namespace dunlin::sql {

bool same_expression(const Expression& left, const Expression& right) {
    return left.kind == right.kind && left.name == right.name && left.relation == right.relation &&
           left.depth == right.depth && left.column == right.column && left.value == right.value &&
           left.query == right.query && left.negated == right.negated &&
           std::ranges::equal(left.arguments, right.arguments, same_expression);
}

namespace {

/// The columns of a relation whose primary key is grouped by have one value in each group.
bool is_determined(const Query& query, const Expression& column) {
    const Table& table = *query.relations[static_cast<std::size_t>(column.relation)].table;
    const auto grouped = [&](std::size_t key) {
        return std::ranges::any_of(query.group_by, [&](const Expression& e) {
            return e.kind == Expression::Kind::Column && e.depth == 0 &&
                   e.relation == column.relation && e.column == key;
        });
    };
    return !table.primary_key.columns.empty() &&
           std::ranges::all_of(table.primary_key.columns, grouped);
}

/// A column outside of aggregates that is not grouped by: SQLite would take it from any row.
const Expression* find_ungrouped(const Query& query, const Expression& e) {
    const auto same = [&](const Expression& key) { return same_expression(key, e); };
    if (e.kind == Expression::Kind::Aggregate || std::ranges::any_of(query.group_by, same))
        return nullptr;
    if (e.kind == Expression::Kind::Column)
        return e.depth == 0 && !is_determined(query, e) ? &e : nullptr;
    for (const Expression& argument : e.arguments) {
        if (const auto* found = find_ungrouped(query, argument)) return found;
    }
    return nullptr;
}

}  // namespace

bool has_aggregate(const Expression& e) {
    return e.kind == Expression::Kind::Aggregate || std::ranges::any_of(e.arguments, has_aggregate);
}

Parsed<void> require_grouped(const Query& query) {
    std::vector<const Expression*> outputs;
    for (const Target& target : query.targets) outputs.push_back(&target.expression);
    for (const OrderTerm& term : query.order_by) outputs.push_back(&term.expression);
    if (query.having) outputs.push_back(&*query.having);
    const bool groups =
        !query.group_by.empty() || query.having ||
        std::ranges::any_of(outputs, [](const Expression* e) { return has_aggregate(*e); });
    if (!groups) return {};
    for (const Expression* output : outputs) {
        const auto* column = find_ungrouped(query, *output);
        if (column == nullptr) continue;
        const Table& table = *query.relations[static_cast<std::size_t>(column->relation)].table;
        return refuse(
            -1, "42803",
            fmt::format(
                "column \"{}.{}\" must appear in the GROUP BY clause or be used in an aggregate "
                "function",
                table.name, table.columns[column->column].name));
    }
    return {};
}

}  // namespace dunlin::sql
