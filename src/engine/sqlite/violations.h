#pragma once

#include "core/error.h"
#include "engine/sqlite/connection.h"

namespace dunlin::engine::sqlite {

/// As translate(), but names the constraint and the key's values where SQLite does not, by running
/// the refused statement again under a savepoint and rolling it back. To be called when the
/// statement is rolled back and the transaction still open.
Error explain(Connection& connection, const Statement& statement, const Failure& failure);

/// For deferred foreign keys that are broken at the end of a unit that made `changes`.
Error explain_broken_keys(Connection& connection, std::span<const RowChange> changes);

}  // namespace dunlin::engine::sqlite
