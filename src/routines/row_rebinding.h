#pragma once

#include <cstddef>

#include "sql/expression.h"

namespace dunlin::routines {

/// The expression with the columns of its relations turned into slots of a frame: column c of
/// relation r becomes the slot `first + r * width + c`. Not for expressions with subqueries.
sql::Expression columns_as_slots(sql::Expression expression, std::size_t first, std::size_t width);

/// Whether a subquery is in the expression.
bool has_subquery(const sql::Expression& expression);

}  // namespace dunlin::routines
