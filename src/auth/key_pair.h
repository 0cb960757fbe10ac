#pragma once

#include <openssl/types.h>

#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace dunlin::auth {

/// What tokens are signed with besides the project's secret (RFC 7518 section 3.1).
enum class KeyAlgorithm : std::uint8_t {
    ES256,  // ECDSA on P-256 with SHA-256
    RS256,  // RSASSA-PKCS1-v1_5 with SHA-256
};

/// "ES256", "RS256".
std::string_view algorithm_name(KeyAlgorithm algorithm);
/// Nothing for any other name; names are case-sensitive.
std::optional<KeyAlgorithm> algorithm_named(std::string_view name);

/// An asymmetric key pair. Immutable and thread-safe; copies share the key.
class KeyPair {
public:
    /// A new pair: P-256, or RSA of 2048 bits, which takes 50 to 500 ms.
    static KeyPair generate(KeyAlgorithm algorithm);

    /// Reads an unencrypted private key in PEM (PKCS #8). Fails with InvalidInput when it is none,
    /// or not of the algorithm: another curve than P-256, RSA of less than 2048 or more than 4096
    /// bits.
    static Result<KeyPair> from_pem(KeyAlgorithm algorithm, std::string_view pem);

    KeyAlgorithm algorithm() const { return algorithm_; }

    /// The signature as a JWS carries it: for ES256 r and s, 32 bytes each (RFC 7518 section 3.4),
    /// for RS256 as long as the modulus. About 35 us for ES256, 330 us for RS256.
    std::string sign(std::string_view bytes) const;

    /// False for any signature not of exactly that form. About 95 us for ES256, 25 us for RS256.
    bool verify(std::string_view bytes, std::string_view signature) const;

    /// The members of a JWK (RFC 7517, RFC 7518 section 6) that describe the public key.
    boost::json::object public_jwk() const;

    /// The private key. For the key file only.
    std::string to_pem() const;

private:
    KeyPair(KeyAlgorithm algorithm, EVP_PKEY* key);

    KeyAlgorithm algorithm_;
    std::shared_ptr<EVP_PKEY> key_;  // owned by all copies of the pair; only read
};

}  // namespace dunlin::auth
