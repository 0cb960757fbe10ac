#pragma once

#include <string_view>

#include "sql/expression.h"
#include "sql/plpgsql_tree.h"

/// Bodies of functions as text, and what their last statement has to give.
namespace dunlin::sql {

/// The statements of a function in language sql.
Parsed<SyntaxTree> parse_sql_body(const Function& function);

/// The one statement of a body when it is a SELECT, else nullptr.
const PgQuery__SelectStmt* only_select(const SyntaxTree& tree);

/// The value of `select value` without anything else, or nullptr.
const PgQuery__Node* bare_value(const PgQuery__SelectStmt& select);

/// The rows of a query as the function gives them: names and types of its result. Fails with 42P13
/// as PostgreSQL does when they do not fit.
Parsed<Query> fit_result(const Schema& schema, const Function& function, Query rows);

/// The columns that a function gives: one for a value, those of its table, or its own.
std::vector<Parameter> result_columns(const Schema& schema, const Function& function);

/// PostgreSQL's name of what a function gives, for messages: "integer", "SETOF todos".
std::string result_name(const Function& function);

/// A derived table over `inner`, one level further in, with the same columns.
Query selected_from(Query inner);

}  // namespace dunlin::sql
