#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// How text travels in mail, whose wires carry short lines of ASCII. Pure.
namespace dunlin::outbound::mime {

/// RFC 4648 section 4, with padding, in one line.
std::string encode_base64(std::string_view bytes);

/// RFC 2045 section 6.7. Line ends of any kind become CRLF; no line is longer than 76.
std::string encode_quoted_printable(std::string_view text);

/// Whether `text` is printable ASCII, spaces included, and cannot be taken for an encoded word.
bool is_plain(std::string_view text);

/// The value of an unstructured header (RFC 5322 section 2.2.1) whose name takes `used` columns of
/// the line: as it is when plain and short, else as encoded words (RFC 2047) of UTF-8 on as many
/// lines as it takes, none broken inside a character. `text` holds no control characters.
std::string encode_header_text(std::string_view text, std::size_t used);

/// The display name of an address: a quoted string when plain and short, else encoded words.
std::string encode_display_name(std::string_view name, std::size_t used);

}  // namespace dunlin::outbound::mime
