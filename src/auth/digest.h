#pragma once

#include <string>
#include <string_view>

namespace dunlin::auth {

/// SHA-256 (FIPS 180-4) as 32 bytes.
std::string sha256(std::string_view bytes);

/// HMAC-SHA256 (RFC 2104) as 32 bytes.
std::string hmac_sha256(std::string_view bytes, std::string_view secret);

/// Two lower-case digits for each byte.
std::string to_hex(std::string_view bytes);

/// Compares every byte whatever the first difference is; only the lengths may be told by the time.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace dunlin::auth
