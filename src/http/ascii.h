#pragma once

#include <string_view>

namespace dunlin::http {

bool equal_ignoring_case(std::string_view left, std::string_view right);

/// Whether a comma-separated list has `token`, ignoring case and parameters after ";".
bool contains_token(std::string_view list, std::string_view token);

}  // namespace dunlin::http
