#pragma once

#include <map>
#include <string>

#include "sql/ddl.h"

namespace dunlin::sql {

/// What the policies and views of a schema mean. Their texts call columns by name, so a column that
/// comes or gets another name could capture one that meant another table's: PostgreSQL keeps the
/// column, we refuse. Borrows from the schema.
using Meanings = std::map<std::string, Expression>;

Meanings meanings_of(const Schema& schema);

/// How columns are known again: after a rename by their place, else by their name.
enum class ColumnsBy : std::uint8_t { Name, Place };

/// Fails with 2BP01 when one of `before` reads other columns now. Those that are gone are passed
/// over.
Done require_same_meanings(const Meanings& before, const Schema& schema, ColumnsBy by, int offset);

}  // namespace dunlin::sql
