#include "auth/password_policy.h"

#include <gtest/gtest.h>

#include "auth/common_passwords.h"

namespace dunlin::auth {

TEST(PasswordPolicy, SaysWhyInGotruesWords) {
    using enum RequiredCharacters;
    const std::string pwned =
        "Password is known to be weak and easy to guess, please choose a different one.";
    struct Case {
        const char* why;
        PasswordPolicy policy;
        std::string password;
        std::vector<std::string> reasons;
        std::string message;
    };
    const Case cases[] = {
        {"as upstream by default", {}, "tr0mb.", {}, ""},
        {"too short", {}, "tr0mb", {"length"}, "Password should be at least 6 characters."},
        {"a setting",
         {.length_min = 10},
         "trombones",
         {"length"},
         "Password should be at least 10 characters."},
        {"empty", {}, "", {"length"}, "Password should be at least 6 characters."},
        {"bytes count, as upstream", {}, "äöü", {}, ""},
        {"72 bytes", {}, std::string(72, 'x'), {}, ""},
        {"letters and digits", {.required = LettersDigits}, "trombone7", {}, ""},
        {"no digit",
         {.required = LettersDigits},
         "trombones",
         {"characters"},
         "Password should contain at least one character of each: "
         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ, 0123456789."},
        {"no upper case",
         {.required = LowerUpperLettersDigits},
         "trombone7",
         {"characters"},
         "Password should contain at least one character of each: "
         "abcdefghijklmnopqrstuvwxyz, ABCDEFGHIJKLMNOPQRSTUVWXYZ, 0123456789."},
        {"all but a symbol",
         {.required = LowerUpperLettersDigitsSymbols},
         "Trombone7",
         {"characters"},
         "Password should contain at least one character of each: abcdefghijklmnopqrstuvwxyz, "
         "ABCDEFGHIJKLMNOPQRSTUVWXYZ, 0123456789, !@#$%^&*()_+-=[]{};'\\:\"|<>?,./`~."},
        {"with a symbol", {.required = LowerUpperLettersDigitsSymbols}, "Trombone7~", {}, ""},
        {"common", {}, "password123", {"pwned"}, pwned},
        {"common in another case", {}, "QwErTy123", {"pwned"}, pwned},
        {"the user's own name", {}, "Ann.Smith", {"pwned"}, pwned},
        {"with something added it is another", {}, "ann.smith2", {}, ""},
        {"common allowed", {.refuse_common = false}, "password123", {}, ""},
        {"several reasons",
         {.length_min = 8, .required = LettersDigits},
         "qwerty",
         {"length", "characters", "pwned"},
         "Password should be at least 8 characters. Password should contain at least one character "
         "of each: abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ, 0123456789. " +
             pwned},
    };
    for (const Case& c : cases) {
        const auto checked = check_password(c.policy, c.password, "ann.smith@example.org");
        ASSERT_EQ(checked.has_value(), c.reasons.empty()) << c.why;
        if (checked) continue;
        EXPECT_EQ(checked.error().code, "weak_password") << c.why;
        EXPECT_EQ(checked.error().reasons, c.reasons) << c.why;
        EXPECT_EQ(checked.error().message, c.message) << c.why;
    }
}

TEST(PasswordPolicy, MoreThan72BytesIsNotWeakButInvalid) {
    const auto checked = check_password({}, std::string(73, 'x'), "");
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, "validation_failed");
    EXPECT_EQ(checked.error().message, "Password cannot be longer than 72 characters");
    EXPECT_TRUE(checked.error().reasons.empty());
}

TEST(PasswordPolicy, ItsSettingHasFourNames) {
    EXPECT_EQ(required_characters_named(""), RequiredCharacters::None);
    EXPECT_EQ(required_characters_named("letters_digits"), RequiredCharacters::LettersDigits);
    EXPECT_EQ(required_characters_named("lower_upper_letters_digits"),
              RequiredCharacters::LowerUpperLettersDigits);
    EXPECT_EQ(required_characters_named("lower_upper_letters_digits_symbols"),
              RequiredCharacters::LowerUpperLettersDigitsSymbols);
    EXPECT_EQ(required_characters_named("digits"), std::nullopt);
}

TEST(CommonPasswords, AreFoundAtBothEndsOfTheList) {
    for (const char* common : {"0000000000", "000000", "zxcvbnm", "Password", "PRAXIS"}) {
        EXPECT_TRUE(is_common_password(common)) << common;
    }
    for (const char* other : {"", "0", "zzzzzz", "password ", "trombone"}) {
        EXPECT_FALSE(is_common_password(other)) << other;
    }
}

}  // namespace dunlin::auth
