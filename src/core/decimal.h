#pragma once

#include <string_view>

namespace dunlin {

/// Orders two numerics in their stored form, decimal text, by value: negative, zero, positive.
/// '10' equals '10.0'; -Infinity is least; NaN equals itself and is above Infinity, as in
/// PostgreSQL. Exact: no floating point. Text that is no decimal comes after everything, ordered by
/// its bytes, so that this is a total order on any text. Pure; thread-safe.
int compare_decimal(std::string_view left, std::string_view right);

}  // namespace dunlin
