#include "auth/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "auth/base64url.h"
#include "auth/json_members.h"
#include "core/limits.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr int rsa_bits_min = 2048;
constexpr int rsa_bits_max = 8192;
constexpr int exponent_bits_max = 64;
constexpr std::size_t p256_bytes = 32;

template <auto release>
struct Releaser {
    template <typename Thing>
    void operator()(Thing* thing) const {
        release(thing);
    }
};
using Number = std::unique_ptr<BIGNUM, Releaser<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Releaser<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Releaser<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Releaser<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Releaser<EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Releaser<ECDSA_SIG_free>>;
using Key = std::shared_ptr<EVP_PKEY>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Number number_of(std::string_view bytes) {
    return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

Key build_key(const char* type, OSSL_PARAM_BLD* builder) {
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        return nullptr;
    }
    return Key(key, Releaser<EVP_PKEY_free>());
}

Key rsa_key(const json::object& jwk) {  // RFC 7518 section 6.3.1
    const auto modulus_bytes = decode_base64url(text_member(jwk, "n"));
    const auto exponent_bytes = decode_base64url(text_member(jwk, "e"));
    if (!modulus_bytes || !exponent_bytes || modulus_bytes->size() > rsa_bits_max / 8 ||
        exponent_bytes->size() > exponent_bits_max / 8) {
        return nullptr;
    }
    const Number modulus = number_of(*modulus_bytes);
    const Number exponent = number_of(*exponent_bytes);
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!modulus || !exponent || !builder || BN_num_bits(modulus.get()) < rsa_bits_min ||
        !BN_is_odd(exponent.get()) || BN_is_one(exponent.get())) {
        return nullptr;
    }
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
    return build_key("RSA", builder.get());
}

Key p256_key(const json::object& jwk) {  // RFC 7518 section 6.2.1
    if (text_member(jwk, "crv") != "P-256") return nullptr;
    const auto x = decode_base64url(text_member(jwk, "x"));
    const auto y = decode_base64url(text_member(jwk, "y"));
    if (!x || !y || x->size() != p256_bytes || y->size() != p256_bytes) return nullptr;
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!builder) return nullptr;
    const std::string point = "\x04" + *x + *y;  // uncompressed: SEC 1 section 2.3.3
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
    return build_key("EC", builder.get());
}

/// JWS joins the two numbers of an ECDSA signature; OpenSSL wants them in DER.
std::optional<std::string> der_signature(std::string_view joined) {
    if (joined.size() != 2 * p256_bytes) return std::nullopt;
    const EcdsaSignature signature(ECDSA_SIG_new());
    Number r = number_of(joined.substr(0, p256_bytes));
    Number s = number_of(joined.substr(p256_bytes));
    if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) {
        return std::nullopt;
    }
    // The signature owns them now.
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    unsigned char* bytes = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &bytes);
    if (size <= 0) return std::nullopt;
    std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return der;
}

bool verify_digest(EVP_PKEY* key, std::string_view input, std::string_view signature) {
    const DigestContext context(EVP_MD_CTX_new());
    return context &&
           EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(input),
                            input.size()) == 1;
}

}  // namespace

bool verify_signature(KeyAlgorithm algorithm, EVP_PKEY* key, std::string_view input,
                      std::string_view signature) {
    if (algorithm == KeyAlgorithm::RS256) {
        return EVP_PKEY_is_a(key, "RSA") == 1 && verify_digest(key, input, signature);
    }
    const auto der = der_signature(signature);
    return der && EVP_PKEY_is_a(key, "EC") == 1 && verify_digest(key, input, *der);
}

std::optional<PublicKey> parse_jwk(const json::object& jwk) {
    const std::string use = text_member(jwk, "use");
    if (!use.empty() && use != "sig") return std::nullopt;
    const std::string type = text_member(jwk, "kty");
    if (type != "RSA" && type != "EC") return std::nullopt;
    PublicKey key{.id = text_member(jwk, "kid"),
                  .algorithm = type == "RSA" ? KeyAlgorithm::RS256 : KeyAlgorithm::ES256,
                  .issuer = text_member(jwk, "issuer")};
    const std::string algorithm = text_member(jwk, "alg");
    if (!algorithm.empty() && algorithm_named(algorithm) != key.algorithm) {
        return std::nullopt;
    }
    key.key = type == "RSA" ? rsa_key(jwk) : p256_key(jwk);
    return key.key ? std::optional(std::move(key)) : std::nullopt;
}

Result<std::vector<PublicKey>> parse_jwk_set(std::string_view text) {
    const auto object = parse_json_object(text);
    const auto* listed = object ? object->if_contains("keys") : nullptr;
    if (listed == nullptr || !listed->is_array() ||
        listed->as_array().size() > limits::provider_keys_max) {
        return std::unexpected(Error{ErrorCode::Unavailable, "this is not a set of keys"});
    }
    std::vector<PublicKey> keys;
    for (const json::value& entry : listed->as_array()) {
        auto key = entry.is_object() ? parse_jwk(entry.as_object()) : std::nullopt;
        if (key) keys.push_back(std::move(*key));
    }
    return keys;
}

}  // namespace dunlin::auth
