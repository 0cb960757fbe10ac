#include "auth/id_token.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "auth/base64url.h"
#include "auth/digest.h"
#include "auth/provider_fixture.h"
#include "core/limits.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::int64_t now_s = 1'800'000'000;

json::object honest_claims() {
    return {{"iss", "https://id.example"}, {"sub", "248289"},       {"aud", "clinic"},
            {"exp", now_s + 600},          {"iat", now_s - 10},     {"nonce", "n-0S6"},
            {"email", "ann@example.com"},  {"email_verified", true}};
}

IdTokenRules honest_rules() {
    return {.issuers = {"https://id.example"},
            .audiences = {"clinic", "clinic-ios"},
            .nonce_rule = NonceRule::Exact,
            .nonce = "n-0S6",
            .now_s = now_s};
}

template <typename Value>
json::object with(std::string_view name, const Value& value) {
    auto claims = honest_claims();
    claims[name] = value;
    return claims;
}

json::object without(std::string_view name) {
    auto claims = honest_claims();
    claims.erase(name);
    return claims;
}

std::string check(const json::object& claims, const IdTokenRules& rules) {
    return refusal_of(check_claims(IdToken{.claims = claims}, rules));
}

}  // namespace

TEST(IdToken, EveryClaimIsChecked) {
    struct Case {
        const char* why;
        json::object claims;
        const char* expected;
    };
    const char* other_issuer = "Bad ID token (its issuer is not the provider's)";
    const char* other_audience = "Unacceptable audience in id_token";
    const char* nonce_lacks = "Passed nonce and nonce in id_token should either both exist or not.";
    const Case cases[] = {
        {"all as it should be", honest_claims(), ""},
        {"another issuer", with("iss", "https://evil.example"), other_issuer},
        {"issuer with a slash more", with("iss", "https://id.example/"), other_issuer},
        {"no issuer", without("iss"), other_issuer},
        {"issuer is no text", with("iss", 1), other_issuer},
        {"no subject", without("sub"), "Missing sub claim in id_token"},
        {"subject is no text", with("sub", 248289), "Missing sub claim in id_token"},
        {"another audience", with("aud", "shop"), other_audience},
        {"no audience", without("aud"), other_audience},
        {"empty audience", with("aud", ""), other_audience},
        {"the application's own client", with("aud", "clinic-ios"), ""},
        {"list of one", with("aud", json::array{"clinic"}), ""},
        {"list without us", with("aud", json::array{"a", "b"}), other_audience},
        {"list with us and no azp", with("aud", json::array{"a", "clinic"}), other_audience},
        {"azp of another, one audience", with("azp", "clinic-android"), ""},
        {"expired", with("exp", now_s - 30), "Bad ID token (it has expired)"},
        {"expired within the skew", with("exp", now_s - 29), ""},
        {"never expires", without("exp"), "Bad ID token (it has no exp claim)"},
        {"exp as text", with("exp", "never"), "Bad ID token (it has no exp claim)"},
        {"exp far below zero", with("exp", json::value(std::int64_t{INT64_MIN})),
         "Bad ID token (it has expired)"},
        {"not issued", without("iat"), "Bad ID token (it has no iat claim)"},
        {"issued tomorrow", with("iat", now_s + 86400), "Bad ID token (it is not valid yet)"},
        {"not before tomorrow", with("nbf", now_s + 86400), "Bad ID token (it is not valid yet)"},
        {"other nonce", with("nonce", "other"), "Nonces mismatch"},
        {"no nonce", without("nonce"), nonce_lacks},
        {"at_hash, but no access token", with("at_hash", "AAAA"), ""},
    };
    for (const Case& c : cases) EXPECT_EQ(check(c.claims, honest_rules()), c.expected) << c.why;
    auto several = with("aud", json::array{"a", "clinic"});
    several["azp"] = "clinic";
    EXPECT_EQ(check(several, honest_rules()), "") << "made for us, others may read it";
}

TEST(IdToken, TheApplicationGivesTheNonceWhoseHashTheTokenHas) {
    IdTokenRules rules = honest_rules();
    rules.nonce_rule = NonceRule::Sha256Hex;
    rules.nonce = "a random nonce";
    const auto hashed = with("nonce", to_hex(sha256("a random nonce")));
    EXPECT_EQ(check(hashed, rules), "");
    EXPECT_EQ(check(with("nonce", "a random nonce"), rules), "Nonces mismatch") << "not hashed";
    rules.nonce = "another";
    EXPECT_EQ(check(hashed, rules), "Nonces mismatch");
    rules.nonce = "";
    EXPECT_EQ(check(hashed, rules),
              "Passed nonce and nonce in id_token should either both exist or not.");
    EXPECT_EQ(check(without("nonce"), rules), "");
    rules.nonce_rule = NonceRule::Ignored;
    EXPECT_EQ(check(hashed, rules), "");
}

TEST(IdToken, TheAccessTokenMustBeTheOneItCameWith) {
    IdTokenRules rules = honest_rules();
    rules.access_token = "ya29.access";
    const auto hash = encode_base64url(sha256("ya29.access").substr(0, 16));
    EXPECT_EQ(check(with("at_hash", hash), rules), "");
    EXPECT_EQ(check(honest_claims(), rules), "") << "not every provider sends it";
    rules.access_token = "ya29.other";
    EXPECT_EQ(check(with("at_hash", hash), rules),
              "Bad ID token (its at_hash is not that of the access token)");
}

TEST(IdToken, TheIssuerMayNameItsTenant) {
    IdTokenRules rules = honest_rules();
    rules.issuers = {"https://login.microsoftonline.com/{tenantid}/v2.0"};
    const std::string tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    auto claims = with("iss", "https://login.microsoftonline.com/" + tenant + "/v2.0");
    EXPECT_NE(check(claims, rules), "") << "no tenant";
    claims["tid"] = tenant;
    EXPECT_EQ(check(claims, rules), "");
    claims["tid"] = "9188040d-6c67-4c5b-b112-36a304b66dad";
    EXPECT_NE(check(claims, rules), "") << "another tenant";
    claims["tid"] = "x/../y";
    claims["iss"] = "https://login.microsoftonline.com/x/../y/v2.0";
    EXPECT_NE(check(claims, rules), "") << "no tenant's id";
}

TEST(IdToken, RefusesWhatIsNoToken) {
    const TestKey key = p256_key("k");
    const std::string good = key.sign(honest_claims());
    ASSERT_TRUE(parse_id_token(good));
    const auto parts = [](int count) {
        return fmt::format("Bad ID token (Expected 3 parts in JWT; got {})", count);
    };
    const std::string header = "Bad ID token (No suitable key or wrong key type)";
    const std::string algorithm = "Bad ID token (it is signed by neither RS256 nor ES256)";
    struct Case {
        const char* why;
        std::string token;
        std::string expected;
    };
    const Case cases[] = {
        {"empty", "", parts(1)},
        {"two parts", "a.b", parts(2)},
        {"four parts", good + ".x", parts(4)},
        {"encrypted", "a.b.c.d.e", parts(5)},
        {"huge", good + std::string(limits::id_token_bytes_max, 'A'),
         "Bad ID token (JWT couldn't be decoded)"},
        {"not base64url", "!.!.!", "Bad ID token (JWT cryptographic operation failed)"},
        {"claims no object",
         encode_base64url(R"({"alg":"RS256"})") + "." + encode_base64url("[1]") + ".AAAA",
         "Bad ID token (Parsing claims failed)"},
        {"alg none", key.sign(honest_claims(), {{"alg", "none"}}), algorithm},
        {"alg HS256, the public key as its secret", key.sign(honest_claims(), {{"alg", "HS256"}}),
         algorithm},
        {"alg is no text", key.sign(honest_claims(), {{"alg", nullptr}}), header},
        {"critical extension", key.sign(honest_claims(), {{"crit", json::array{"exp"}}}), header},
    };
    for (const Case& c : cases) EXPECT_EQ(refusal_of(parse_id_token(c.token)), c.expected) << c.why;
}

TEST(IdToken, OnlyTheKeyItNamesProvesIt) {
    const TestKey rsa = rsa_key("a");
    const TestKey p256 = p256_key("b");
    const TestKey thief = p256_key("b");
    const auto keys = parse_jwk_set(jwk_set({rsa.jwk(), p256.jwk()})).value();
    const auto prove = [&](const std::string& text) -> std::string {
        const auto token = parse_id_token(text);
        if (!token) return refusal_of(token);
        const PublicKey* key = find_key(*token, keys);
        return key == nullptr ? "no key" : refusal_of(check_signature(*token, *key));
    };
    const std::string forged = "Bad ID token (its signature is not the provider's)";
    const std::string good = p256.sign(honest_claims());
    const std::string other_claims = good.substr(0, good.find('.') + 1) +
                                     encode_base64url(R"({"sub":"eve"})") +
                                     good.substr(good.rfind('.'));
    struct Case {
        const char* why;
        std::string token;
        std::string expected;
    };
    const Case cases[] = {
        {"RSA", rsa.sign(honest_claims()), ""},
        {"P-256", good, ""},
        {"no kid, one key of its kind", TestKey{"", p256.pair}.sign(honest_claims()), ""},
        {"unknown kid", p256.sign(honest_claims(), {{"kid", "c"}}), "no key"},
        {"kid of a key of another kind", p256.sign(honest_claims(), {{"kid", "a"}}), "no key"},
        {"alg of another kind", p256.sign(honest_claims(), {{"alg", "RS256"}}), "no key"},
        {"signed by another key of that name", thief.sign(honest_claims()), forged},
        {"claims exchanged", other_claims, forged},
        {"short signature",
         good.substr(0, good.rfind('.') + 1) + encode_base64url(std::string(63, 'x')), forged},
        {"its own key in the header", thief.sign(honest_claims(), {{"jwk", thief.jwk()}}), forged},
    };
    for (const Case& c : cases) EXPECT_EQ(prove(c.token), c.expected) << c.why;
}

TEST(IdToken, AKeyMayBeBoundToItsIssuer) {
    const TestKey key = p256_key("k");
    auto jwk = key.jwk();
    jwk["issuer"] = "https://other.example";
    const auto token = parse_id_token(key.sign(honest_claims())).value();
    EXPECT_NE(refusal_of(check_signature(token, parse_jwk(jwk).value())), "");
    jwk["issuer"] = "https://id.example";
    EXPECT_EQ(refusal_of(check_signature(token, parse_jwk(jwk).value())), "");
}

TEST(IdToken, WithoutAKeyIdOneOfTwoIsNotGuessed) {
    const TestKey one = p256_key("1");
    const TestKey two = p256_key("2");
    const auto keys = parse_jwk_set(jwk_set({one.jwk(), two.jwk()})).value();
    const auto token = parse_id_token(TestKey{"", one.pair}.sign(honest_claims())).value();
    EXPECT_EQ(find_key(token, keys), nullptr);
}

}  // namespace dunlin::auth
