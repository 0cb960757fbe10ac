#pragma once

#include <openssl/types.h>

#include <boost/json/value.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/key_pair.h"
#include "core/result.h"

/// Public keys of others as JSON (RFC 7517), and what is signed with them.
namespace dunlin::auth {

/// Whether `signature`, as JWS has it (RFC 7518 sections 3.3 and 3.4), is `key`'s over `input`.
/// False as well when the key is of another kind than the algorithm.
bool verify_signature(KeyAlgorithm algorithm, EVP_PKEY* key, std::string_view input,
                      std::string_view signature);

/// A key that signatures are checked with. Immutable, thread-safe, cheap to copy.
struct PublicKey {
    std::string id;  // kid, "" when it has none
    KeyAlgorithm algorithm = KeyAlgorithm::RS256;
    /// Microsoft's extension: the only issuer whose tokens it may sign, "" for any.
    std::string issuer{};
    std::shared_ptr<EVP_PKEY> key{};  // owned by every copy of this key

    bool verifies(std::string_view input, std::string_view signature) const {
        return verify_signature(algorithm, key.get(), input, signature);
    }
};

/// Nothing when the key is not for signatures by one of our algorithms: another type or curve, RSA
/// below 2048 or over 8192 bits (RFC 7518 section 3.3), a point that is not on the curve.
std::optional<PublicKey> parse_jwk(const boost::json::object& jwk);

/// The keys of a JWK set (RFC 7517 section 5), without those that parse_jwk() has no use for. Fails
/// with Unavailable when the text is no such set or has more than `limits::provider_keys_max` keys.
Result<std::vector<PublicKey>> parse_jwk_set(std::string_view text);

}  // namespace dunlin::auth
