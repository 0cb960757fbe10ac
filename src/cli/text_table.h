#pragma once

#include <string>
#include <vector>

namespace dunlin::cli {

/// Rows in columns as wide as their longest text, under the first row; control characters, which
/// somebody else may have put there for our terminal, are shown as "?".
std::string text_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace dunlin::cli
