#include "auth/password_policy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "auth/common_passwords.h"

namespace dunlin::auth {

namespace {

constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view digits = "0123456789";
constexpr std::string_view symbols = R"(!@#$%^&*()_+-=[]{};'\:"|<>?,./`~)";

constexpr std::string_view letters_digits[] = {letters, digits};
constexpr std::string_view lower_upper_digits[] = {lower, upper, digits};
constexpr std::string_view lower_upper_digits_symbols[] = {lower, upper, digits, symbols};

std::span<const std::string_view> sets_of(RequiredCharacters required) {
    switch (required) {
        case RequiredCharacters::None:
            return {};
        case RequiredCharacters::LettersDigits:
            return letters_digits;
        case RequiredCharacters::LowerUpperLettersDigits:
            return lower_upper_digits;
        case RequiredCharacters::LowerUpperLettersDigitsSymbols:
            return lower_upper_digits_symbols;
    }
    return {};
}

bool is_own_name(std::string_view password, std::string_view email) {
    const std::string_view name = email.substr(0, email.find('@'));
    const auto lowered = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
    };
    return !name.empty() && std::ranges::equal(password, name, {}, lowered, lowered);
}

}  // namespace

std::optional<RequiredCharacters> required_characters_named(std::string_view name) {
    if (name.empty()) return RequiredCharacters::None;
    if (name == "letters_digits") return RequiredCharacters::LettersDigits;
    if (name == "lower_upper_letters_digits") return RequiredCharacters::LowerUpperLettersDigits;
    if (name == "lower_upper_letters_digits_symbols") {
        return RequiredCharacters::LowerUpperLettersDigitsSymbols;
    }
    return std::nullopt;
}

std::expected<void, PasswordRefusal> check_password(const PasswordPolicy& policy,
                                                    std::string_view password,
                                                    std::string_view email) {
    if (password.size() > PasswordPolicy::length_max) {
        return std::unexpected(
            PasswordRefusal{"validation_failed",
                            {},
                            fmt::format("Password cannot be longer than {} characters",
                                        PasswordPolicy::length_max)});
    }
    PasswordRefusal weak{"weak_password", {}, {}};
    const auto add = [&](const char* reason, const std::string& sentence) {
        weak.reasons.emplace_back(reason);
        weak.message += (weak.message.empty() ? "" : " ") + sentence;
    };
    if (password.size() < policy.length_min) {
        add("length", fmt::format("Password should be at least {} characters.", policy.length_min));
    }
    const auto sets = sets_of(policy.required);
    const auto lacks = [&](std::string_view set) {
        return password.find_first_of(set) == password.npos;
    };
    if (std::ranges::any_of(sets, lacks)) {
        add("characters", fmt::format("Password should contain at least one character of each: {}.",
                                      fmt::join(sets, ", ")));
    }
    if (policy.refuse_common && (is_common_password(password) || is_own_name(password, email))) {
        add("pwned",
            "Password is known to be weak and easy to guess, please choose a different one.");
    }
    if (weak.reasons.empty()) return {};
    return std::unexpected(std::move(weak));
}

}  // namespace dunlin::auth
