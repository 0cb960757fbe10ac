#pragma once

#include <functional>

#include "sql/expression.h"

namespace dunlin::sql {

/// May change an expression that is `levels` queries inside of the one that is rewritten.
using Rewrite = std::function<void(Expression&, int levels)>;
/// Calls `change` for an expression and all in it, outermost first, subqueries included.
void rewrite(Expression& expression, const Rewrite& change, int levels = 0);

/// Makes what an expression means outside of a query mean the same `levels` queries further in.
void shift(Expression& expression, int levels);
void shift(Query& query, int levels);

/// Nodes of the expression and of the queries in it: what it costs to repeat it.
std::size_t node_count(const Expression& expression);
std::size_t node_count(const Query& query);

}  // namespace dunlin::sql
