#pragma once

#include <string>
#include <vector>

#include "core/schema.h"
#include "engine/engine.h"

namespace dunlin::server {

/// Makes the full-text indexes of `schema` that the database lacks: its migrations were applied by
/// a server that only noted them. Gives their names. Blocks; the cost is that of reading the
/// tables.
Result<std::vector<std::string>> make_missing_search_indexes(engine::Engine& engine,
                                                             const Schema& schema);

}  // namespace dunlin::server
