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

/// Gives the condition under which a row of `table`, named `alias` in the statement, may be seen by
/// the reader; "" for every row. Used to add the policies of tables inside subqueries.
using RelationFilter = std::function<std::string(const Table& table, std::string_view alias)>;

/// SQLite text of an expression over one table whose columns are written `alias."column"`, or
/// `"column"` when `alias` is empty.
std::string sqlite_text(const Expression& expression, std::string_view alias,
                        const RelationFilter& filter = {});

/// SQLite text of a query.
std::string sqlite_text(const Query& query, const RelationFilter& filter = {});

}  // namespace dunlin::sql
