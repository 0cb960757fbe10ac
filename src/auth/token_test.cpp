#include "auth/token.h"

#include <gtest/gtest.h>

#include "auth/authenticator.h"
#include "auth/base64url.h"

namespace dunlin::auth {

namespace {

class FixedClock final : public Clock {
public:
    std::int64_t now_us() const override { return 1'800'000'000'000'000; }
};

constexpr const char* secret = "a-secret-of-at-least-thirty-two-characters";
const FixedClock clock_at_1800000000;

std::string with_header(std::string_view header, std::string_view claims) {
    const std::string honest = sign_token(claims, secret);
    return encode_base64url(header) + honest.substr(honest.find('.'));
}

}  // namespace

TEST(TokenVerifier, TakesOnlyWhatItSigned) {
    const TokenVerifier verifier(secret, clock_at_1800000000);
    const std::string good = R"({"role":"authenticated","sub":"ann","exp":1800000100})";
    struct Case {
        const char* why;
        std::string token;
        const char* code;  // "" when accepted
    };
    const Case cases[] = {
        {"signed here", sign_token(good, secret), ""},
        {"other secret", sign_token(good, "another secret"), "PGRST301"},
        {"alg none", with_header(R"({"alg":"none"})", good), "PGRST301"},
        {"alg of another family", with_header(R"({"alg":"RS256"})", good), "PGRST301"},
        {"header changed", with_header(R"({"alg":"HS256","kid":"../x"})", good), "PGRST301"},
        {"empty", "", "PGRST301"},
        {"two parts", "a.b", "PGRST301"},
        {"four parts", sign_token(good, secret) + ".x", "PGRST301"},
        {"signature cut", sign_token(good, secret).substr(0, 100), "PGRST301"},
        {"not base64", "é.é.é", "PGRST301"},
        {"claims no object", sign_token("[]", secret), "PGRST303"},
        {"expired", sign_token(R"({"role":"anon","exp":1799999000})", secret), "PGRST303"},
        {"within the skew", sign_token(R"({"role":"anon","exp":1799999990})", secret), ""},
        {"not yet", sign_token(R"({"role":"anon","nbf":1800009000})", secret), "PGRST303"},
        {"exp as text", sign_token(R"({"role":"anon","exp":"never"})", secret), "PGRST303"},
        {"no role", sign_token(R"({"sub":"ann"})", secret), "PGRST303"},
        {"nbf as text", sign_token(R"({"role":"anon","nbf":"now"})", secret), "PGRST303"},
        {"made tomorrow", sign_token(R"({"role":"anon","iat":1800086400})", secret), "PGRST303"},
        {"made on a faster clock", sign_token(R"({"role":"anon","iat":1800000029})", secret), ""},
        {"unknown role", sign_token(R"({"role":"postgres"})", secret), "22023"},
        {"huge", std::string(100'000, 'a') + ".b.c", "PGRST301"},
    };
    for (const Case& c : cases) {
        const auto identity = verifier.verify(c.token);
        EXPECT_EQ(identity ? "" : identity.error().sqlstate, c.code) << c.why;
    }
}

TEST(TokenVerifier, ReadsTheClaims) {
    const TokenVerifier verifier(secret, clock_at_1800000000);
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
    const Authenticator authenticator(keys, clock_at_1800000000);
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
}

}  // namespace dunlin::auth
