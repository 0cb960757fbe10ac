#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace dunlin::realtime {

/// Names for several tables: wherever live names a table, `group:NAME` stands for all of them. A
/// table is (schema, name), as in Schema::tables.
using TableGroups =
    std::map<std::string, std::vector<std::pair<std::string, std::string>>, std::less<>>;

}  // namespace dunlin::realtime
