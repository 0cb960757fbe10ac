#include "auth/recovery_codes.h"

#include <cstddef>

#include "auth/random.h"

namespace dunlin::auth {

namespace {

constexpr std::size_t code_count = 10;
constexpr std::size_t character_count = 10;
constexpr std::size_t typed_bytes_max = 64;
constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";

}  // namespace

std::vector<std::string> new_recovery_codes() {
    std::vector<std::string> codes;
    for (std::size_t i = 0; i < code_count; ++i) {
        // 256 is a multiple of 32: every character is as likely.
        std::string characters = random_bytes(character_count);
        for (char& c : characters) c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
        codes.push_back(std::move(characters));
    }
    return codes;
}

std::string normalize_recovery_code(std::string_view typed) {
    if (typed.size() > typed_bytes_max) return {};
    std::string characters;
    for (const char c : typed) {
        if (c == ' ' || c == '-') continue;
        const char lowered = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
        if (!alphabet.contains(lowered)) return {};
        characters.push_back(lowered);
    }
    return characters.size() == character_count ? characters : std::string();
}

}  // namespace dunlin::auth
