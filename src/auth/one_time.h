#pragma once

#include <string>
#include <string_view>

namespace dunlin::auth {

/// Six digits for a message, each of the million as likely as the others. Short enough to be
/// guessed: count the tries.
std::string random_code();

/// 256 random bits as base64url: 43 characters. For links, authorization codes, refresh tokens.
std::string random_token();

/// Whether a text can be a refresh token at all: 22 to 128 characters of base64url. What cannot is
/// refused without a look-up.
bool is_refresh_token_form(std::string_view text);

/// What is stored of a code or token that was sent out: HMAC-SHA256 under `secret`, 64 hex digits.
/// `subject` is the address or user it was sent to, so that a code serves nobody else. Upstream
/// stores SHA-224 of address and code, from which whoever reads the table finds a code of six
/// digits in a second; this one also needs the key.
std::string token_hash(std::string_view secret, std::string_view subject, std::string_view code);

}  // namespace dunlin::auth
