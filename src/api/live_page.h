#pragma once

#include <string_view>

namespace dunlin::api {

/// The page `/_/live`: live_page.html, compiled in. Needs nothing but itself and `/_/live/state`.
std::string_view live_page();

}  // namespace dunlin::api
