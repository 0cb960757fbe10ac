#pragma once

#include <string>
#include <vector>

#include "core/schema.h"

/// Full-text indexes inside SQLite: docs/formats/search-index.md. Pure.
namespace dunlin::sql {

/// Full-text indexes begin with this inside SQLite, and so do their triggers.
inline constexpr std::string_view search_prefix = "_dunlin_search_";

/// Makes the index and fills it from the rows: the FTS5 table and the triggers that keep it.
std::vector<std::string> search_index_statements(const Table& table, const SearchIndex& index);

/// Takes it away. The triggers may be gone with their table.
std::vector<std::string> search_drop_statements(const SearchIndex& index);

}  // namespace dunlin::sql
