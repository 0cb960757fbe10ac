#pragma once

#include <string>
#include <string_view>

namespace dunlin::auth {

/// `text` as it can stand in HTML, between tags or in a quoted attribute.
std::string escape_html(std::string_view text);

}  // namespace dunlin::auth
