#include "auth/redirects.h"

#include <algorithm>
#include <optional>

#include "auth/oauth_requests.h"
#include "core/limits.h"

namespace dunlin::auth {

namespace {

constexpr std::string_view schemes_never[] = {"javascript", "data", "vbscript", "file", "blob"};

std::string lower(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    return out;
}

struct Parts {
    std::string origin;  // "https://example.org:8443", lower case
    std::string_view rest;
};

/// Nothing when it is no `scheme://host…`.
std::optional<Parts> split(std::string_view url) {
    const auto colon = url.find("://");
    if (colon == url.npos || colon == 0) return std::nullopt;
    const auto end = std::min(url.find_first_of("/?#", colon + 3), url.size());
    return Parts{lower(url.substr(0, end)), url.substr(end)};
}

/// What browsers and parsers of URLs read differently is not led to.
bool is_plain(std::string_view url, const Parts& parts) {
    const bool clean = std::ranges::none_of(url, [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f ||
               std::string_view("\\<>\"`{|}").contains(c);
    });
    const std::string path = lower(parts.rest.substr(0, parts.rest.find_first_of("?#")));
    const auto scheme = std::string_view(parts.origin).substr(0, parts.origin.find(':'));
    return clean && !parts.origin.contains('@') && !path.contains("/..") && !path.contains("%2e") &&
           std::ranges::find(schemes_never, scheme) == std::end(schemes_never);
}

bool is_separator(char c) {
    return c == '.' || c == '/';
}

/// Matches from left to right; a star takes as little as it can and more when the rest does not
/// fit. `**` may take back what a `*` after it took, not the other way round, so the two stars that
/// are remembered are all there is to try again: at most pattern times text steps for each.
struct Star {
    std::size_t pattern = std::string_view::npos;  // after it
    std::size_t text = 0;                          // up to where it has taken
};

bool matches(std::string_view pattern, std::string_view text) {
    Star one;
    Star two;
    std::size_t p = 0;
    std::size_t t = 0;
    while (p < pattern.size() || t < text.size()) {
        if (pattern.substr(p).starts_with("**")) {
            p = pattern.find_first_not_of('*', p);
            if (p == pattern.npos) return true;
            two = {p, t};
            one = {};
            continue;
        }
        if (p < pattern.size() && pattern[p] == '*') {
            one = {++p, t};
            continue;
        }
        const bool same = p < pattern.size() && t < text.size() &&
                          (pattern[p] == text[t] || (pattern[p] == '?' && !is_separator(text[t])));
        if (same) {
            ++p;
            ++t;
        } else if (one.pattern != pattern.npos && one.text < text.size() &&
                   !is_separator(text[one.text])) {
            p = one.pattern;
            t = ++one.text;
        } else if (two.pattern != pattern.npos && two.text < text.size()) {
            p = two.pattern;
            t = ++two.text;
            one = {};
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace

bool matches_redirect(std::string_view pattern, std::string_view url) {
    const auto wanted = split(pattern);
    const auto given = split(url);
    if (!wanted || !given || !is_plain(url, *given)) return false;
    // A pattern that ends with its host: "https://example.org**".
    const bool any_path = wanted->rest.empty() && wanted->origin.ends_with("**");
    return matches(wanted->origin, given->origin) &&
           (any_path || matches(wanted->rest, given->rest));
}

std::string redirect_target(const Settings& settings, std::string_view asked) {
    asked = asked.substr(0, asked.find('#'));
    const auto parts = asked.size() <= limits::redirect_url_bytes_max ? split(asked) : std::nullopt;
    if (!parts || !is_plain(asked, *parts)) return settings.site_url;
    const auto site = split(settings.site_url);
    const bool ours = site && site->origin == parts->origin;
    const bool allowed =
        ours || std::ranges::any_of(settings.redirect_urls, [&](const std::string& pattern) {
            return matches_redirect(pattern, asked);
        });
    return allowed ? std::string(asked) : settings.site_url;
}

std::string with_query(std::string url, const QueryParameters& parameters) {
    const std::string fragment = url.contains('#') ? url.substr(url.find('#')) : "";
    url.resize(url.size() - fragment.size());
    if (parameters.empty()) return url + fragment;
    return url + (url.contains('?') ? "&" : "?") + encode_query(parameters) + fragment;
}

std::string with_fragment(std::string url, const QueryParameters& parameters) {
    return url.substr(0, url.find('#')) + "#" + encode_query(parameters);
}

}  // namespace dunlin::auth
