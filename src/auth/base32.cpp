#include "auth/base32.h"

#include <cstdint>

namespace dunlin::auth {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// 1, 3 and 6 characters in the last group of 8 are more than whole bytes need.
bool is_length_of_bytes(std::size_t size) {
    const std::size_t rest = size % 8;
    return rest != 1 && rest != 3 && rest != 6;
}

}  // namespace

std::string encode_base32(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() * 8 + 4) / 5);
    std::uint32_t bits = 0;
    int bit_count = 0;
    for (const char byte : bytes) {
        bits = (bits << 8) | static_cast<unsigned char>(byte);
        bit_count += 8;
        while (bit_count >= 5) {
            bit_count -= 5;
            text.push_back(alphabet[(bits >> bit_count) & 31]);
        }
    }
    if (bit_count > 0) text.push_back(alphabet[(bits << (5 - bit_count)) & 31]);
    return text;
}

std::optional<std::string> decode_base32(std::string_view text) {
    if (!is_length_of_bytes(text.size())) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() * 5 / 8);
    std::uint32_t bits = 0;
    int bit_count = 0;
    for (const char character : text) {
        const auto value = alphabet.find(character);
        if (value == alphabet.npos) return std::nullopt;
        bits = (bits << 5) | static_cast<std::uint32_t>(value);
        bit_count += 5;
        if (bit_count < 8) continue;
        bit_count -= 8;
        bytes.push_back(static_cast<char>((bits >> bit_count) & 255));
    }
    if ((bits & ((1u << bit_count) - 1)) != 0) return std::nullopt;
    return bytes;
}

}  // namespace dunlin::auth
