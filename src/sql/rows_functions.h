#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/analyzer.h"

/// PostgreSQL's functions that give rows: unnest, generate_series, jsonb_each and their kin.
namespace dunlin::sql {

/// A call of one.
struct RowsCall {
    Expression rows;  // see Relation::rows
    std::vector<Column> columns;
    /// The one column takes the name of the alias in FROM.
    bool named_by_alias = false;
};

bool is_rows_function(std::string_view name);

/// Nothing for other names. Fails with 42883 when the types do not fit.
std::optional<Parsed<RowsCall>> rows_function(const std::string& name,
                                              const std::vector<Expression>& arguments,
                                              int location);

}  // namespace dunlin::sql
