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

namespace {

/// Whether `test` is true of one of the expressions that a query is written with.
bool any_part(const Query& query, const Visit& test) {
    const auto optional = [&](const std::optional<Expression>& e) { return e && test(*e); };
    return std::ranges::any_of(query.targets,
                               [&](const auto& target) { return test(target.expression); }) ||
           std::ranges::any_of(query.joins, [&](const auto& join) { return optional(join.on); }) ||
           optional(query.where) || std::ranges::any_of(query.group_by, test) ||
           optional(query.having) ||
           std::ranges::any_of(query.order_by,
                               [&](const auto& term) { return test(term.expression); }) ||
           optional(query.limit) || optional(query.offset);
}

}  // namespace

bool any(const Query& query, const Visit& visit) {
    return any_part(query, [&](const Expression& e) { return any(e, visit); });
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

/// Walks a tree with the queries around each expression.
class ColumnReader {
public:
    void look(const Expression& e) {
        if (e.kind == Expression::Kind::Column) note(e);
        for (const auto& argument : e.arguments) look(argument);
        if (e.query != nullptr) look(*e.query);
    }

    void look(const Query& query) {
        around_.push_back(found.size());
        for (const auto& relation : query.relations) found.push_back({relation.table});
        any_part(query, [&](const Expression& e) {
            look(e);
            return false;
        });
        around_.pop_back();
    }

    std::vector<ReadColumns> found;

private:
    void note(const Expression& e) {
        const auto depth = static_cast<std::size_t>(e.depth);
        if (depth >= around_.size()) return;
        const std::size_t first = around_[around_.size() - 1 - depth];
        found[first + static_cast<std::size_t>(e.relation)].columns.insert(e.column);
    }

    std::vector<std::size_t> around_;  // outermost first: where the relations of a query begin
};

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

std::vector<ReadColumns> columns_read(const Expression& e) {
    ColumnReader reader;
    reader.look(e);
    return std::move(reader.found);
}
std::vector<ReadColumns> columns_read(const Query& query) {
    ColumnReader reader;
    reader.look(query);
    return std::move(reader.found);
}

bool looks_out(const Query& query, int depth) {
    return any_part(query, [&](const Expression& e) { return looks_out(e, depth); });
}

bool looks_out(const Expression& e, int depth) {
    if (e.kind == Expression::Kind::Column) return e.depth >= depth;
    for (const auto& argument : e.arguments) {
        if (looks_out(argument, depth)) return true;
    }
    return e.query != nullptr && looks_out(*e.query, depth + 1);
}

}  // namespace dunlin::policy
