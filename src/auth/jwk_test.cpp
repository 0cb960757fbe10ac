#include "auth/jwk.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "auth/base64url.h"
#include "auth/json_members.h"
#include "auth/provider_fixture.h"
#include "core/limits.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr const char* example_claims =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";

json::object rsa_example() {  // RFC 7515 appendix A.2.1
    return {{"kty", "RSA"},
            {"n",
             "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEz"
             "P1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf6"
             "3kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5Zw"
             "Kh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRW"
             "yuXpoQ"},
            {"e", "AQAB"}};
}

json::object p256_example() {  // RFC 7515 appendix A.3.1
    return {{"kty", "EC"},
            {"crv", "P-256"},
            {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
            {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}};
}

json::object with(json::object jwk, std::string_view name, std::string_view value) {
    jwk[name] = value;
    return jwk;
}

}  // namespace

TEST(Jwk, ProvesTheExamplesOfTheStandard) {
    const auto rsa = parse_jwk(rsa_example());
    ASSERT_TRUE(rsa);
    const std::string rsa_signature =
        decode_base64url(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
            "O8W"
            "2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
            "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkS"
            "jtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
            "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv"
            "Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw")
            .value();
    EXPECT_TRUE(
        rsa->verifies(std::string("eyJhbGciOiJSUzI1NiJ9.") + example_claims, rsa_signature));
    EXPECT_FALSE(
        rsa->verifies(std::string("eyJhbGciOiJSUzI1NiJ9.") + example_claims + "x", rsa_signature));

    const auto p256 = parse_jwk(p256_example());
    ASSERT_TRUE(p256);
    const std::string input = std::string("eyJhbGciOiJFUzI1NiJ9.") + example_claims;
    std::string signature =
        decode_base64url(
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1"
            "Q")
            .value();
    EXPECT_TRUE(p256->verifies(input, signature));
    EXPECT_FALSE(p256->verifies(input, signature.substr(1))) << "63 bytes";
    EXPECT_FALSE(p256->verifies(input, "")) << "none";
    EXPECT_FALSE(p256->verifies(input, std::string(64, '\0'))) << "zeros";
    EXPECT_FALSE(verify_signature(KeyAlgorithm::ES256, rsa->key.get(), input, signature))
        << "a key of the other kind";
    EXPECT_FALSE(verify_signature(KeyAlgorithm::RS256, p256->key.get(), input, signature));
    signature[10] = static_cast<char>(signature[10] ^ 1);
    EXPECT_FALSE(p256->verifies(input, signature)) << "one bit";
}

TEST(Jwk, TakesOnlyKeysForOurAlgorithms) {
    const std::string small(125, '\x81');
    const std::string huge(1025, '\x81');
    struct Case {
        const char* why;
        json::object jwk;
        bool expected;
    };
    const Case cases[] = {
        {"RSA", rsa_example(), true},
        {"P-256", p256_example(), true},
        {"for signatures", with(rsa_example(), "use", "sig"), true},
        {"for encryption", with(rsa_example(), "use", "enc"), false},
        {"its own algorithm", with(p256_example(), "alg", "ES256"), true},
        {"another algorithm", with(rsa_example(), "alg", "RS512"), false},
        {"the algorithm of another type", with(p256_example(), "alg", "RS256"), false},
        {"a secret", {{"kty", "oct"}, {"k", "AAAA"}}, false},
        {"nothing", {}, false},
        {"RSA of 1000 bits", with(rsa_example(), "n", encode_base64url(small)), false},
        {"RSA of 8200 bits", with(rsa_example(), "n", encode_base64url(huge)), false},
        {"even exponent", with(rsa_example(), "e", "AAAC"), false},
        {"exponent 1", with(rsa_example(), "e", "AQ"), false},
        {"exponent that takes hours", with(rsa_example(), "e", encode_base64url(small)), false},
        {"modulus not base64url", with(rsa_example(), "n", "a+b="), false},
        {"other curve", with(p256_example(), "crv", "P-384"), false},
        {"point not on the curve", with(p256_example(), "x", text_member(p256_example(), "y")),
         false},
        {"short coordinate", with(p256_example(), "x", "AAAA"), false},
    };
    for (const Case& c : cases) EXPECT_EQ(parse_jwk(c.jwk).has_value(), c.expected) << c.why;
}

TEST(Jwk, ASetKeepsWhatItCanUse) {
    const auto keys = parse_jwk_set(
        jwk_set({with(rsa_example(), "kid", "a"), json::object{{"kty", "OKP"}, {"crv", "Ed25519"}},
                 with(p256_example(), "kid", "b")}));
    ASSERT_TRUE(keys);
    ASSERT_EQ(keys->size(), 2u);
    EXPECT_EQ(keys->at(0).id, "a");
    EXPECT_EQ(keys->at(1).id, "b");
    for (const std::string& text :
         {std::string("not JSON"), std::string("[]"), std::string("{}"),
          std::string(R"({"keys":{}})"),
          jwk_set(std::vector<json::object>(limits::provider_keys_max + 1))}) {
        EXPECT_EQ(refusal_of(parse_jwk_set(text)), "this is not a set of keys") << text;
    }
    EXPECT_EQ(parse_jwk_set(R"({"keys":[1,"x",null]})")->size(), 0u);
}

}  // namespace dunlin::auth
