#pragma once

#include <cstddef>
#include <string_view>

#include "core/result.h"
#include "core/schema.h"

/// Columns as the role of a request may use them; see AccessRules::schema_for.
namespace dunlin::query {

/// The column that a body names, to be set by INSERT or UPDATE. Fails with PGRST204 for one that
/// does not exist or that the role may neither see nor set, 42501 for one that it may only see.
Result<std::size_t> writable_column(const Table& table, std::string_view name, Command command);

/// 42501 `permission denied for table x`.
Error permission_denied(const Table& table);

}  // namespace dunlin::query
