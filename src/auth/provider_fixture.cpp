#include "auth/provider_fixture.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "auth/base64url.h"
#include "core/check.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

std::string number(EVP_PKEY* key, const char* name, int width) {
    BIGNUM* value = nullptr;
    CHECK(EVP_PKEY_get_bn_param(key, name, &value) == 1);
    std::string bytes(static_cast<std::size_t>(std::max(width, BN_num_bytes(value))), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()),
                 static_cast<int>(bytes.size()));
    BN_free(value);
    return encode_base64url(bytes);
}

std::string joined_numbers(const unsigned char* der, std::size_t size) {
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(size));
    CHECK(signature != nullptr);
    std::array<unsigned char, 64> joined{};
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), joined.data(), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), joined.data() + 32, 32);
    ECDSA_SIG_free(signature);
    return {reinterpret_cast<const char*>(joined.data()), joined.size()};
}

}  // namespace

TestKey::TestKey(std::string id, SignatureAlgorithm algorithm, EVP_PKEY* key)
    : id_(std::move(id)), algorithm_(algorithm), key_(key, &EVP_PKEY_free) {
    CHECK(key != nullptr);
}

TestKey TestKey::rsa(std::string id) {
    return {std::move(id), SignatureAlgorithm::Rs256, EVP_RSA_gen(2048)};
}

TestKey TestKey::p256(std::string id) {
    return {std::move(id), SignatureAlgorithm::Es256, EVP_EC_gen("P-256")};
}

std::string TestKey::sign_text(std::string_view signed_text) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::array<unsigned char, 1024> bytes{};
    std::size_t size = bytes.size();
    CHECK(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    CHECK(EVP_DigestSign(context, bytes.data(), &size,
                         reinterpret_cast<const unsigned char*>(signed_text.data()),
                         signed_text.size()) == 1);
    EVP_MD_CTX_free(context);
    if (algorithm_ == SignatureAlgorithm::Es256) return joined_numbers(bytes.data(), size);
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string TestKey::sign(const json::object& claims, json::object header) const {
    if (!header.contains("alg")) {
        header["alg"] = algorithm_ == SignatureAlgorithm::Rs256 ? "RS256" : "ES256";
    }
    if (!header.contains("kid")) header["kid"] = id_;
    const std::string signed_text =
        encode_base64url(json::serialize(header)) + "." + encode_base64url(json::serialize(claims));
    return signed_text + "." + encode_base64url(sign_text(signed_text));
}

json::object TestKey::jwk() const {
    if (algorithm_ == SignatureAlgorithm::Rs256) {
        return {{"kty", "RSA"},
                {"use", "sig"},
                {"alg", "RS256"},
                {"kid", id_},
                {"n", number(key_.get(), OSSL_PKEY_PARAM_RSA_N, 0)},
                {"e", number(key_.get(), OSSL_PKEY_PARAM_RSA_E, 0)}};
    }
    return {{"kty", "EC"},
            {"crv", "P-256"},
            {"kid", id_},
            {"x", number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32)},
            {"y", number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32)}};
}

std::string TestKey::private_pem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    CHECK(PEM_write_bio_PKCS8PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
          1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio, &text);
    std::string pem(text, static_cast<std::size_t>(size));
    BIO_free(bio);
    return pem;
}

std::string jwk_set(const std::vector<json::object>& keys) {
    json::array list;
    for (const auto& key : keys) list.push_back(key);
    return json::serialize(json::object{{"keys", std::move(list)}});
}

void TestNet::put(std::string url, std::string body, int status) {
    answers_[std::move(url)] = {.status = status, .body = std::move(body)};
}

FetchFunction TestNet::fetch() {
    return [this](outbound::FetchRequest request) { return answer(std::move(request)); };
}

std::size_t TestNet::count(std::string_view url) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(requests, [&](const auto& request) { return request.url == url; }));
}

asio::awaitable<Result<outbound::FetchResponse>> TestNet::answer(outbound::FetchRequest request) {
    requests.push_back(request);
    const auto found = answers_.find(request.url);
    if (found == answers_.end()) {
        co_return std::unexpected(Error{ErrorCode::Unavailable, "no answer from " + request.url});
    }
    co_return found->second;
}

}  // namespace dunlin::auth
