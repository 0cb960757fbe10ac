#pragma once

#include <string_view>

#include "sql/plpgsql_tree.h"

namespace dunlin::sql::plpgsql {

/// Parses the body of a PL/pgSQL function to its outermost block. Offsets count from the start of
/// `body`. Fails with 42601 as PostgreSQL does, and with 0A000 and a remedy for loops, EXECUTE,
/// EXCEPTION, cursors and what else is not carried.
Parsed<Statement> parse_body(std::string_view body);

}  // namespace dunlin::sql::plpgsql
