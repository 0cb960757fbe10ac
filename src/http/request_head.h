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

    /// First header of that name (any case), or "".
    std::string_view header(std::string_view name) const;
    /// Whether any header of that name has the token in its list (RFC 9110 section 5.3).
    bool lists(std::string_view name, std::string_view token) const;
};

/// Parses the head at the start of `bytes`; `bytes == 0` in the result when it is not complete yet.
///
/// Strict, because what two parsers read differently is how requests are smuggled: no bare LF, no
/// line folding, no blank before a colon, one Host, one Content-Length of digits only, no
/// Transfer-Encoding but `chunked` and never beside Content-Length. Pure. Fails with InvalidInput;
/// Error::details is the status (400, 414, 417, 431, 501, 505).
Result<RequestHead> parse_head(std::string_view bytes);

}  // namespace dunlin::http
