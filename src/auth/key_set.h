#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/key_pair.h"
#include "auth/token_refusal.h"

namespace dunlin::auth {

enum class KeyState : std::uint8_t {
    Standby,     // published and proved, not signing yet: others learn of it before it is used
    InUse,       // signs; at most one
    VerifyOnly,  // was in use; proves until `verify_until_s`
};

/// A key pair with what the project knows of it.
struct SigningKey {
    std::string kid;  // random, base64url
    KeyPair pair;
    KeyState state = KeyState::Standby;
    std::int64_t created_at_s = 0;    // since 1970
    std::int64_t verify_until_s = 0;  // VerifyOnly only
};

/// The claims of a token whose signature is proved.
struct ProvedClaims {
    boost::json::object claims;
    std::int64_t proved_until_s = 0;  // when its key stops proving; 0 for never
};

/// Every key of a project at one moment. A value; const use is thread-safe.
struct KeySet {
    std::string secret;            // HS256
    std::vector<SigningKey> keys;  // distinct kids, at most one InUse and one Standby

    /// Signs `claims` (JSON text): with the pair in use, its kid in the header, else with the
    /// secret and no kid.
    std::string sign(std::string_view claims) const;

    /// Proves a token. The kid alone finds the key, by comparing with those we have; a token
    /// without one is proved with the secret. The key says which algorithm it is, and a header that
    /// says another is refused, so that no public key is ever taken for a secret (RFC 8725 section
    /// 3.1). Says nothing of the claims.
    TokenResult<ProvedClaims> verify(std::string_view token, std::int64_t now_s) const;

    /// The public keys as a JWK Set (RFC 7517 section 5), as JSON text; never the secret.
    std::string jwks(std::int64_t now_s) const;

    /// The key that proves tokens of this kid at that time; null when there is none.
    const SigningKey* find(std::string_view kid, std::int64_t now_s) const;
    /// Null when there is none.
    const SigningKey* in_state(KeyState state) const;
};

}  // namespace dunlin::auth
