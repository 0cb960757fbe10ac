#pragma once

#include <optional>
#include <string_view>

#include "sql/expression.h"

/// Functions as parts of other statements: their bodies put in the place of the call.
namespace dunlin::sql {

/// The function whose one parameter is the table's row type, by that name in the table's schema;
/// null when there is none.
const Function* function_over(const Schema& schema, const Table& table, std::string_view name);

/// A computed column: the value of `name(row)` over the columns of `table` (relation 0, depth 0),
/// for a function whose one parameter is the table's row type and which gives one value. `table`
/// may be of the schema as a role sees it: of the row, hidden columns are unknown then.
/// Nothing when there is no such function; fails with 0A000 when it cannot be inlined.
Result<std::optional<Expression>> computed_column(const Schema& schema, const Table& table,
                                                  std::string_view name);

/// A computed relationship: `name(row)` gives rows of another table.
struct ComputedRelation {
    const Table* target = nullptr;  // borrowed from the Schema
    bool single = false;            // one row at most: not SETOF, or ROWS 1
    /// Its targets are the columns of `target`, in order. Columns of the table around it have
    /// depth 1, relation 0.
    Query query{};
};
/// Nothing when there is no such function; fails with 0A000 when it cannot be inlined.
Result<std::optional<ComputedRelation>> computed_relation(const Schema& schema, const Table& table,
                                                          std::string_view name);

/// The body of a function whose only statement is a SELECT, as a query whose parameters are
/// Variables (`?1`, `?2`, … in SQLite text), with the types that the function says; so that
/// filters, order and limit can be put around it. Nothing when its body is anything else.
Result<std::optional<Query>> inlined_query(const Schema& schema, const Function& function);

}  // namespace dunlin::sql
