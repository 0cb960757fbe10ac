#include "policy/expression_walk.h"

#include <algorithm>

#include "core/functions.h"

namespace dunlin::policy {

using sql::Expression;
using sql::Query;

bool any(const Expression& e, const Visit& visit) {
    if (visit(e)) return true;
    for (const auto& argument : e.arguments) {
        if (any(argument, visit)) return true;
    }
    return e.query != nullptr && any(*e.query, visit);
}

bool any(const Query& query, const Visit& visit) {
    const auto inside = [&](const Expression& e) { return any(e, visit); };
    const auto in_optional = [&](const std::optional<Expression>& e) { return e && inside(*e); };
    return std::ranges::any_of(query.targets,
                               [&](const auto& target) { return inside(target.expression); }) ||
           std::ranges::any_of(query.joins,
                               [&](const auto& join) { return in_optional(join.on); }) ||
           in_optional(query.where) || std::ranges::any_of(query.group_by, inside) ||
           in_optional(query.having) ||
           std::ranges::any_of(query.order_by,
                               [&](const auto& term) { return inside(term.expression); }) ||
           in_optional(query.limit) || in_optional(query.offset);
}

namespace {

bool calls_volatile(const Expression& e) {
    if (e.kind != Expression::Kind::Call) return false;
    if (e.name == "pg_now" || e.name == "pg_today") return true;
    const ScalarFunction* function = find_scalar_function(e.name);
    return function != nullptr && !function->stable;
}

template <typename Tree>
std::vector<const Table*> collect(const Tree& tree, std::vector<const Table*> found) {
    any(tree, [&](const Expression& e) {
        if (e.query == nullptr) return false;
        for (const auto& relation : e.query->relations) found.push_back(relation.table);
        return false;
    });
    return found;
}

}  // namespace

bool is_volatile(const Expression& e) {
    return any(e, calls_volatile);
}
bool is_volatile(const Query& query) {
    return any(query, calls_volatile);
}

std::vector<const Table*> relations_of(const Expression& e) {
    return collect(e, {});
}

std::vector<const Table*> relations_of(const Query& query) {
    std::vector<const Table*> own;
    for (const auto& relation : query.relations) own.push_back(relation.table);
    return collect(query, std::move(own));
}

bool looks_out(const Query& query, int depth) {
    const auto in = [&](const Expression& e) { return looks_out(e, depth); };
    const auto in_optional = [&](const std::optional<Expression>& e) { return e && in(*e); };
    return std::ranges::any_of(query.targets,
                               [&](const auto& target) { return in(target.expression); }) ||
           std::ranges::any_of(query.joins,
                               [&](const auto& join) { return in_optional(join.on); }) ||
           in_optional(query.where) || std::ranges::any_of(query.group_by, in) ||
           in_optional(query.having) ||
           std::ranges::any_of(query.order_by,
                               [&](const auto& term) { return in(term.expression); }) ||
           in_optional(query.limit) || in_optional(query.offset);
}

bool looks_out(const Expression& e, int depth) {
    if (e.kind == Expression::Kind::Column) return e.depth >= depth;
    for (const auto& argument : e.arguments) {
        if (looks_out(argument, depth)) return true;
    }
    return e.query != nullptr && looks_out(*e.query, depth + 1);
}

}  // namespace dunlin::policy
