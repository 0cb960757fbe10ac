#pragma once

#include "sql/expression.h"

namespace dunlin::sql {

/// Makes what an expression means outside of a query mean the same `levels` queries further in.
void shift(Expression& expression, int levels);
void shift(Query& query, int levels);

/// Nodes of the expression and of the queries in it: what it costs to repeat it.
std::size_t node_count(const Expression& expression);
std::size_t node_count(const Query& query);

}  // namespace dunlin::sql
