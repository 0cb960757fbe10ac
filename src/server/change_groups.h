#pragma once

#include <map>
#include <string>

#include "core/result.h"
#include "core/schema.h"
#include "realtime/table_groups.h"
#include "server/settings.h"

namespace dunlin::server {

/// The groups of dunlin.toml with their tables looked up. Fails with InvalidInput, where the group
/// stands and the table, for one that is not there, is a view, or is listed twice.
Result<realtime::TableGroups> resolve_change_groups(
    const Schema& schema, const std::map<std::string, ChangeGroup>& groups);

}  // namespace dunlin::server
