#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwk.h"
#include "core/result.h"

/// ID tokens of OpenID Connect Core 1.0: who somebody is, in the words and with the signature of an
/// identity provider. Pure.
namespace dunlin::auth {

/// A token taken apart. Nothing of it is proved until check_signature() has passed.
struct IdToken {
    KeyAlgorithm algorithm = KeyAlgorithm::RS256;
    std::string key_id;  // "" when the header names none
    boost::json::object claims;
    std::string signed_text;
    std::string signature;

    std::string issuer() const;
};

enum class NonceRule : std::uint8_t {
    Exact,      // we have sent it to the provider, and it comes back
    Sha256Hex,  // the application has sent its hash, and gives us the nonce itself or neither
    Ignored,    // the operator does not want it checked
};

/// What a token must say.
struct IdTokenRules {
    /// Any of these. `{tenantid}` stands for the token's own claim `tid`, as Microsoft has it.
    std::vector<std::string> issuers;
    std::vector<std::string> audiences;  // client ids, any of which will do
    NonceRule nonce_rule = NonceRule::Exact;
    std::string nonce{};
    std::string access_token{};  // "" when there is none to compare with at_hash
    std::int64_t now_s = 0;
};

/// Fails with InvalidInput, "Bad ID token", when it is no JWT (RFC 7519), too large, or signed by
/// another algorithm than RS256 and ES256.
Result<IdToken> parse_id_token(std::string_view text);

/// Section 3.1.3.7 but for the signature, the issuer first: iss, sub, aud and azp, exp, nbf, iat,
/// nonce, at_hash. Fails with InvalidInput and the texts of GoTrue.
Result<void> check_claims(const IdToken& token, const IdTokenRules& rules);

/// Whether the issuer is one of the rules'. To be asked before anything is fetched for a token.
bool is_expected_issuer(const IdToken& token, const IdTokenRules& rules);

/// The key that the token names, or the only one for its algorithm when it names none. Null when
/// there is none.
const PublicKey* find_key(const IdToken& token, std::span<const PublicKey> keys);

/// Fails with InvalidInput when `key` did not sign the token or may not sign for its issuer.
Result<void> check_signature(const IdToken& token, const PublicKey& key);

/// "Bad ID token"; the hint is the reason, for whoever debugs it.
Error bad_id_token(std::string reason);

}  // namespace dunlin::auth
