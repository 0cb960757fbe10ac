#include "core/letters.h"

#include <clocale>
#include <cstdint>
#include <cwctype>
#include <utility>

namespace dunlin::letters {

namespace {

struct Character {
    std::uint32_t code = 0;
    std::size_t length = 0;
};

/// Of valid UTF-8; length 0 at the end of text that is cut.
Character front(std::string_view text) {
    if (text.empty()) return {};
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length > text.size()) return {};
    std::uint32_t code = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i)
        code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
    return {code, length};
}

constexpr std::pair<std::uint32_t, std::uint32_t> marks[] = {
    {0x300, 0x36F}, {0x483, 0x489}, {0x591, 0x5BD}, {0x610, 0x61A},   {0x64B, 0x65F},
    {0x670, 0x670}, {0x6D6, 0x6DC}, {0x6DF, 0x6E4}, {0x20D0, 0x20F0}, {0xFE20, 0xFE2F},
};

}  // namespace

std::size_t length_of_letter(std::string_view text) {
    // Made once for all threads and never freed; null (ASCII only) on a system without it.
    static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    const Character c = front(text);
    if (c.code < 0x80) {
        const bool letter = (c.code | 0x20) >= 'a' && (c.code | 0x20) <= 'z';
        return letter || (c.code >= '0' && c.code <= '9') ? c.length : 0;
    }
    return locale != nullptr && iswalnum_l(c.code, locale) != 0 ? c.length : 0;
}

std::size_t length_of_mark(std::string_view text) {
    const Character c = front(text);
    for (const auto& [first, last] : marks) {
        if (c.code >= first && c.code <= last) return c.length;
    }
    return 0;
}

bool starts_with_word(std::string_view text, std::string_view lower_word) {
    if (text.size() < lower_word.size()) return false;
    for (std::size_t i = 0; i < lower_word.size(); ++i) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c) != lower_word[i]) return false;
    }
    return true;
}

}  // namespace dunlin::letters
