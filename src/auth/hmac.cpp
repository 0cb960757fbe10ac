#include "auth/hmac.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <array>

#include "core/check.h"

namespace dunlin::auth {

namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Hmac::Hmac(std::string_view key) {
    const std::unique_ptr<EVP_MAC, void (*)(EVP_MAC*)> algorithm(
        EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr), &EVP_MAC_free);
    CHECK(algorithm != nullptr);
    keyed_.reset(EVP_MAC_CTX_new(algorithm.get()));
    CHECK(keyed_ != nullptr);
    std::string digest = OSSL_DIGEST_NAME_SHA2_256;
    const std::array parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
        OSSL_PARAM_construct_end()};
    CHECK(EVP_MAC_init(keyed_.get(), bytes_of(key), key.size(), parameters.data()) == 1);
}

std::string Hmac::of(std::string_view text) const {
    const Context context(EVP_MAC_CTX_dup(keyed_.get()));
    CHECK(context != nullptr);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    std::size_t size = 0;
    CHECK(EVP_MAC_update(context.get(), bytes_of(text), text.size()) == 1);
    CHECK(EVP_MAC_final(context.get(), digest.data(), &size, digest.size()) == 1);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace dunlin::auth
