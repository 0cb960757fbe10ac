// Functions of PostgreSQL's that give rows, in FROM and in the select list.
#include <fmt/format.h>

#include "sql/analyzer.h"
#include "sql/rows_functions.h"

namespace dunlin::sql {

namespace {

std::vector<std::string> alias_columns(const PgQuery__Alias* alias) {
    std::vector<std::string> names;
    for (std::size_t i = 0; alias != nullptr && i < alias->n_colnames; ++i)
        names.emplace_back(alias->colnames[i]->string->sval);
    return names;
}

Relation relation_of(RowsCall call, std::string alias, bool ordinality) {
    auto described = std::make_shared<Table>();
    described->name = alias;
    described->columns = std::move(call.columns);
    if (ordinality)
        described->columns.push_back({.name = "ordinality", .type = {.kind = TypeKind::Int8}});
    return {.table = described.get(),
            .alias = std::move(alias),
            .described = described,
            .rows = std::make_shared<const Expression>(std::move(call.rows)),
            .ordinality = ordinality};
}

}  // namespace

/// Nothing for other functions. The arguments may use what stands before it in FROM.
Parsed<std::optional<Relation>> Analyzer::rows_relation(const PgQuery__RangeFunction& node,
                                                        const PgQuery__FuncCall& call,
                                                        const Scope& scope) {
    const std::string name = plain_name(call);
    if (!is_rows_function(name)) return std::optional<Relation>();
    auto arguments = list(call.args, call.n_args, scope);
    if (!arguments) return std::unexpected(arguments.error());
    auto rows = *rows_function(name, *arguments, call.location);
    if (!rows) return std::unexpected(rows.error());
    const bool has_alias = node.alias != nullptr && node.alias->aliasname != nullptr;
    const std::string alias = has_alias ? node.alias->aliasname : name;
    const auto names = alias_columns(node.alias);
    if (rows->named_by_alias) rows->columns.back().name = alias;
    Relation relation = relation_of(std::move(*rows), alias, node.ordinality != 0);
    auto renamed = std::make_shared<Table>(*relation.described);
    if (names.size() > renamed->columns.size()) {
        return refuse(call.location, "42P10",
                      fmt::format("table \"{}\" has {} columns available but {} columns specified",
                                  alias, renamed->columns.size(), names.size()));
    }
    for (std::size_t i = 0; i < names.size(); ++i) renamed->columns[i].name = names[i];
    relation.described = renamed;
    relation.table = renamed.get();
    return std::optional(std::move(relation));
}

/// `select unnest(tags) from t` is `select u from t, unnest(tags) u`.
Parsed<Expression> Analyzer::rows_in_list(const std::string& name, const PgQuery__FuncCall& node,
                                          const Scope& scope) {
    if (scope.rows_into == nullptr) {
        return refuse(node.location, "0A000", "set-returning functions are not allowed here",
                      "Call " + name + "() in FROM.");
    }
    Scope inside = scope;
    inside.rows_into = nullptr;
    auto arguments = list(node.args, node.n_args, inside);
    if (!arguments) return std::unexpected(arguments.error());
    auto rows = *rows_function(name, *arguments, node.location);
    if (!rows) return std::unexpected(rows.error());
    if (rows->columns.size() > 1)
        return not_carried(node.location, name + "() in a select list", "Call it in FROM.");
    Query& query = *scope.rows_into;
    for (const Relation& relation : query.relations) {
        if (relation.alias.empty())
            return not_carried(node.location, "several set-returning functions in a select list",
                               "Call them in FROM.");
    }
    for (Column& column : rows->columns) column.hidden = true;  // no name leads to it
    const Type type = rows->columns[0].type;
    query.relations.push_back(relation_of(std::move(*rows), "", false));
    const int index = static_cast<int>(query.relations.size()) - 1;
    if (index > 0) query.joins.push_back({.kind = Join::Kind::Cross, .relation = index});
    return Expression{
        .kind = Expression::Kind::Column, .type = type, .name = name, .relation = index};
}

}  // namespace dunlin::sql
