#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/schema.h"
#include "core/value.h"
#include "core/value_view.h"
#include "realtime/binding.h"

/// Rows as JSON objects, printed as the data API prints them: for sockets, feed and snapshots.
namespace dunlin::realtime {

Projection every_column(const Table& table);

/// The primary key, as far as the reader may see it: of a projection it is part otherwise.
Projection key_in(const Table& table, const Projection& columns);

/// Appends an object of `columns`. Fields whose JSON is over `bytes_max` are left out. A row that
/// was logged before a column was added ends early: the column is null.
void write_record(const Table& table, const Projection& columns, const Row& row,
                  std::size_t bytes_max, std::string& out);
void write_record(const Table& table, const Projection& columns, std::span<const ValueView> row,
                  std::string& out);

}  // namespace dunlin::realtime
