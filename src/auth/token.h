#pragma once

#include <string>
#include <string_view>

#include "auth/signing_keys.h"
#include "auth/token_cache.h"
#include "auth/token_refusal.h"
#include "core/clock.h"
#include "core/identity.h"

namespace dunlin::auth {

/// Signs `claims` (JSON text) as a JWT with HS256 (RFC 7515, RFC 7519).
std::string sign_token(std::string_view claims, std::string_view secret);

/// Turns access tokens into identities. Thread-safe. A token seen lately costs a hash of it and a
/// look-up, 1 to 2 us; any other the proof of its signature, 6 us with the secret, 100 us with
/// ES256, 30 us with RS256.
class TokenVerifier {
public:
    /// Both are borrowed.
    TokenVerifier(const SigningKeys& keys, const Clock& clock);

    /// The identity of a JWT. No claim is used before the signature is proved. Then exp must not be
    /// past, nbf and iat not to come, each give or take 30 s; they must be numbers when they are
    /// there, and role one of anon, authenticated, service_role. iss and aud are not looked at, as
    /// upstream: the keys are the project's own.
    TokenResult<Identity> verify(std::string_view token) const;

private:
    const SigningKeys& keys_;
    const Clock& clock_;
    mutable TokenCache proved_;  // guards itself
};

}  // namespace dunlin::auth
