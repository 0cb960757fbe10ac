#pragma once

#include <string>
#include <string_view>

#include "auth/project_keys.h"
#include "auth/session_registry.h"
#include "auth/token.h"
#include "core/result.h"

namespace dunlin::auth {

/// Turns the key and token of a request into an Identity. Thread-safe.
class Authenticator {
public:
    /// `signing_keys` hold the secret of `keys`; all others are borrowed. Without a `registry` what
    /// a token says counts until it expires.
    Authenticator(ProjectKeys keys, const SigningKeys& signing_keys, const Clock& clock,
                  SessionRegistry* registry = nullptr);

    /// `api_key` from the apikey header or parameter, `bearer` from `Authorization: Bearer`; ""
    /// when absent. The bearer decides who it is; the key alone gives its role. Fails with
    /// Unauthorized when neither is given or either is not valid.
    Result<Identity> authenticate(std::string_view api_key, std::string_view bearer) const;

    /// One key or access token.
    TokenResult<Identity> verify(std::string_view token) const;

private:
    ProjectKeys keys_;
    TokenVerifier verifier_;
    SessionRegistry* registry_;  // may be null
    Identity anon_;
    Identity service_role_;
};

}  // namespace dunlin::auth
