#include "auth/sealed_text.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <memory>

#include "auth/base64url.h"
#include "auth/random.h"
#include "core/check.h"

namespace dunlin::auth {

namespace {

constexpr std::string_view version = "v1.";
constexpr std::size_t nonce_bytes = 12;  // SP 800-38D section 5.2.1.1 recommends 96 bits
constexpr std::size_t tag_bytes = 16;

using Key = std::array<unsigned char, 32>;

struct FreeCipher {
    void operator()(EVP_CIPHER_CTX* cipher) const { EVP_CIPHER_CTX_free(cipher); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

int size_of(std::string_view text) {
    return static_cast<int>(text.size());
}

OSSL_PARAM parameter(const char* name, std::string_view bytes) {
    // OpenSSL reads it only; its interface knows no const.
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.data()), bytes.size());
}

/// RFC 5869 without a salt: the project's secret is random enough.
Key derive(std::string_view secret, std::string_view use) {
    EVP_KDF* method = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
    EVP_KDF_CTX* derivation = EVP_KDF_CTX_new(method);
    EVP_KDF_free(method);
    CHECK(derivation != nullptr);
    const std::string info = "dunlin sealed " + std::string(use);
    std::array<char, 7> digest{"SHA256"};
    const std::array parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        parameter(OSSL_KDF_PARAM_KEY, secret), parameter(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end()};
    Key key{};
    const int derived = EVP_KDF_derive(derivation, key.data(), key.size(), parameters.data());
    EVP_KDF_CTX_free(derivation);
    CHECK(derived == 1);
    return key;
}

}  // namespace

std::string seal(std::string_view secret, SealPurpose purpose, std::string_view text) {
    Key key = derive(secret, purpose.use);
    const std::string nonce = random_bytes(nonce_bytes);
    std::string hidden(text.size(), '\0');
    std::string tag(tag_bytes, '\0');
    const Cipher cipher(EVP_CIPHER_CTX_new());
    int written = 0;
    CHECK(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(),
                             bytes_of(std::string_view(nonce))) == 1);
    CHECK(EVP_EncryptUpdate(cipher.get(), nullptr, &written, bytes_of(purpose.row),
                            size_of(purpose.row)) == 1);
    CHECK(EVP_EncryptUpdate(cipher.get(), bytes_of(hidden), &written, bytes_of(text),
                            size_of(text)) == 1);
    CHECK(EVP_EncryptFinal_ex(cipher.get(), bytes_of(tag), &written) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, tag.data()) == 1);
    OPENSSL_cleanse(key.data(), key.size());
    return std::string(version) + encode_base64url(nonce + hidden + tag);
}

std::optional<std::string> unseal(std::string_view secret, SealPurpose purpose,
                                  std::string_view sealed) {
    if (!sealed.starts_with(version)) return std::nullopt;
    const auto bytes = decode_base64url(sealed.substr(version.size()));
    if (!bytes || bytes->size() < nonce_bytes + tag_bytes) return std::nullopt;
    const std::string_view all = *bytes;
    const std::string_view hidden = all.substr(nonce_bytes, all.size() - nonce_bytes - tag_bytes);
    std::string tag(all.substr(all.size() - tag_bytes));
    Key key = derive(secret, purpose.use);
    std::string text(hidden.size(), '\0');
    const Cipher cipher(EVP_CIPHER_CTX_new());
    int written = 0;
    CHECK(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes_of(all)) ==
          1);
    OPENSSL_cleanse(key.data(), key.size());
    CHECK(EVP_DecryptUpdate(cipher.get(), nullptr, &written, bytes_of(purpose.row),
                            size_of(purpose.row)) == 1);
    CHECK(EVP_DecryptUpdate(cipher.get(), bytes_of(text), &written, bytes_of(hidden),
                            size_of(hidden)) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()) == 1);
    // The tag is compared here; nothing of the text may be used before.
    if (EVP_DecryptFinal_ex(cipher.get(), bytes_of(tag), &written) != 1) return std::nullopt;
    return text;
}

}  // namespace dunlin::auth
