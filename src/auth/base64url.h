#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dunlin::auth {

/// RFC 4648 section 5, without padding, as JWT uses it.
std::string encode_base64url(std::string_view bytes);

/// Nothing for characters outside the alphabet, padding, or leftover bits that are not zero: a
/// token has one spelling only.
std::optional<std::string> decode_base64url(std::string_view text);

/// Whether every character is of the alphabet, whatever the length: what may stand in a name.
bool is_base64url(std::string_view text);

}  // namespace dunlin::auth
