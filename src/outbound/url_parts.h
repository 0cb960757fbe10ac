#pragma once

#include <curl/curl.h>

#include <string>
#include <string_view>

namespace dunlin::outbound {

/// A URL taken apart by libcurl, so that what we check is what it will connect to. This header is
/// for this module only.
class UrlParts {
public:
    UrlParts();
    ~UrlParts() { curl_url_cleanup(handle_); }
    UrlParts(const UrlParts&) = delete;
    UrlParts& operator=(const UrlParts&) = delete;

    /// Any scheme; control characters are refused.
    CURLUcode parse(const std::string& url);

    /// "" when the URL does not have it. A port is the scheme's own when none is given.
    std::string part(CURLUPart which, unsigned flags = CURLU_DEFAULT_PORT) const;

private:
    CURLU* handle_;
};

bool has_control_character(std::string_view text);

}  // namespace dunlin::outbound
