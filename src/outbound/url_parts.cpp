#include "outbound/url_parts.h"

#include <algorithm>

#include "core/check.h"

namespace dunlin::outbound {

UrlParts::UrlParts() : handle_(curl_url()) {
    CHECK(handle_ != nullptr);  // Out of memory.
}

CURLUcode UrlParts::parse(const std::string& url) {
    if (has_control_character(url)) return CURLUE_MALFORMED_INPUT;
    return curl_url_set(handle_, CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME);
}

std::string UrlParts::part(CURLUPart which, unsigned flags) const {
    char* text = nullptr;
    if (curl_url_get(handle_, which, &text, flags) != CURLUE_OK) return "";
    std::string copy(text);
    curl_free(text);
    return copy;
}

bool has_control_character(std::string_view text) {
    return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace dunlin::outbound
