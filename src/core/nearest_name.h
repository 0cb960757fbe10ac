#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dunlin {

/// The candidate most like `name`, or "" when none is near: for "Perhaps you meant ..." hints.
/// Likeness is one minus the Levenshtein distance over the longer length.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates,
                         double likeness_min = 0.6);

}  // namespace dunlin
