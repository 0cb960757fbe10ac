#include "auth/providers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "auth/apple_secret.h"
#include "auth/auth_fixture.h"
#include "auth/base64url.h"
#include "auth/digest.h"
#include "auth/json_members.h"
#include "auth/provider_fixture.h"
#include "core/limits.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* issuer = "https://id.example";
constexpr const char* discovery_url = "https://id.example/.well-known/openid-configuration";
constexpr const char* keys_url = "https://id.example/jwks";
constexpr const char* token_url = "https://id.example/token";
constexpr const char* userinfo_url = "https://id.example/me";

json::object discovery() {
    return {{"issuer", issuer},
            {"authorization_endpoint", "https://id.example/auth"},
            {"token_endpoint", token_url},
            {"userinfo_endpoint", userinfo_url},
            {"jwks_uri", keys_url},
            {"token_endpoint_auth_methods_supported", json::array{"client_secret_post"}}};
}

constexpr std::int64_t start_s = 1'800'000'000;

class ProvidersTest : public testing::Test {
protected:
    ProvidersTest() {
        net_.put(discovery_url, json::serialize(discovery()));
        net_.put(keys_url, jwk_set({key_.jwk()}));
        providers_ = Providers::make({{.name = "keycloak",
                                       .client_ids = {"clinic", "clinic-ios"},
                                       .client_secret = "secret",
                                       .url = issuer},
                                      {.name = "github", .client_ids = {"Iv1"}}},
                                     net_.fetch(), clock_)
                         .value();
    }

    Provider& keycloak() { return *providers_.find("keycloak"); }

    json::object claims(std::string_view nonce) const {
        return {{"iss", issuer},
                {"sub", "248289"},
                {"aud", "clinic"},
                {"exp", clock_.now_s + 600},
                {"iat", clock_.now_s},
                {"nonce", nonce},
                {"email", "ann@example.com"},
                {"email_verified", true}};
    }

    std::string verify(const std::string& id_token, std::string nonce = "raw") {
        return refusal_of(
            await(keycloak().verify_id_token({.id_token = id_token, .nonce = std::move(nonce)})));
    }
    std::string sign(const TestKey& key) { return key.sign(claims(to_hex(sha256("raw")))); }

    FixtureClock clock_;
    TestNet net_;
    const TestKey key_ = p256_key("k1");
    Providers providers_;
};

}  // namespace

TEST_F(ProvidersTest, SignInFromTheFirstRedirectToTheProfile) {
    const auto url = await(keycloak().authorize_url({.state = "s",
                                                     .redirect_uri = "https://clinic.example/cb",
                                                     .code_challenge = "c",
                                                     .nonce = "n1"}));
    EXPECT_THAT(url.value(), StartsWith("https://id.example/auth?client_id=clinic&"));

    net_.put(token_url, json::serialize(json::object{{"access_token", "at"},
                                                     {"id_token", key_.sign(claims("n1"))}}));
    const auto tokens = await(keycloak().exchange({.code = "c1",
                                                   .code_verifier = "v1",
                                                   .redirect_uri = "https://clinic.example/cb",
                                                   .issuer = issuer}));
    ASSERT_TRUE(tokens) << refusal_of(tokens);
    EXPECT_EQ(
        refusal_of(await(keycloak().exchange({.code = "c1", .issuer = "https://evil.example"}))),
        "this code is not from keycloak");
    EXPECT_THAT(net_.requests.back().body, HasSubstr("code=c1&"));
    EXPECT_THAT(net_.requests.back().body, HasSubstr("&client_secret=secret"));

    const auto profile = await(keycloak().identify(*tokens, "n1"));
    ASSERT_TRUE(profile) << refusal_of(profile);
    EXPECT_EQ(profile->subject, "248289");
    EXPECT_EQ(profile->email, "ann@example.com");
    EXPECT_TRUE(profile->email_verified);
    EXPECT_EQ(net_.count(discovery_url), 1u) << "kept";

    EXPECT_EQ(refusal_of(await(keycloak().identify(*tokens, "n2"))), "Nonces mismatch");
    auto for_ios = claims("n1");
    for_ios["aud"] = "clinic-ios";
    EXPECT_EQ(refusal_of(await(keycloak().identify(
                  {.access_token = "at", .id_token = key_.sign(for_ios)}, "n1"))),
              "Unacceptable audience in id_token")
        << "we asked as clinic";
    EXPECT_EQ(refusal_of(await(keycloak().identify({.access_token = "at"}, "n1"))),
              "keycloak sent no ID token");
}

TEST_F(ProvidersTest, TheAddressMayComeFromUserinfo) {
    auto short_claims = claims("n1");
    short_claims.erase("email");
    const ProviderTokens tokens{.access_token = "at", .id_token = key_.sign(short_claims)};
    net_.put(userinfo_url, R"({"sub":"248289","email":"ann@example.com","email_verified":true})");
    const auto profile = await(keycloak().identify(tokens, "n1"));
    ASSERT_TRUE(profile) << refusal_of(profile);
    EXPECT_EQ(profile->email, "ann@example.com");
    EXPECT_EQ(net_.requests.back().headers.back().second, "Bearer at");
    net_.put(userinfo_url, R"({"sub":"eve","email":"eve@example.com","email_verified":true})");
    EXPECT_EQ(refusal_of(await(keycloak().identify(tokens, "n1"))),
              "keycloak answered about somebody else");
}

TEST_F(ProvidersTest, NobodyIsAskedForAStrangersToken) {
    struct Case {
        const char* why;
        std::string_view claim;
        json::value value;
    };
    const Case cases[] = {
        {"another issuer", "iss", "https://evil.example"},
        {"another audience", "aud", "shop"},
        {"expired", "exp", 1},
        {"other nonce", "nonce", "x"},
    };
    for (const Case& c : cases) {
        auto changed = claims(to_hex(sha256("raw")));
        changed[c.claim] = c.value;
        EXPECT_NE(verify(key_.sign(changed)), "") << c.why;
        EXPECT_EQ(net_.requests.size(), 0u) << c.why;
    }
    EXPECT_EQ(verify(sign(key_)), "");
    EXPECT_EQ(net_.requests.size(), 2u) << "discovery and keys";
}

TEST_F(ProvidersTest, KeysAreKeptAndFetchedAgainWhenTheyChange) {
    const std::string no_key = "Bad ID token (the provider has no such key)";
    const TestKey next = p256_key("k2");
    EXPECT_EQ(verify(sign(key_)), "");
    EXPECT_EQ(verify(sign(key_)), "");
    EXPECT_EQ(net_.count(keys_url), 1u) << "kept";

    EXPECT_EQ(verify(sign(next)), no_key);
    EXPECT_EQ(net_.count(keys_url), 1u) << "asked a moment ago";
    clock_.now_s += 60;
    EXPECT_EQ(verify(sign(next)), no_key);
    EXPECT_EQ(net_.count(keys_url), 2u) << "an unknown key id is worth a question now and then";

    net_.put(keys_url, jwk_set({next.jwk()}));
    clock_.now_s += 60;
    EXPECT_EQ(verify(sign(next)), "") << "the provider has changed its key";
    EXPECT_EQ(verify(sign(key_)), no_key) << "and withdrawn the old one";

    net_.put(keys_url, jwk_set({key_.jwk()}));
    clock_.now_s += 3600;
    EXPECT_EQ(verify(sign(next)), no_key) << "keys are believed for an hour";
    net_.put(keys_url, "gone", 503);
    EXPECT_EQ(verify(sign(key_)), "") << "until then the provider is not needed";
    clock_.now_s += 3600;
    EXPECT_EQ(verify(sign(key_)), "https://id.example/jwks answered 503");
}

TEST_F(ProvidersTest, TheDiscoveryDocumentMustBeTheIssuersOwn) {
    struct Case {
        const char* why;
        const char* member;
        json::value value;
        const char* expected;
    };
    const Case cases[] = {
        {"another issuer", "issuer", "https://evil.example",
         "the discovery document of https://id.example names another issuer"},
        {"keys in clear", "jwks_uri", "http://id.example/jwks",
         "the discovery document of https://id.example lacks an https endpoint"},
        {"token endpoint missing", "token_endpoint", nullptr,
         "the discovery document of https://id.example lacks an https endpoint"},
        {"userinfo is a file", "userinfo_endpoint", "file:///etc/passwd",
         "the discovery document of https://id.example lacks an https endpoint"},
    };
    for (const Case& c : cases) {
        auto changed = discovery();
        changed[c.member] = c.value;
        EXPECT_EQ(refusal_of(parse_discovery(issuer, json::serialize(changed))), c.expected)
            << c.why;
    }
    EXPECT_EQ(refusal_of(parse_discovery(issuer, "<html>")),
              "https://id.example has no discovery document");
    EXPECT_EQ(parse_discovery(issuer, json::serialize(discovery()))->client_authentication,
              ClientAuthentication::Post);
    auto basic = discovery();
    basic["token_endpoint_auth_methods_supported"] = {"client_secret_post", "client_secret_basic"};
    EXPECT_EQ(parse_discovery(issuer, json::serialize(basic))->client_authentication,
              ClientAuthentication::Basic);
    basic.erase("token_endpoint_auth_methods_supported");
    EXPECT_EQ(parse_discovery(issuer, json::serialize(basic))->client_authentication,
              ClientAuthentication::Basic);
    net_.put(discovery_url, "", 404);
    EXPECT_EQ(verify(sign(key_)),
              "https://id.example/.well-known/openid-configuration answered 404");
}

TEST_F(ProvidersTest, GitHubIsAskedWithTheAccessToken) {
    Provider& github = *providers_.find("github");
    net_.put("https://api.github.com/user", R"({"id":1,"login":"ann"})");
    net_.put("https://api.github.com/user/emails",
             R"([{"email":"a@b.c","primary":true,"verified":true}])");
    const auto profile = await(github.identify({.access_token = "gho_1"}, "ignored"));
    ASSERT_TRUE(profile) << refusal_of(profile);
    EXPECT_EQ(profile->email, "a@b.c");
    EXPECT_EQ(net_.requests.size(), 2u);
    EXPECT_EQ(net_.requests.front().headers.back().second, "Bearer gho_1");
    net_.put("https://api.github.com/user/emails", "{}", 404);
    EXPECT_EQ(refusal_of(await(github.identify({.access_token = "gho_1"}, ""))),
              "github answered 404");
    EXPECT_EQ(refusal_of(await(github.verify_id_token({.id_token = "x"}))),
              "github has no ID tokens");
}

TEST_F(ProvidersTest, ApplesSecretIsMadeForEachExchange) {
    const TestKey apple_key = p256_key("ABC123");
    const AppleKey key{
        .team_id = "TEAM1", .key_id = "ABC123", .private_key_pem = apple_key.pair.to_pem()};
    auto made = Providers::make({{.name = "apple", .client_ids = {"com.clinic"}, .apple_key = key}},
                                net_.fetch(), clock_);
    ASSERT_TRUE(made) << refusal_of(made);
    net_.put("https://appleid.apple.com/auth/token", R"({"access_token":"at"})");
    ASSERT_TRUE(await(made->find("apple")->exchange({.code = "c", .code_verifier = "v"})));
    const std::string& body = net_.requests.back().body;
    const std::string secret = body.substr(body.rfind("client_secret=") + 14);
    const auto first = secret.find('.'), second = secret.rfind('.');
    const auto public_key = parse_jwk(apple_key.jwk()).value();
    EXPECT_TRUE(public_key.verifies(secret.substr(0, second),
                                    decode_base64url(secret.substr(second + 1)).value()));
    const auto header = decode_base64url(secret.substr(0, first)).value();
    EXPECT_EQ(header, R"({"alg":"ES256","kid":"ABC123"})");
    const auto found =
        parse_json_object(decode_base64url(secret.substr(first + 1, second - first - 1)).value());
    const json::object expected = {{"iss", "TEAM1"},
                                   {"iat", start_s},
                                   {"exp", start_s + 300},
                                   {"aud", "https://appleid.apple.com"},
                                   {"sub", "com.clinic"}};
    EXPECT_EQ(found.value(), expected);
}

TEST_F(ProvidersTest, WhatCannotWorkIsRefusedBeforeAnybodySignsIn) {
    const AppleKey rsa{
        .team_id = "T", .key_id = "K", .private_key_pem = rsa_key("K").pair.to_pem()};
    struct Case {
        const char* why;
        std::vector<ProviderOptions> options;
        const char* expected;
    };
    const Case cases[] = {
        {"twice",
         {{.name = "google", .client_ids = {"a"}}, {.name = "google", .client_ids = {"b"}}},
         "the sign-in provider \"google\" is there twice"},
        {"no PEM",
         {{.name = "apple", .client_ids = {"a"}, .apple_key = AppleKey{"T", "K", "x"}}},
         "Apple's private key is not a P-256 key in PEM (PKCS #8)"},
        {"an RSA key",
         {{.name = "apple", .client_ids = {"a"}, .apple_key = rsa}},
         "Apple's private key is not a P-256 key in PEM (PKCS #8)"},
        {"no client", {{.name = "google"}}, "the sign-in provider \"google\" has no client id"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(refusal_of(Providers::make(c.options, net_.fetch(), clock_)), c.expected)
            << c.why;
    }
    EXPECT_EQ(providers_.names(), (std::vector<std::string>{"github", "keycloak"}));
    EXPECT_EQ(providers_.find("nobody"), nullptr);
}

}  // namespace dunlin::auth
