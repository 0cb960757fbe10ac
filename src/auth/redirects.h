#pragma once

#include <string>
#include <string_view>

#include "auth/provider_settings.h"
#include "auth/settings.h"

/// Where links of sign-in may lead: to the application, nowhere else. Pure.
namespace dunlin::auth {

/// Whether `url` matches a pattern of Settings::redirect_urls: `*` stands for any characters but
/// `.` and `/`, `**` for any, `?` for one that is neither. Host and path are matched each for
/// itself, so that no path can pass for a host.
bool matches_redirect(std::string_view pattern, std::string_view url);

/// `asked` when it has the origin of Settings::site_url or matches one of Settings::redirect_urls,
/// without its fragment; else Settings::site_url.
std::string redirect_target(const Settings& settings, std::string_view asked);

/// `url` with more parameters in its query.
std::string with_query(std::string url, const QueryParameters& parameters);
/// `url` with the parameters after `#`, in the place of a fragment it may have.
std::string with_fragment(std::string url, const QueryParameters& parameters);

}  // namespace dunlin::auth
