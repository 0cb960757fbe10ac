#include "auth/token.h"

#include <gtest/gtest.h>

#include <optional>

#include "auth/auth_fixture.h"
#include "auth/authenticator.h"
#include "auth/base64url.h"

namespace dunlin::auth {

namespace {

constexpr std::string_view secret = fixture_secret;

std::string with_header(std::string_view header, std::string_view claims) {
    const std::string honest = sign_token(claims, secret);
    return encode_base64url(header) + honest.substr(honest.find('.'));
}

}  // namespace

TEST(TokenVerifier, TakesOnlyWhatItSigned) {
    const FixtureProject project;
    const TokenVerifier verifier(*project.keys, project.clock);
    const std::string good = R"({"role":"authenticated","sub":"ann","exp":1800000100})";
    struct Case {
        const char* why;
        std::string token;
        std::optional<TokenFault> fault;  // nothing when accepted
    };
    const auto signed_claims = [](std::string_view claims) { return sign_token(claims, secret); };
    using enum TokenFault;
    const Case cases[] = {
        {"signed here", signed_claims(good), {}},
        {"other secret", sign_token(good, "another secret"), SignatureWrong},
        {"alg none", with_header(R"({"alg":"none"})", good), KeyUnknown},
        {"alg of another family", with_header(R"({"alg":"RS256"})", good), KeyUnknown},
        {"kid unknown", with_header(R"({"alg":"HS256","kid":"../x"})", good), KeyUnknown},
        {"header changed", with_header(R"({"alg":"HS256"})", good), SignatureWrong},
        {"empty", "", Malformed},
        {"two parts", "a.b", Malformed},
        {"four parts", signed_claims(good) + ".x", Malformed},
        {"signature cut", signed_claims(good).substr(0, 100), Malformed},
        {"not base64", "é.é.é", Malformed},
        {"claims no object", signed_claims("[]"), ClaimWrong},
        {"expired", signed_claims(R"({"role":"anon","exp":1799999000})"), Expired},
        {"expired long before 1970", signed_claims(R"({"role":"anon","exp":-5})"), ClaimWrong},
        {"within the skew", signed_claims(R"({"role":"anon","exp":1799999990})"), {}},
        {"a fraction", signed_claims(R"({"role":"anon","exp":1800000000.5})"), {}},
        {"not yet", signed_claims(R"({"role":"anon","nbf":1800009000})"), NotYetValid},
        {"nbf within the skew", signed_claims(R"({"role":"anon","nbf":1800000020})"), {}},
        {"exp as text", signed_claims(R"({"role":"anon","exp":"never"})"), ClaimWrong},
        {"exp null is not no exp", signed_claims(R"({"role":"anon","exp":null})"), ClaimWrong},
        {"exp too large to add to", signed_claims(R"({"role":"anon","exp":9223372036854775807})"),
         ClaimWrong},
        {"exp over 64 bits", signed_claims(R"({"role":"anon","exp":1e300})"), ClaimWrong},
        {"nbf as text", signed_claims(R"({"role":"anon","nbf":"now"})"), ClaimWrong},
        {"no role", signed_claims(R"({"sub":"ann"})"), ClaimWrong},
        {"unknown role", signed_claims(R"({"role":"postgres"})"), RoleUnknown},
        {"made tomorrow", signed_claims(R"({"role":"anon","iat":1800086400})"), NotYetValid},
        {"made on a faster clock", signed_claims(R"({"role":"anon","iat":1800000029})"), {}},
        {"iat as text", signed_claims(R"({"role":"anon","iat":"now"})"), ClaimWrong},
        {"huge", std::string(100'000, 'a') + ".b.c", Malformed},
    };
    for (const Case& c : cases) {
        const auto identity = verifier.verify(c.token);
        ASSERT_EQ(identity.has_value(), !c.fault.has_value()) << c.why;
        if (!identity) EXPECT_EQ(identity.error().fault, *c.fault) << c.why;
    }
}

TEST(TokenVerifier, SaysItToTheDataApiAsPostgrestDoes) {
    struct Case {
        TokenFault fault;
        const char* code;
    };
    const Case cases[] = {
        {TokenFault::Malformed, "PGRST301"},      {TokenFault::KeyUnknown, "PGRST301"},
        {TokenFault::SignatureWrong, "PGRST301"}, {TokenFault::Expired, "PGRST303"},
        {TokenFault::NotYetValid, "PGRST303"},    {TokenFault::ClaimWrong, "PGRST303"},
    };
    for (const Case& c : cases) {
        const Error error = error_of({c.fault, "why"});
        EXPECT_EQ(error, (Error{ErrorCode::Unauthorized, "why", c.code}));
    }
}

TEST(TokenVerifier, RemembersAProofOnlyWhileItHolds) {
    FixtureProject project;
    ASSERT_TRUE(project.keys->add(KeyAlgorithm::ES256));
    ASSERT_TRUE(project.keys->rotate(3600));
    const TokenVerifier verifier(*project.keys, project.clock);
    const auto token = project.keys->sign(R"({"role":"authenticated","exp":1800000100})");
    const auto lasting = project.keys->sign(R"({"role":"authenticated"})");
    const auto first = verifier.verify(token);
    ASSERT_TRUE(first && verifier.verify(lasting));
    EXPECT_EQ(*verifier.verify(token), *first) << "the second time from memory";

    project.clock.now_s = 1'800'000'131;
    const auto expired = verifier.verify(token);
    ASSERT_FALSE(expired) << "exp and the skew are past";
    EXPECT_EQ(expired.error().fault, TokenFault::Expired);
    project.clock.now_s = 1'800'000'000;
    EXPECT_TRUE(verifier.verify(token)) << "a clock that was put right";

    const std::string kid = project.keys->current()->keys.front().kid;
    ASSERT_TRUE(project.keys->add(KeyAlgorithm::ES256));
    ASSERT_TRUE(project.keys->rotate(3600));
    EXPECT_TRUE(verifier.verify(lasting)) << "its key proves for another hour";
    project.clock.now_s += 3631;
    EXPECT_FALSE(verifier.verify(lasting)) << "its key has had its time";
    project.clock.now_s -= 3631;
    EXPECT_TRUE(verifier.verify(lasting));
    ASSERT_TRUE(project.keys->remove(kid));
    EXPECT_FALSE(verifier.verify(lasting)) << "its key was removed";
}

TEST(TokenVerifier, ReadsTheClaims) {
    const FixtureProject project;
    const TokenVerifier verifier(*project.keys, project.clock);
    const auto identity = verifier.verify(sign_token(
        R"({"role":"authenticated","sub":"ann","session_id":"s1","exp":1800000100})", secret));
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->role, Role::Authenticated);
    EXPECT_EQ(identity->user_id, "ann");
    EXPECT_EQ(identity->session_id, "s1");
    EXPECT_EQ(identity->expires_at_s, 1'800'000'100);
}

TEST(ProjectKeys, AreTheWellKnownOnesInDevelopment) {
    EXPECT_EQ(development_keys().anon_key,
              "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
              "eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6ImFub24iLCJleHAiOjE5ODM4MTI5OTZ9."
              "CRXP1A7WOeoJeXxjNni43kdQwgnWNReilDMblYTn_I0");
}

TEST(Authenticator, NeedsAKeyAndTrustsOnlyValidOnes) {
    const auto keys = development_keys();
    const FixtureProject project;
    const auto signing = SigningKeys::load(project.file(), keys.secret, project.clock);
    ASSERT_TRUE(signing);
    const Authenticator authenticator(keys, **signing, project.clock);
    const auto user = sign_token(R"({"role":"authenticated","sub":"ann"})", keys.secret);
    struct Case {
        const char* why;
        std::string api_key, bearer;
        bool accepted;
        Role role;
    };
    const Case cases[] = {
        {"nothing", "", "", false, Role::Anon},
        {"key only", keys.anon_key, "", true, Role::Anon},
        {"key twice, as the client sends it", keys.anon_key, keys.anon_key, true, Role::Anon},
        {"user", keys.anon_key, user, true, Role::Authenticated},
        {"user without key", "", user, true, Role::Authenticated},
        {"service", keys.service_role_key, keys.service_role_key, true, Role::ServiceRole},
        {"bad key with good user", "wrong", user, false, Role::Anon},
        {"good key with bad user", keys.anon_key, "wrong", false, Role::Anon},
    };
    for (const Case& c : cases) {
        const auto identity = authenticator.authenticate(c.api_key, c.bearer);
        ASSERT_EQ(identity.has_value(), c.accepted) << c.why;
        if (identity) EXPECT_EQ(identity->role, c.role) << c.why;
    }
}

TEST(Base64Url, HasOneSpellingForEachText) {
    for (const std::string bytes : {"", "f", "fo", "foo", "foob", "\xff\xfe\xfd"}) {
        EXPECT_EQ(decode_base64url(encode_base64url(bytes)), bytes);
    }
    for (const char* bad : {"a", "Zg==", "Zh", "Z+", "Z g"}) {
        EXPECT_FALSE(decode_base64url(bad)) << bad;
    }
    EXPECT_TRUE(is_base64url("A-z_9"));
    EXPECT_FALSE(is_base64url("A/z"));
}

}  // namespace dunlin::auth
