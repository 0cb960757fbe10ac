#include "auth/pkce.h"

#include <gtest/gtest.h>

#include <string>

namespace dunlin::auth {

namespace {

// RFC 7636 appendix B.
const std::string verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const std::string challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

}  // namespace

TEST(Pkce, TakesAChallengeOfEitherMethod) {
    const std::string both = "PKCE flow requires code_challenge_method and code_challenge";
    const std::string length = "code challenge has to be between 43 and 128 characters";
    const std::string characters =
        "code challenge can only contain alphanumeric characters, hyphens, periods, underscores "
        "and tildes";
    struct Case {
        const char* why;
        std::string method, challenge;
        std::string message;  // "" when accepted
    };
    const Case cases[] = {
        {"as the client sends it", "s256", challenge, ""},
        {"as the RFC writes it", "S256", challenge, ""},
        {"plain", "plain", verifier, ""},
        {"shortest", "plain", std::string(43, '~'), ""},
        {"longest", "plain", std::string(128, '.'), ""},
        {"no method", "", challenge, both},
        {"no challenge", "s256", "", both},
        {"too short", "s256", std::string(42, 'a'), length},
        {"too long", "s256", std::string(129, 'a'), length},
        {"padded", "s256", challenge + "=", characters},
        {"a NUL", "s256", std::string(43, '\0'), characters},
        {"another method", "s512", challenge, "unsupported code_challenge method"},
        {"none", "none", challenge, "unsupported code_challenge method"},
    };
    for (const Case& c : cases) {
        const auto method = check_pkce_challenge(c.method, c.challenge);
        EXPECT_EQ(method ? "" : method.error().message, c.message) << c.why;
        if (!method) EXPECT_EQ(method.error().sqlstate, "validation_failed") << c.why;
    }
    EXPECT_EQ(check_pkce_challenge("S256", challenge), PkceMethod::S256);
    EXPECT_EQ(check_pkce_challenge("Plain", challenge), PkceMethod::Plain);
    EXPECT_EQ(pkce_method_name(PkceMethod::S256), "s256");
    EXPECT_EQ(pkce_method_name(PkceMethod::Plain), "plain");
}

TEST(Pkce, OnlyTheVerifierOfTheChallengeFits) {
    using enum PkceMethod;
    struct Case {
        const char* why;
        PkceMethod method;
        std::string challenge, verifier;
        bool fits;
    };
    const Case cases[] = {
        {"RFC 7636 appendix B", S256, challenge, verifier, true},
        {"the challenge itself", S256, challenge, challenge, false},
        {"another verifier", S256, challenge, verifier.substr(1) + "a", false},
        {"a method that was not chosen", Plain, challenge, verifier, false},
        {"plain", Plain, verifier, verifier, true},
        {"plain, another", Plain, verifier, challenge, false},
        {"plain and too short to be secret", Plain, "abc", "abc", false},
        {"nothing sent for nothing stored", Plain, "", "", false},
        {"cut", S256, challenge, verifier.substr(0, 42), false},
        {"other characters", Plain, std::string(43, ' '), std::string(43, ' '), false},
        {"huge", S256, challenge, std::string(1'000'000, 'a'), false},
    };
    for (const Case& c : cases) {
        const auto verified = verify_pkce(c.method, c.challenge, c.verifier);
        ASSERT_EQ(verified.has_value(), c.fits) << c.why;
        if (verified) continue;
        EXPECT_EQ(verified.error().sqlstate, "bad_code_verifier") << c.why;
        EXPECT_EQ(verified.error().message,
                  "code challenge does not match previously saved code verifier");
    }
}

}  // namespace dunlin::auth
