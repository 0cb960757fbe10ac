#include "auth/key_pair.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <vector>

#include "auth/base64url.h"
#include "core/check.h"

namespace dunlin::auth {

namespace {

constexpr int coordinate_bytes = 32;  // of P-256
constexpr unsigned int rsa_bits = 2048;
constexpr int rsa_bits_max = 4096;

template <typename T, void (*destroy)(T*)>
struct Destroy {
    void operator()(T* object) const { destroy(object); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, Destroy<EVP_MD_CTX, EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Destroy<ECDSA_SIG, ECDSA_SIG_free>>;
using Bignum = std::unique_ptr<BIGNUM, Destroy<BIGNUM, BN_free>>;
using Memory = std::unique_ptr<BIO, Destroy<BIO, BIO_free_all>>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string padded(const BIGNUM* number, int size) {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    CHECK(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), size) == size);
    return bytes;
}

/// RFC 7518 section 3.4: two numbers of fixed size, not the DER sequence that OpenSSL makes.
std::string raw_from_der(std::string_view der) {
    const unsigned char* at = bytes_of(der);
    const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    CHECK(signature != nullptr);
    return padded(ECDSA_SIG_get0_r(signature.get()), coordinate_bytes) +
           padded(ECDSA_SIG_get0_s(signature.get()), coordinate_bytes);
}

std::optional<std::string> der_from_raw(std::string_view raw) {
    if (raw.size() != 2 * coordinate_bytes) return std::nullopt;
    const EcdsaSignature signature(ECDSA_SIG_new());
    auto* r = BN_bin2bn(bytes_of(raw), coordinate_bytes, nullptr);
    auto* s = BN_bin2bn(bytes_of(raw) + coordinate_bytes, coordinate_bytes, nullptr);
    CHECK(signature && r && s && ECDSA_SIG_set0(signature.get(), r, s) == 1);
    std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)), '\0');
    auto* at = reinterpret_cast<unsigned char*>(der.data());
    i2d_ECDSA_SIG(signature.get(), &at);
    return der;
}

bool suits(KeyAlgorithm algorithm, const EVP_PKEY* key) {
    if (algorithm == KeyAlgorithm::RS256) {
        return EVP_PKEY_is_a(key, "RSA") == 1 &&
               EVP_PKEY_get_bits(key) >= static_cast<int>(rsa_bits) &&
               EVP_PKEY_get_bits(key) <= rsa_bits_max;
    }
    char group[64] = {};
    std::size_t size = 0;
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_group_name(key, group, sizeof(group), &size) == 1 &&
           std::string_view(group, size) == SN_X9_62_prime256v1;
}

/// Without this OpenSSL asks the terminal for the password of an encrypted key.
int no_password(char*, int, int, void*) {
    return 0;
}

std::string number_of(const EVP_PKEY* key, const char* name, int size) {
    BIGNUM* number = nullptr;
    CHECK(EVP_PKEY_get_bn_param(key, name, &number) == 1);
    const Bignum owned(number);
    return encode_base64url(padded(number, size == 0 ? BN_num_bytes(number) : size));
}

}  // namespace

std::string_view algorithm_name(KeyAlgorithm algorithm) {
    return algorithm == KeyAlgorithm::ES256 ? "ES256" : "RS256";
}

std::optional<KeyAlgorithm> algorithm_named(std::string_view name) {
    if (name == "ES256") return KeyAlgorithm::ES256;
    if (name == "RS256") return KeyAlgorithm::RS256;
    return std::nullopt;
}

KeyPair::KeyPair(KeyAlgorithm algorithm, EVP_PKEY* key)
    : algorithm_(algorithm), key_(key, EVP_PKEY_free) {}

KeyPair KeyPair::generate(KeyAlgorithm algorithm) {
    EVP_PKEY* key = algorithm == KeyAlgorithm::ES256
                        ? EVP_EC_gen(SN_X9_62_prime256v1)
                        : EVP_RSA_gen(static_cast<std::size_t>(rsa_bits));
    CHECK(key != nullptr);
    return {algorithm, key};
}

Result<KeyPair> KeyPair::from_pem(KeyAlgorithm algorithm, std::string_view pem) {
    const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    KeyPair pair(algorithm, PEM_read_bio_PrivateKey(memory.get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    if (pair.key_ && suits(algorithm, pair.key_.get())) return pair;
    return std::unexpected(Error{
        ErrorCode::InvalidInput,
        "not an unencrypted private key in PEM for " + std::string(algorithm_name(algorithm))});
}

std::string KeyPair::sign(std::string_view bytes) const {
    const DigestContext context(EVP_MD_CTX_new());
    CHECK(context &&
          EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = signature.size();
    CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                         bytes_of(bytes), bytes.size()) == 1);
    signature.resize(size);
    return algorithm_ == KeyAlgorithm::ES256 ? raw_from_der(signature) : signature;
}

bool KeyPair::verify(std::string_view bytes, std::string_view signature) const {
    std::string der;
    if (algorithm_ == KeyAlgorithm::ES256) {
        auto converted = der_from_raw(signature);
        if (!converted) return false;
        der = std::move(*converted);
        signature = der;
    }
    const DigestContext context(EVP_MD_CTX_new());
    CHECK(context &&
          EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    const bool good = EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                                       bytes_of(bytes), bytes.size()) == 1;
    if (!good) ERR_clear_error();
    return good;
}

boost::json::object KeyPair::public_jwk() const {
    if (algorithm_ == KeyAlgorithm::RS256) {
        return {{"kty", "RSA"},
                {"n", number_of(key_.get(), OSSL_PKEY_PARAM_RSA_N, 0)},
                {"e", number_of(key_.get(), OSSL_PKEY_PARAM_RSA_E, 0)}};
    }
    return {{"kty", "EC"},
            {"crv", "P-256"},
            {"x", number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, coordinate_bytes)},
            {"y", number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, coordinate_bytes)}};
}

std::string KeyPair::to_pem() const {
    const Memory memory(BIO_new(BIO_s_secmem()));
    CHECK(memory && PEM_write_bio_PKCS8PrivateKey(memory.get(), key_.get(), nullptr, nullptr, 0,
                                                  nullptr, nullptr) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace dunlin::auth
