#pragma once

#include <string_view>

namespace dunlin::auth {

/// Whether this is one of some 200 passwords that are tried first, upper and lower case alike.
/// Those of less than 6 characters are not listed: no policy takes them.
bool is_common_password(std::string_view password);

}  // namespace dunlin::auth
