#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dunlin::data {

/// The candidate most like `name`, or "" when none is near: for "Perhaps you meant ..." hints.
/// Likeness is one minus the Levenshtein distance over the longer length; near is at least 0.6.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace dunlin::data
