#include "auth/authenticator.h"

#include "core/check.h"

namespace dunlin::auth {

namespace {

Identity identity_of_key(const TokenVerifier& verifier, std::string_view key) {
    auto identity = verifier.verify(key);
    CHECK(identity.has_value());  // We have just signed it ourselves.
    return std::move(*identity);
}

}  // namespace

Authenticator::Authenticator(ProjectKeys keys, const SigningKeys& signing_keys, const Clock& clock,
                             SessionRegistry* registry)
    : keys_(std::move(keys)),
      verifier_(signing_keys, clock),
      registry_(registry),
      anon_(identity_of_key(verifier_, keys_.anon_key)),
      service_role_(identity_of_key(verifier_, keys_.service_role_key)) {}

Result<Identity> Authenticator::authenticate(std::string_view api_key,
                                             std::string_view bearer) const {
    if (api_key.empty() && bearer.empty()) {
        return std::unexpected(Error{ErrorCode::Unauthorized, "No API key found in request", "", "",
                                     "Send the project's key in the `apikey` request header."});
    }
    if (!bearer.empty() && bearer != api_key && !api_key.empty()) {
        const auto key = verify(api_key);
        if (!key) return std::unexpected(error_of(key.error()));
    }
    auto identity = verify(bearer.empty() ? api_key : bearer);
    if (!identity) return std::unexpected(error_of(identity.error()));
    return std::move(*identity);
}

TokenResult<Identity> Authenticator::verify(std::string_view token) const {
    // The two keys are most of the traffic; both comparisons are over public length and our own
    // key.
    if (token == keys_.anon_key) return anon_;
    if (token == keys_.service_role_key) return service_role_;
    auto identity = verifier_.verify(token);
    if (!identity || registry_ == nullptr) return identity;
    auto current = registry_->current(std::move(*identity));
    if (current && !current->session_id.empty()) registry_->seen(current->session_id);
    return current;
}

}  // namespace dunlin::auth
