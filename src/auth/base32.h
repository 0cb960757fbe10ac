#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dunlin::auth {

/// RFC 4648 section 6, upper case, without padding, as authenticator apps take their secrets.
std::string encode_base32(std::string_view bytes);

/// Nothing for characters outside the alphabet (lower case too), lengths that no bytes have, and
/// leftover bits that are not zero.
std::optional<std::string> decode_base32(std::string_view text);

}  // namespace dunlin::auth
