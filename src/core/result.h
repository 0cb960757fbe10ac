#pragma once

#include <expected>

#include "core/error.h"

namespace dunlin {

/// What a function that can be refused returns. Propagate by hand:
/// `if (!row) return std::unexpected(row.error());`
template <typename T>
using Result = std::expected<T, Error>;

}  // namespace dunlin
