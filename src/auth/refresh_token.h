#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dunlin::auth {

/// A refresh token says which session it is of and how often that was refreshed before, and proves
/// it: base64url of 16 bytes session id, 8 bytes generation, 16 bytes HMAC-SHA256 over both. The
/// HMAC's key is the project's secret and the session's own key together, so that neither a copy
/// of the database nor the secret alone is enough to make one. Nothing is stored for a token, and
/// the successor of one can be made again for a client that lost it.
struct RefreshToken {
    std::string session_id;
    std::int64_t generation = 0;
    std::string proof;
};

/// 256 random bits, base64url.
std::string new_refresh_key();

std::string make_refresh_token(std::string_view secret, std::string_view session_key,
                               std::string_view session_id, std::int64_t generation);

/// Nothing when it does not have the form of one.
std::optional<RefreshToken> parse_refresh_token(std::string_view text);

/// In constant time.
bool is_genuine(const RefreshToken& token, std::string_view secret, std::string_view session_key);

}  // namespace dunlin::auth
