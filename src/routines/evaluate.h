#pragma once

#include <vector>

#include "core/value.h"
#include "sql/expression.h"

/// Cheap expressions without SQLite: slots, literals, comparisons, AND, OR, CASE.
namespace dunlin::routines {

/// Whether evaluate() can do it, with the result that SQLite would give.
bool can_evaluate(const sql::Expression& expression);

/// Needs can_evaluate(). `frame` has every slot that is named.
Value evaluate(const sql::Expression& expression, const std::vector<Value>& frame);

}  // namespace dunlin::routines
