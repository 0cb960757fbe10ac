#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sql/expression.h"

namespace dunlin::sql {

/// `"name"` with inner quotes doubled.
std::string quote_identifier(std::string_view name);
/// `'text'` with inner quotes doubled; integers, reals, x'blob' and NULL as SQLite writes them.
std::string quote_literal(const Value& value);

/// How a reader sees the relations of a query; without functions, every row of all of them. Used to
/// add the policies of tables inside subqueries.
struct RelationFilter {
    /// The condition under which a row of `table`, named `alias` in the statement, may be seen; ""
    /// for every row.
    std::function<std::string(const Table& table, std::string_view alias)> condition{};
    /// The same for what a SECURITY DEFINER function reads, whose owner no policies hold back.
    std::function<std::string(const Table& table, std::string_view alias)> owner_condition{};
    /// What stands in FROM for a relation that SQLite's own one of that name would show too much
    /// of (a view with the caller's rights): a query in parentheses; "" for its name.
    std::function<std::string(const Table& table)> source{};
    /// Whether the text is kept in the database, as a view's: it then names no full-text index,
    /// which may be dropped before it.
    bool kept = false;
};

/// SQLite text of an expression over one table whose columns are written `alias."column"`, or
/// `"column"` when `alias` is empty.
std::string sqlite_text(const Expression& expression, std::string_view alias,
                        const RelationFilter& filter = {});

/// SQLite text of a query.
std::string sqlite_text(const Query& query, const RelationFilter& filter = {});

/// The same of one whose outermost columns are of a row around it, named `alias`.
std::string sqlite_text(const Query& query, std::string_view alias, const RelationFilter& filter);

}  // namespace dunlin::sql
