// FROM: tables, subqueries, WITH, functions, joins.
#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer.h"
#include "sql/expression_shift.h"

namespace dunlin::sql {

namespace {

int scopes_of(const Analyzer::Scope* scope) {
    int count = 0;
    for (; scope != nullptr; scope = scope->outer) ++count;
    return count;
}

std::vector<std::string> alias_columns(const PgQuery__Alias* alias) {
    std::vector<std::string> names;
    for (std::size_t i = 0; alias != nullptr && i < alias->n_colnames; ++i)
        names.emplace_back(alias->colnames[i]->string->sval);
    return names;
}

/// What a subquery gives, as a table that its columns can be looked up in; `names` go before its
/// own.
Relation derived(Query query, std::string alias, const std::vector<std::string>& names) {
    auto described = std::make_shared<Table>();
    described->name = alias;
    for (std::size_t i = 0; i < query.targets.size(); ++i) {
        Target& target = query.targets[i];
        if (i < names.size()) target.name = names[i];
        described->columns.push_back({.name = target.name, .type = target.expression.type});
    }
    return {.table = described.get(),
            .alias = std::move(alias),
            .query = std::make_shared<const Query>(std::move(query)),
            .described = described};
}

std::string alias_of(const PgQuery__Alias* alias, const std::string& otherwise) {
    return alias != nullptr && alias->aliasname != nullptr && *alias->aliasname != 0
               ? alias->aliasname
               : otherwise;
}

}  // namespace

Parsed<Relation> Analyzer::table_relation(const PgQuery__RangeVar& range, const Scope* outer) {
    const bool qualified = range.schemaname != nullptr && *range.schemaname != 0;
    const std::string alias = alias_of(range.alias, range.relname);
    const auto names = alias_columns(range.alias);
    for (auto with = with_.rbegin(); !qualified && with != with_.rend(); ++with) {
        if (with->name != range.relname) continue;
        if (with->described != nullptr) {
            ++with->mentions;
            auto described = std::make_shared<Table>(*with->described);
            for (std::size_t i = 0; i < names.size() && i < described->columns.size(); ++i)
                described->columns[i].name = names[i];
            return Relation{.table = described.get(),
                            .alias = alias,
                            .described = described,
                            .recursive = with->name};
        }
        Query copy = *with->query;
        shift(copy, scopes_of(outer) - with->level);
        inlined_nodes_ += node_count(copy);
        auto columns = with->columns;
        for (std::size_t i = 0; i < names.size() && i < columns.size(); ++i) columns[i] = names[i];
        return derived(std::move(copy), alias, columns);
    }
    const std::string schema = qualified ? range.schemaname : "public";
    const Table* table = schema_.find(schema, range.relname);
    if (table == nullptr) {
        return refuse(
            range.location, "42P01",
            fmt::format("relation \"{}{}\" does not exist",
                        qualified && schema != "public" ? schema + "." : "", range.relname));
    }
    if (!names.empty()) {
        return not_carried(range.location, "renaming the columns of a table",
                           "Rename them in the select list.");
    }
    return Relation{.table = table, .alias = alias};
}

Parsed<Relation> Analyzer::subquery_relation(const PgQuery__RangeSubselect& node,
                                             const Scope* outer) {
    if (node.lateral != 0)
        return not_carried(-1, "LATERAL", "Use a subquery in the select list, or a join.");
    if (node.alias == nullptr)
        return refuse(-1, "42601", "subquery in FROM must have an alias",
                      "For example, FROM (SELECT ...) [AS] foo.");
    const Scope here{.outer = outer};  // the relations beside it are not visible to it
    auto inner = query(*node.subquery->select_stmt, &here);
    if (!inner) return std::unexpected(inner.error());
    return derived(std::move(*inner), node.alias->aliasname, alias_columns(node.alias));
}

Parsed<Relation> Analyzer::function_relation(const PgQuery__RangeFunction& node,
                                             const Query& before, const Scope* outer) {
    const PgQuery__Node* call_node = nullptr;
    if (node.n_functions == 1 && node.functions[0]->node_case == PG_QUERY__NODE__NODE_LIST)
        call_node = node.functions[0]->list->items[0];
    if (call_node == nullptr || call_node->node_case != PG_QUERY__NODE__NODE_FUNC_CALL ||
        node.n_coldeflist > 0) {
        return not_carried(-1, "this in FROM", "Name a table, a view, a subquery or a function.");
    }
    const PgQuery__FuncCall& call = *call_node->func_call;
    auto built_in = rows_relation(node, call, {.query = &before, .outer = outer});
    if (!built_in) return std::unexpected(built_in.error());
    if (*built_in) return std::move(**built_in);
    if (node.ordinality != 0)
        return not_carried(call.location, "WITH ORDINALITY of this function",
                           "Number the rows by row_number().");
    const Scope here{.outer = outer};
    auto resolved = resolve_call(call, here);
    if (!resolved) return std::unexpected(resolved.error());
    if (!*resolved) {
        return not_carried(call.location, "this function in FROM",
                           "Use a table, or a function of your own that gives rows.");
    }
    const Function& function = *(*resolved)->function;
    Parsed<Query> rows = Query{};
    if (function.result == FunctionResult::Scalar && !function.returns_set) {
        auto value = inlined(function, std::move((*resolved)->given), call.location);
        if (!value) return std::unexpected(value.error());
        shift(*value, 1);
        rows->targets.push_back({function.name, std::move(*value)});
    } else if (function.returns_set) {
        rows = inlined_rows(function, std::move((*resolved)->given), call.location);
        if (!rows) return std::unexpected(rows.error());
    } else {
        return not_carried(call.location, "a function that gives one row in FROM",
                           "Let it return SETOF.");
    }
    const std::string alias = alias_of(node.alias, function.name);
    auto names = alias_columns(node.alias);
    // A function of one value gives its alias to its column.
    if (names.empty() && function.result == FunctionResult::Scalar) names.push_back(alias);
    return derived(std::move(*rows), alias, names);
}

Parsed<Relation> Analyzer::relation(const PgQuery__Node& node, const Query& before,
                                    const Scope* outer) {
    switch (node.node_case) {
        case PG_QUERY__NODE__NODE_RANGE_VAR:
            return table_relation(*node.range_var, outer);
        case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
            return subquery_relation(*node.range_subselect, outer);
        case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
            return function_relation(*node.range_function, before, outer);
        default:
            return not_carried(location_of(node), "this in FROM", "Name a table or a view.");
    }
}

Parsed<void> Analyzer::add_relation(const PgQuery__Node& node, Query& query, Join::Kind kind,
                                    const Scope* outer) {
    auto added = relation(node, query, outer);
    if (!added) return std::unexpected(added.error());
    for (const Relation& known : query.relations) {
        if (known.alias == added->alias) {
            return refuse(location_of(node), "42712",
                          fmt::format("table name \"{}\" specified more than once", known.alias));
        }
    }
    query.relations.push_back(std::move(*added));
    if (query.relations.size() > 1) {
        query.joins.push_back(
            {.kind = kind, .relation = static_cast<int>(query.relations.size()) - 1});
    }
    return {};
}

Parsed<void> Analyzer::add_from(const PgQuery__Node& node, Query& query, const Scope* outer) {
    const Nesting nesting(depth_);
    if (auto shallow = require_shallow(-1); !shallow) return shallow;
    if (node.node_case == PG_QUERY__NODE__NODE_JOIN_EXPR)
        return add_join(*node.join_expr, query, outer);
    return add_relation(node, query, Join::Kind::Cross, outer);
}

Parsed<void> Analyzer::add_join(const PgQuery__JoinExpr& node, Query& query, const Scope* outer) {
    if (node.is_natural != 0)
        return not_carried(-1, "a NATURAL join", "Write the condition with ON or USING.");
    if (node.alias != nullptr) return not_carried(-1, "an alias of a join", "Leave it out.");
    const std::size_t before = query.relations.size();
    auto added = add_from(*node.larg, query, outer);
    if (!added) return added;
    Join::Kind kind = Join::Kind::Inner;
    if (node.jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT) kind = Join::Kind::Left;
    if (node.jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT) kind = Join::Kind::Right;
    if (node.jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL) kind = Join::Kind::Full;
    if (before > 0 && (kind == Join::Kind::Right || kind == Join::Kind::Full)) {
        return not_carried(-1, "RIGHT and FULL JOIN after other tables",
                           "Write the join first in FROM, or use LEFT JOIN.");
    }
    const bool turned = kind == Join::Kind::Right || kind == Join::Kind::Full;
    if (turned && node.rarg->node_case == PG_QUERY__NODE__NODE_RANGE_FUNCTION)
        return not_carried(-1, "a function after RIGHT or FULL JOIN", "Use LEFT JOIN.");
    const bool cross = node.quals == nullptr && node.n_using_clause == 0;
    added = add_relation(*node.rarg, query, cross ? Join::Kind::Cross : kind, outer);
    if (!added || cross) return added;
    if (node.n_using_clause > 0) return join_using(node, query);
    auto on = condition(*node.quals, {.query = &query, .outer = outer}, "JOIN/ON");
    if (!on) return std::unexpected(on.error());
    query.joins.back().on = std::move(*on);
    return {};
}

/// `USING (a)` is `ON left.a = right.a`, and one column `a` from then on: the left one, which has
/// the value in every row of an inner or left join.
Parsed<void> Analyzer::join_using(const PgQuery__JoinExpr& node, Query& query) {
    Join& join = query.joins.back();
    if (join.kind == Join::Kind::Right || join.kind == Join::Kind::Full) {
        return not_carried(-1, "USING in a RIGHT or FULL JOIN", "Write the condition with ON.");
    }
    Relation& right = query.relations.back();
    Query left = query;
    left.relations.pop_back();
    std::vector<Expression> equal;
    for (std::size_t i = 0; i < node.n_using_clause; ++i) {
        const std::string name = node.using_clause[i]->string->sval;
        auto one = table_column("", name, -1, {.query = &left});
        if (!one) return std::unexpected(one.error());
        const auto other = right.table->find_column(name);
        if (!*one || !other) {
            return refuse(-1, "42703",
                          fmt::format("column \"{}\" specified in USING clause does not exist in "
                                      "{} table",
                                      name, *one ? "right" : "left"));
        }
        right.merged.push_back(*other);
        auto test = comparison("=", std::move(**one),
                               {.kind = Expression::Kind::Column,
                                .type = right.table->columns[*other].type,
                                .name = name,
                                .relation = join.relation,
                                .column = *other},
                               -1);
        if (!test) return std::unexpected(test.error());
        equal.push_back(std::move(*test));
    }
    join.on = equal.size() == 1 ? std::move(equal[0])
                                : make_operator("and", bool_type(), std::move(equal));
    return {};
}

Parsed<void> Analyzer::add_with(const PgQuery__WithClause& with, const Scope* outer) {
    for (std::size_t i = 0; i < with.n_ctes; ++i) {
        const PgQuery__CommonTableExpr& one = *with.ctes[i]->common_table_expr;
        if (one.ctequery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
            return not_carried(one.location, "a WITH that writes",
                               "Write one statement after the other, in a function.");
        }
        const Scope here{.outer = outer};
        auto recursive = with.recursive != 0 ? recursive_query(one, outer)
                                             : Parsed<std::optional<Query>>(std::nullopt);
        if (!recursive) return std::unexpected(recursive.error());
        auto inner = *recursive ? Parsed<Query>(std::move(**recursive))
                                : query(*one.ctequery->select_stmt, &here);
        if (!inner) return std::unexpected(inner.error());
        WithQuery made{
            .name = one.ctename, .query = nullptr, .columns = {}, .level = scopes_of(outer)};
        for (std::size_t c = 0; c < inner->targets.size(); ++c) {
            made.columns.push_back(c < one.n_aliascolnames ? one.aliascolnames[c]->string->sval
                                                           : inner->targets[c].name);
        }
        made.query = std::make_shared<const Query>(std::move(*inner));
        with_.push_back(std::move(made));
    }
    return {};
}

}  // namespace dunlin::sql
