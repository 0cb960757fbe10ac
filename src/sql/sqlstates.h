#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace dunlin::sql {

/// The SQLSTATE that RAISE means by a code of five characters or the name of a condition
/// (PostgreSQL 15, appendix A). Fails with 42704 for an unknown name.
Result<std::string> sqlstate_of(std::string_view condition);

}  // namespace dunlin::sql
