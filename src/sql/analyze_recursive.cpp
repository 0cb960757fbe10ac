// WITH RECURSIVE: what is before UNION, and what is worked out again and again of its rows.
#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer.h"
#include "sql/expression_shift.h"
#include "sql/routine_body.h"

namespace dunlin::sql {

namespace {

std::unexpected<Refusal> wrong_recursion(int location, std::string message, std::string hint) {
    return refuse(location, "42P19", std::move(message), std::move(hint));
}

bool is_plain(const Query& query) {
    return query.combined.empty() && query.order_by.empty() && !query.limit && !query.offset;
}

bool has_kind(const Expression& e, Expression::Kind kind) {
    return e.kind == kind ||
           std::ranges::any_of(e.arguments, [&](const Expression& a) { return has_kind(a, kind); });
}

bool has_kind(const Query& query, Expression::Kind kind) {
    return std::ranges::any_of(query.targets,
                               [&](const Target& t) { return has_kind(t.expression, kind); });
}

std::size_t mentions_in_from(const Query& query, const std::string& name) {
    return static_cast<std::size_t>(
        std::ranges::count(query.relations, name, &Relation::recursive));
}

/// PostgreSQL's rules for the recursive term, and SQLite's.
Parsed<void> require_recursive_term(const Query& term, const std::string& name,
                                    std::size_t mentions, int at) {
    if (!is_plain(term))
        return not_carried(at, "ORDER BY, LIMIT or UNION in a recursive query's recursive term",
                           "Put it around the WITH query.");
    if (!term.group_by.empty() || term.having || has_kind(term, Expression::Kind::Aggregate))
        return wrong_recursion(
            at, "aggregate functions are not allowed in a recursive query's recursive term",
            "Count in the query that reads it.");
    if (has_kind(term, Expression::Kind::Window) || term.distinct)
        return not_carried(at, "a window function or DISTINCT in a recursive term",
                           "Put it around the WITH query.");
    if (mentions != 1 || mentions_in_from(term, name) != 1)
        return wrong_recursion(
            at, fmt::format("recursive reference to query \"{}\" must appear once, in FROM", name),
            "Join it with the other tables of FROM.");
    for (const Join& join : term.joins) {
        const bool nullable =
            join.kind == Join::Kind::Left &&
            term.relations[static_cast<std::size_t>(join.relation)].recursive == name;
        if (nullable || join.kind == Join::Kind::Right || join.kind == Join::Kind::Full)
            return wrong_recursion(
                at,
                fmt::format(
                    "recursive reference to query \"{}\" must not appear within an outer join",
                    name),
                "Name it first in FROM.");
    }
    return {};
}

/// The first term gives the columns their types.
Parsed<void> fit_columns(Query& first, Query& term, const std::string& name, int at) {
    for (std::size_t c = 0; c < first.targets.size(); ++c) {
        Expression value = first.targets[c].expression;
        Expression& other = term.targets[c].expression;
        const Type wanted = value.type, given = other.type;
        const auto unified = unify(value, other);
        if (!unified) return refuse(at, unified.error());
        const bool same = *unified && value.type.kind == wanted.kind;
        if (same || (is_text(wanted) && is_text(given))) continue;
        return refuse(at, "42804",
                      fmt::format("recursive query \"{}\" column {} has type {} in non-recursive "
                                  "term but type {} overall",
                                  name, c + 1, sql_type_name(wanted),
                                  sql_type_name(*unified ? value.type : given)),
                      "Cast the output of the non-recursive term to the correct type.");
    }
    return {};
}

}  // namespace

/// The rows of a WITH query that reads itself; nothing for one that does not.
Parsed<std::optional<Query>> Analyzer::recursive_query(const PgQuery__CommonTableExpr& node,
                                                       const Scope* outer) {
    const PgQuery__SelectStmt& select = *node.ctequery->select_stmt;
    if (select.op != PG_QUERY__SET_OPERATION__SETOP_UNION) return std::optional<Query>();
    if (node.search_clause != nullptr || node.cycle_clause != nullptr)
        return not_carried(node.location, "SEARCH and CYCLE",
                           "Carry the path along in a column, and stop by it.");
    const std::string name = node.ctename;
    const Scope here{.outer = outer};
    const Scope inside{.outer = &here};  // one level in, as an arm of UNION is
    auto first = query(*select.larg, &inside);
    if (!first) return std::unexpected(first.error());
    if (!is_plain(*first)) {
        *first = selected_from(std::move(*first));
        shift(*first, 1);
    }
    auto described = std::make_shared<Table>();
    described->name = name;
    for (std::size_t c = 0; c < first->targets.size(); ++c) {
        described->columns.push_back({.name = c < node.n_aliascolnames
                                                  ? node.aliascolnames[c]->string->sval
                                                  : first->targets[c].name,
                                      .type = first->targets[c].expression.type});
    }
    with_.push_back({.name = name, .query = nullptr, .columns = {}, .described = described});
    auto term = query(*select.rarg, &inside);
    const std::size_t mentions = with_.back().mentions;
    with_.pop_back();
    if (!term) return std::unexpected(term.error());
    if (mentions == 0) return std::optional<Query>();
    if (auto may = require_recursive_term(*term, name, mentions, node.location); !may)
        return std::unexpected(may.error());
    if (first->targets.size() != term->targets.size())
        return refuse(node.location, "42601",
                      "each UNION query must have the same number of columns");
    if (auto fitted = fit_columns(*first, *term, name, node.location); !fitted)
        return std::unexpected(fitted.error());
    for (const Column& column : described->columns) {
        if (select.all != 0) continue;
        if (auto equal = require_equality(column.type, node.location); !equal)
            return std::unexpected(equal.error());
    }
    first->combined.push_back(
        {select.all != 0 ? Combination::Kind::UnionAll : Combination::Kind::Union,
         std::make_shared<const Query>(std::move(*term))});
    first->recursive = name;
    return std::optional(selected_from(std::move(*first)));
}

}  // namespace dunlin::sql
