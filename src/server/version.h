#pragma once

#include <string_view>

namespace dunlin::server {

inline constexpr std::string_view version = DUNLIN_VERSION;

}  // namespace dunlin::server
