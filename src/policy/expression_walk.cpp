#include "policy/expression_walk.h"

#include <algorithm>

#include "core/functions.h"

namespace dunlin::policy {

using sql::Expression;
using sql::Query;

namespace {

/// What a query is written with: whether `in_expression` or `in_query` is true of a part of it. A
/// query in FROM is one level further in, one that is combined with it is at the same.
bool any_part(const Query& query, const Visit& in_expression,
              const std::function<bool(const Query&, int levels)>& in_query) {
    const auto optional = [&](const std::optional<Expression>& e) {
        return e && in_expression(*e);
    };
    const auto in_target = [&](const sql::Target& target) {
        return in_expression(target.expression);
    };
    return std::ranges::any_of(query.targets, in_target) ||
           std::ranges::any_of(query.joins, [&](const auto& join) { return optional(join.on); }) ||
           optional(query.where) || std::ranges::any_of(query.group_by, in_expression) ||
           optional(query.having) ||
           std::ranges::any_of(query.order_by,
                               [&](const auto& term) { return in_expression(term.expression); }) ||
           optional(query.limit) || optional(query.offset) ||
           std::ranges::any_of(
               query.relations,
               [&](const auto& relation) {
                   return (relation.query != nullptr && in_query(*relation.query, 1)) ||
                          (relation.rows != nullptr && in_expression(*relation.rows));
               }) ||
           std::ranges::any_of(query.combined, [&](const auto& combination) {
               return in_query(*combination.query, 0);
           });
}

bool calls_volatile(const Expression& e) {
    if (e.kind != Expression::Kind::Call) return false;
    if (e.name == "pg_now" || e.name == "pg_today") return true;
    const ScalarFunction* function = find_scalar_function(e.name);
    return function != nullptr && !function->stable;
}

/// Walks a tree with the queries around each expression.
class Reader {
public:
    void look(const Expression& e) {
        if (e.kind == Expression::Kind::Column) note(e);
        for (const auto& argument : e.arguments) look(argument);
        if (e.query != nullptr) look(*e.query, 1);
    }

    void look(const Query& query, int levels) {
        const Relations before = around_.empty() ? Relations{} : around_.back();
        if (levels == 0 && !around_.empty()) around_.pop_back();
        Relations own;
        for (const auto& relation : query.relations) {
            const bool is_table = relation.described == nullptr;
            own.push_back(is_table ? found.size() : none);
            if (is_table)
                found.push_back({relation.table, query.definer ? Reads::AsOwner : Reads::AsCaller});
        }
        around_.push_back(std::move(own));
        any_part(
            query,
            [&](const Expression& e) {
                look(e);
                return false;
            },
            [&](const Query& inner, int further) {
                look(inner, further);
                return false;
            });
        around_.pop_back();
        if (levels == 0) around_.push_back(before);
    }

    std::vector<ReadRelation> found;

private:
    /// Where in `found` each relation of a query is; `none` for a query in FROM.
    using Relations = std::vector<std::size_t>;
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    void note(const Expression& e) {
        const auto depth = static_cast<std::size_t>(e.depth);
        if (depth >= around_.size()) return;
        const Relations& relations = around_[around_.size() - 1 - depth];
        const std::size_t place = relations.at(static_cast<std::size_t>(e.relation));
        if (place != none) found[place].columns.insert(e.column);
    }

    std::vector<Relations> around_;  // outermost first
};

}  // namespace

bool any(const Expression& e, const Visit& visit) {
    if (visit(e)) return true;
    for (const auto& argument : e.arguments) {
        if (any(argument, visit)) return true;
    }
    return e.query != nullptr && any(*e.query, visit);
}

bool any(const Query& query, const Visit& visit) {
    return any_part(
        query, [&](const Expression& e) { return any(e, visit); },
        [&](const Query& inner, int) { return any(inner, visit); });
}

bool is_volatile(const Expression& e) {
    return any(e, calls_volatile);
}
bool is_volatile(const Query& query) {
    return any(query, calls_volatile);
}

std::vector<ReadRelation> relations_of(const Expression& e) {
    Reader reader;
    reader.look(e);
    return std::move(reader.found);
}
std::vector<ReadRelation> relations_of(const Query& query) {
    Reader reader;
    reader.look(query, 1);
    return std::move(reader.found);
}

bool looks_out(const Query& query, int depth) {
    return any_part(
        query, [&](const Expression& e) { return looks_out(e, depth); },
        [&](const Query& inner, int levels) { return looks_out(inner, depth + levels); });
}

bool looks_out(const Expression& e, int depth) {
    if (e.kind == Expression::Kind::Column) return e.depth >= depth;
    for (const auto& argument : e.arguments) {
        if (looks_out(argument, depth)) return true;
    }
    return e.query != nullptr && looks_out(*e.query, depth + 1);
}

}  // namespace dunlin::policy
