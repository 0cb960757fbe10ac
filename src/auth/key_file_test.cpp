#include "auth/key_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace dunlin::auth {

namespace {

std::string pem_of(EVP_PKEY* key, const EVP_CIPHER* cipher = nullptr) {
    BIO* out = BIO_new(BIO_s_mem());
    char password[] = "password";
    EXPECT_EQ(
        PEM_write_bio_PKCS8PrivateKey(out, key, cipher, cipher != nullptr ? password : nullptr,
                                      cipher != nullptr ? 8 : 0, nullptr, nullptr),
        1);
    char* text = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(out, &text));
    std::string pem(text, size);
    BIO_free(out);
    EVP_PKEY_free(key);
    return pem;
}

std::string entry(std::string_view kid, std::string_view algorithm, std::string_view state,
                  std::string_view pem) {
    return fmt::format(
        R"({{"kid":"{}","algorithm":"{}","state":"{}","created_at_s":1,"private_key":{}}})", kid,
        algorithm, state, boost::json::serialize(boost::json::value(pem)));
}

std::string file_of(std::string_view entries) {
    return fmt::format(R"({{"version":1,"keys":[{}]}})", entries);
}

}  // namespace

TEST(KeyFile, ReadsBackWhatItWrites) {
    const std::vector<SigningKey> keys = {
        {"one", KeyPair::generate(KeyAlgorithm::ES256), KeyState::VerifyOnly, 5, 900},
        {"two", KeyPair::generate(KeyAlgorithm::RS256), KeyState::InUse, 6},
        {"three", KeyPair::generate(KeyAlgorithm::ES256), KeyState::Standby, 7},
    };
    const auto read = read_signing_keys(write_signing_keys(keys));
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const SigningKey& key = (*read)[i];
        EXPECT_EQ(key.kid, keys[i].kid);
        EXPECT_EQ(key.state, keys[i].state);
        EXPECT_EQ(key.created_at_s, keys[i].created_at_s);
        EXPECT_EQ(key.verify_until_s, keys[i].verify_until_s);
        EXPECT_TRUE(keys[i].pair.verify("text", key.pair.sign("text")));
    }
}

TEST(KeyFile, SaysWhatIsWrong) {
    const std::string ec = pem_of(EVP_EC_gen("P-256"));
    const std::string rsa = pem_of(EVP_RSA_gen(2048));
    const std::string standby = entry("a", "ES256", "standby", ec);
    std::string nine = standby;
    for (int i = 0; i < 8; ++i) nine += "," + standby;
    struct Case {
        const char* why;
        std::string text;
        std::string message;  // part of it; "" when accepted
    };
    const Case cases[] = {
        {"a key", file_of(standby), ""},
        {"no keys", file_of(""), ""},
        {"no JSON", "keys", "not a JSON object"},
        {"cut", file_of(standby).substr(0, 80), "not a JSON object"},
        {"a newer file", R"({"version":2,"keys":[]})", "unknown version"},
        {"keys no list", R"({"version":1,"keys":{}})", "keys is not a list"},
        {"a key no object", file_of("1"), "a key is not a JSON object"},
        {"no kid", file_of(entry("", "ES256", "standby", ec)), "no kid"},
        {"kid with path characters", file_of(entry("../a", "ES256", "standby", ec)), "base64url"},
        {"unknown algorithm", file_of(entry("a", "HS256", "standby", ec)), "key a: algorithm"},
        {"unknown state", file_of(entry("a", "ES256", "", ec)), "key a: state"},
        {"no end", file_of(entry("a", "ES256", "verify_only", ec)), "key a: verify_until_s"},
        {"no PEM", file_of(entry("a", "ES256", "standby", "x")), "key a: private_key"},
        {"RSA as ES256", file_of(entry("a", "ES256", "standby", rsa)), "key a: private_key"},
        {"EC as RS256", file_of(entry("a", "RS256", "standby", ec)), "key a: private_key"},
        {"another curve", file_of(entry("a", "ES256", "standby", pem_of(EVP_EC_gen("P-384")))),
         "key a: private_key"},
        {"RSA too short", file_of(entry("a", "RS256", "standby", pem_of(EVP_RSA_gen(1024)))),
         "key a: private_key"},
        {"encrypted, which must not ask the terminal",
         file_of(entry("a", "ES256", "standby", pem_of(EVP_EC_gen("P-256"), EVP_aes_128_cbc()))),
         "key a: private_key"},
        {"one kid twice", file_of(standby + "," + entry("a", "ES256", "in_use", ec)), "twice"},
        {"two in use",
         file_of(entry("a", "ES256", "in_use", ec) + "," + entry("b", "ES256", "in_use", ec)),
         "two keys are in use"},
        {"two on standby", file_of(standby + "," + entry("b", "ES256", "standby", ec)),
         "two keys are on standby"},
        {"too many", file_of(nine), "more than 8 keys"},
    };
    for (const Case& c : cases) {
        const auto read = read_signing_keys(c.text);
        ASSERT_EQ(read.has_value(), c.message.empty()) << c.why;
        if (read) continue;
        EXPECT_EQ(read.error().code, ErrorCode::InvalidInput) << c.why;
        EXPECT_TRUE(read.error().message.contains(c.message))
            << c.why << ": " << read.error().message;
        EXPECT_FALSE(read.error().message.contains("PRIVATE")) << c.why;
    }
}

}  // namespace dunlin::auth
