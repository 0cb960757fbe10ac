#pragma once

#include <string_view>

#include "core/result.h"

namespace dunlin::api {

enum class Shape : std::uint8_t { Array, SingleObject };

/// What the `Accept` header asks for, first acceptable one first.
/// Fails with PGRST107 when nothing in it can be given.
Result<Shape> accepted_shape(std::string_view accept);

std::string_view content_type(Shape shape);

}  // namespace dunlin::api
