#include "auth/sealed_text.h"

#include <gtest/gtest.h>

namespace dunlin::auth {

constexpr std::string_view secret = "a-secret-of-at-least-thirty-two-characters";
constexpr SealPurpose purpose{.use = "totp secret", .row = "factor-1"};
constexpr std::string_view text = "JBSWY3DPEHPK3PXP";

TEST(SealedText, OpensForWhatItWasSealedForOnly) {
    const std::string sealed = seal(secret, purpose, text);
    std::string changed = sealed;
    changed[sealed.size() / 2] = changed[sealed.size() / 2] == 'A' ? 'B' : 'A';
    struct Case {
        const char* why;
        std::string_view secret;
        SealPurpose purpose;
        std::string sealed;
        std::optional<std::string> expected;
    };
    const Case cases[] = {
        {"as it was sealed", secret, purpose, sealed, std::string(text)},
        {"another project's secret", "another-secret-of-thirty-two-characters!", purpose, sealed,
         std::nullopt},
        {"copied to another row",
         secret,
         {.use = purpose.use, .row = "factor-2"},
         sealed,
         std::nullopt},
        {"copied to another column",
         secret,
         {.use = "other", .row = purpose.row},
         sealed,
         std::nullopt},
        {"one character changed", secret, purpose, changed, std::nullopt},
        {"cut off", secret, purpose, sealed.substr(0, sealed.size() - 4), std::nullopt},
        {"shorter than nonce and tag", secret, purpose, "v1.AAAA", std::nullopt},
        {"of another version", secret, purpose, "v2" + sealed.substr(2), std::nullopt},
        {"the plain text itself", secret, purpose, std::string(text), std::nullopt},
        {"nothing", secret, purpose, "", std::nullopt},
    };
    for (const Case& c : cases)
        EXPECT_EQ(unseal(c.secret, c.purpose, c.sealed), c.expected) << c.why;
}

TEST(SealedText, TellsNothingOfTheText) {
    EXPECT_NE(seal(secret, purpose, text), seal(secret, purpose, text))
        << "a fresh nonce each time";
    EXPECT_FALSE(seal(secret, purpose, text).contains(text));
    EXPECT_EQ(unseal(secret, purpose, seal(secret, purpose, "")), "");
}

}  // namespace dunlin::auth
