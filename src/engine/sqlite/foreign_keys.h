#pragma once

#include <optional>
#include <span>

#include "core/result.h"
#include "engine/sqlite/connection.h"

/// SQLite says only "FOREIGN KEY constraint failed"; here the key is looked for.
namespace dunlin::engine::sqlite {

/// The refusal 23503 for the first of `changes` that leaves a foreign key of `schema` broken as the
/// tables stand now; nothing when none is found. One lookup per change and key, for the first 1,000
/// changes.
std::optional<Error> find_broken_key(Connection& connection, const Schema& schema,
                                     std::span<const RowChange> changes);

/// Checks every foreign key of every table, as after a migration. Fails with 23503.
Result<void> check_all_keys(Connection& connection);

/// `Key (a, b)=(1, x)`
std::string key_text(const Table& table, const std::vector<std::size_t>& columns, const Row& row);

}  // namespace dunlin::engine::sqlite
