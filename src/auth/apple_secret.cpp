#include "auth/apple_secret.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <memory>

#include "auth/base64url.h"
#include "core/check.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::int64_t lifetime_s = 300;
constexpr int p256_bytes = 32;

struct Closer {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <typename Thing>
using Owned = std::unique_ptr<Thing, Closer>;

/// An encrypted key has no password to be asked for: there is nobody to ask.
int no_password(char*, int, int, void*) {
    return -1;
}

Owned<EVP_PKEY> read_key(std::string_view pem) {
    const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    CHECK(bio != nullptr);
    Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_password, nullptr));
    std::array<char, 64> group{};
    const bool p256 = key != nullptr && EVP_PKEY_is_a(key.get(), "EC") == 1 &&
                      EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                                     group.data(), group.size(), nullptr) == 1 &&
                      std::string_view(group.data()) == "prime256v1";
    return p256 ? std::move(key) : nullptr;
}

/// ES256 as JWS has it: both numbers, 32 bytes each (RFC 7518 section 3.4).
std::string sign(EVP_PKEY* key, std::string_view input) {
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    std::array<unsigned char, 128> der{};
    std::size_t size = der.size();
    CHECK(context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
          EVP_DigestSign(context.get(), der.data(), &size,
                         reinterpret_cast<const unsigned char*>(input.data()), input.size()) == 1);
    const unsigned char* at = der.data();
    const Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    CHECK(signature != nullptr);
    std::array<unsigned char, 2 * p256_bytes> joined{};
    BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), joined.data(), p256_bytes);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), joined.data() + p256_bytes, p256_bytes);
    return {reinterpret_cast<const char*>(joined.data()), joined.size()};
}

}  // namespace

Result<std::string> apple_client_secret(const AppleKey& key, std::string_view client_id,
                                        std::int64_t now_s) {
    const Owned<EVP_PKEY> private_key = read_key(key.private_key_pem);
    if (!private_key) {
        return std::unexpected(Error{ErrorCode::InvalidInput,
                                     "Apple's private key is not a P-256 key in PEM (PKCS #8)"});
    }
    const json::object header = {{"alg", "ES256"}, {"kid", key.key_id}};
    const json::object claims = {{"iss", key.team_id},
                                 {"iat", now_s},
                                 {"exp", now_s + lifetime_s},
                                 {"aud", "https://appleid.apple.com"},
                                 {"sub", client_id}};
    std::string token =
        encode_base64url(json::serialize(header)) + "." + encode_base64url(json::serialize(claims));
    const std::string signature = sign(private_key.get(), token);
    return token + "." + encode_base64url(signature);
}

}  // namespace dunlin::auth
