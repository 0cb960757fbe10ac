#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "http/message.h"

namespace dunlin::http {

/// The request line and headers of one HTTP/1.1 message (RFC 9112), and how its body is framed.
struct RequestHead {
    Method method = Method::Other;
    std::string method_text;
    std::string target;  // as sent
    std::string path;    // percent-decoded once
    std::string query;
    Fields headers;
    int minor_version = 1;
    bool keep_alive = true;
    bool chunked = false;
    bool expects_continue = false;
    std::uint64_t content_length = 0;
    std::size_t bytes = 0;  // of the head, with the empty line

    std::string_view header(std::string_view name) const;
};

/// Parses the head at the start of `bytes`; `bytes == 0` in the result when it is not complete yet.
///
/// Strict, because what two parsers read differently is how requests are smuggled: no bare LF, no line
/// folding, no blank before a colon, one Host, one Content-Length of digits only, no Transfer-Encoding
/// but `chunked` and never beside Content-Length. Pure.
/// Fails with InvalidInput; Error::details is the status (400, 414, 431, 501, 505).
Result<RequestHead> parse_head(std::string_view bytes);

/// Percent-decodes once. False for a bad escape or a NUL.
bool decode_percent(std::string_view text, std::string& out, bool plus_is_blank);

}  // namespace dunlin::http
