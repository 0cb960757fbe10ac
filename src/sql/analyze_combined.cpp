// UNION, INTERSECT, EXCEPT, and VALUES, which is a UNION ALL of its rows.
#include <fmt/format.h>

#include "sql/analyzer.h"
#include "sql/expression_shift.h"
#include "sql/routine_body.h"

namespace dunlin::sql {

namespace {

bool is_plain(const Query& query) {
    return query.combined.empty() && query.order_by.empty() && !query.limit && !query.offset;
}

/// Brings the columns of all arms to common types; literals that were left open follow the others.
Parsed<void> unify_columns(Query& first, std::vector<Query>& others, std::string_view what) {
    for (std::size_t c = 0; c < first.targets.size(); ++c) {
        std::vector<Expression> values = {first.targets[c].expression};
        for (const Query& other : others) values.push_back(other.targets[c].expression);
        const auto unified = unify_all(values);
        if (!unified) return refuse(-1, unified.error());
        if (!*unified) {
            return refuse(
                -1, "42804",
                fmt::format("{} types {} and {} cannot be matched", what,
                            sql_type_name(values[0].type), sql_type_name(values[1].type)));
        }
        first.targets[c].expression = std::move(values[0]);
        for (std::size_t i = 0; i < others.size(); ++i)
            others[i].targets[c].expression = std::move(values[i + 1]);
    }
    return {};
}

Combination::Kind kind_of(const PgQuery__SelectStmt& select) {
    if (select.op == PG_QUERY__SET_OPERATION__SETOP_INTERSECT) return Combination::Kind::Intersect;
    if (select.op == PG_QUERY__SET_OPERATION__SETOP_EXCEPT) return Combination::Kind::Except;
    return select.all != 0 ? Combination::Kind::UnionAll : Combination::Kind::Union;
}

}  // namespace

Parsed<Query> Analyzer::combined_query(const PgQuery__SelectStmt& select, const Scope* outer) {
    const Combination::Kind kind = kind_of(select);
    if (select.all != 0 && kind != Combination::Kind::UnionAll)
        return not_carried(-1, "INTERSECT ALL and EXCEPT ALL", "Leave ALL out.");
    // An arm that is not plain is written one level further in; so all are analysed there.
    const Scope here{.outer = outer};
    auto left = query(*select.larg, &here);
    if (!left) return left;
    auto right = query(*select.rarg, &here);
    if (!right) return right;
    const std::string_view what = kind == Combination::Kind::Intersect ? "INTERSECT"
                                  : kind == Combination::Kind::Except  ? "EXCEPT"
                                                                       : "UNION";
    if (left->targets.size() != right->targets.size()) {
        return refuse(-1, "42601",
                      fmt::format("each {} query must have the same number of columns", what));
    }
    for (Query* arm : {&*left, &*right}) {
        // Two levels in: what its columns mean outside has to move along.
        if (is_plain(*arm)) continue;
        *arm = selected_from(std::move(*arm));
        shift(*arm, 1);
    }
    std::vector<Query> others;
    others.push_back(std::move(*right));
    if (auto unified = unify_columns(*left, others, what); !unified)
        return std::unexpected(unified.error());
    for (std::size_t c = 0; c < left->targets.size(); ++c) {
        const Type& type = left->targets[c].expression.type;
        if (kind == Combination::Kind::UnionAll) continue;
        if (auto equal = require_equality(type, -1); !equal) return std::unexpected(equal.error());
    }
    Query combined = std::move(*left);
    combined.combined.push_back({kind, std::make_shared<const Query>(std::move(others[0]))});
    Query result = selected_from(std::move(combined));
    const Scope whole{.query = &result, .outer = outer};
    for (std::size_t i = 0; i < select.n_sort_clause; ++i) {
        auto added = add_order(*select.sort_clause[i]->sort_by, result, whole);
        if (!added) return std::unexpected(added.error());
    }
    if (auto limited = add_limits(select, result, whole); !limited)
        return std::unexpected(limited.error());
    return result;
}

Parsed<Query> Analyzer::values_query(const PgQuery__SelectStmt& select, const Scope* outer) {
    const Scope here{.outer = outer};
    std::vector<Query> rows;
    for (std::size_t i = 0; i < select.n_values_lists; ++i) {
        const PgQuery__List& list_node = *select.values_lists[i]->list;
        Query row{.definer = definer_};
        auto values = list(list_node.items, list_node.n_items, {.query = &row, .outer = &here});
        if (!values) return std::unexpected(values.error());
        if (i > 0 && values->size() != rows[0].targets.size()) {
            return refuse(location_of(*list_node.items[0]), "42601",
                          "VALUES lists must all be the same length");
        }
        for (std::size_t c = 0; c < values->size(); ++c)
            row.targets.push_back({fmt::format("column{}", c + 1), std::move((*values)[c])});
        rows.push_back(std::move(row));
    }
    Query first = std::move(rows.front());
    rows.erase(rows.begin());
    if (auto unified = unify_columns(first, rows, "VALUES"); !unified)
        return std::unexpected(unified.error());
    for (Query& row : rows) {
        first.combined.push_back(
            {Combination::Kind::UnionAll, std::make_shared<const Query>(std::move(row))});
    }
    Query result = selected_from(std::move(first));
    if (auto limited = add_limits(select, result, {.query = &result, .outer = outer}); !limited)
        return std::unexpected(limited.error());
    return result;
}

}  // namespace dunlin::sql
