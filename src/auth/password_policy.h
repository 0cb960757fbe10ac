#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dunlin::auth {

/// Kinds of characters of which a password must have at least one each.
enum class RequiredCharacters : std::uint8_t {
    None,
    LettersDigits,
    LowerUpperLettersDigits,
    LowerUpperLettersDigitsSymbols,
};

/// By the names of the setting: "", "letters_digits", "lower_upper_letters_digits",
/// "lower_upper_letters_digits_symbols". Nothing for any other.
std::optional<RequiredCharacters> required_characters_named(std::string_view name);

/// What a new password must be. Lengths are bytes of UTF-8, as upstream counts them.
struct PasswordPolicy {
    /// Upstream's limit, which is bcrypt's; not a setting, so that hashes can go back there.
    static constexpr std::size_t length_max = 72;

    std::size_t length_min = 6;
    RequiredCharacters required = RequiredCharacters::None;
    /// Refuse the passwords that are tried first (common_passwords.h) and the user's own name.
    bool refuse_common = true;
};

/// Why a password is not taken, in GoTrue's words.
struct PasswordRefusal {
    std::string code;                  // "weak_password" (422) or "validation_failed" (400)
    std::vector<std::string> reasons;  // of weak_password: "length", "characters", "pwned"
    std::string message;               // a sentence for each reason
};

/// `email` may be empty: its part before the @ is no password for its owner.
std::expected<void, PasswordRefusal> check_password(const PasswordPolicy& policy,
                                                    std::string_view password,
                                                    std::string_view email);

}  // namespace dunlin::auth
