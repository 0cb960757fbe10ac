#include "auth/one_time.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "auth/base64url.h"
#include "auth/recovery_codes.h"

namespace dunlin::auth {

TEST(OneTime, CodesAreSixDigitsEachAsLikely) {
    std::array<int, 10> counts{};
    constexpr int codes = 10'000;
    for (int i = 0; i < codes; ++i) {
        const std::string code = random_code();
        ASSERT_EQ(code.size(), 6u);
        for (const char c : code) {
            ASSERT_TRUE(c >= '0' && c <= '9') << code;
            ++counts[static_cast<std::size_t>(c - '0')];
        }
    }
    // 6,000 of each digit are expected; the deviation is 73, and 8 of those never happen.
    for (const int count : counts) EXPECT_NEAR(count, codes * 6 / 10, 600);
}

TEST(OneTime, TokensAreLongAndDiffer) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string token = random_token();
        EXPECT_EQ(decode_base64url(token)->size(), 32u);
        EXPECT_TRUE(is_refresh_token_form(token));
        EXPECT_TRUE(seen.insert(token).second);
    }
}

TEST(OneTime, WhatCannotBeARefreshTokenIsKnownByItsForm) {
    struct Case {
        const char* why;
        std::string text;
        bool form;
    };
    const Case cases[] = {
        {"shortest", std::string(22, 'a'), true},
        {"too short", std::string(21, 'a'), false},
        {"longest", std::string(128, '_'), true},
        {"too long", std::string(129, 'a'), false},
        {"empty", "", false},
        {"padded", std::string(22, 'a') + "=", false},
        {"a NUL", std::string(22, '\0'), false},
        {"a quote", std::string(22, '\''), false},
        {"a token", std::string(20, 'a') + ".b.c", false},
    };
    for (const Case& c : cases) EXPECT_EQ(is_refresh_token_form(c.text), c.form) << c.why;
}

TEST(OneTime, AHashBelongsToOneSubjectCodeAndSecret) {
    const std::string hash = token_hash("secret", "ann@example.org", "123456");
    EXPECT_EQ(hash, "d5dee622d20d71c116876c7e381741c041db8edab9f8c8fb38aaf90ffe5b4eb7");
    const std::string others[] = {
        token_hash("Secret", "ann@example.org", "123456"),
        token_hash("secret", "bob@example.org", "123456"),
        token_hash("secret", "ann@example.org", "123457"),
        token_hash("secret", "ann@example.or", "g123456"),
        token_hash("secret", "", "ann@example.org123456"),
    };
    for (const auto& other : others) EXPECT_NE(other, hash);
}

TEST(RecoveryCodes, AreTenOfTenCharacters) {
    const auto codes = new_recovery_codes();
    EXPECT_EQ(std::set(codes.begin(), codes.end()).size(), 10u);
    for (const auto& code : codes) {
        EXPECT_EQ(code.size(), 10u);
        EXPECT_EQ(normalize_recovery_code(code), code);
    }
}

TEST(RecoveryCodes, AreTakenAsPeopleTypeThem) {
    struct Case {
        const char* why;
        std::string typed;
        std::string code;
    };
    const Case cases[] = {
        {"as given", "abcdefgh27", "abcdefgh27"},
        {"upper case", "ABCDE-FGH27", "abcdefgh27"},
        {"in groups", "abcd-efgh-27", "abcdefgh27"},
        {"spaces", " abc de fgh 27 ", "abcdefgh27"},
        {"too short", "abcde-fgh2", ""},
        {"too long", "abcde-fgh277", ""},
        {"1 is not in base32", "abcde-fgh21", ""},
        {"empty", "", ""},
        {"huge", std::string(100'000, ' ') + "abcde-fgh27", ""},
    };
    for (const Case& c : cases) EXPECT_EQ(normalize_recovery_code(c.typed), c.code) << c.why;
}

}  // namespace dunlin::auth
