#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace dunlin::http {

/// What a request is about.
struct Target {
    std::string path;   // percent-decoded once; begins with "/"
    std::string query;  // after "?", still encoded
};

enum class Asterisk : bool { Refused, Allowed };

/// RFC 9112 section 3.2: origin form, absolute form, and `*` where it is allowed (OPTIONS). What
/// two servers might read differently is refused: fragments, user names, an authority without a
/// host. Fails with InvalidInput; Error::details is the status (400, 414). Pure.
Result<Target> parse_target(std::string_view text, Asterisk asterisk);

/// Percent-decodes once. False for a bad escape or a NUL.
bool decode_percent(std::string_view text, std::string& out, bool plus_is_blank);

}  // namespace dunlin::http
