#include "core/functions/characters.h"

#include <algorithm>

#include "core/limits.h"

namespace dunlin::functions {

bool starts_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

std::int64_t character_count(std::string_view text) {
    return std::count_if(text.begin(), text.end(), starts_character);
}

std::size_t character_offset(std::string_view text, std::int64_t number) {
    std::int64_t seen = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (starts_character(text[i]) && seen++ == number) return i;
    }
    return text.size();
}

std::string character_slice(std::string_view text, std::int64_t first, std::int64_t count) {
    const std::int64_t end = std::max<std::int64_t>(first + count, 0);
    first = std::max<std::int64_t>(first, 0);
    if (end <= first) return {};
    const std::size_t from = character_offset(text, first);
    return std::string(text.substr(from, character_offset(text, end) - from));
}

std::vector<std::string_view> characters_of(std::string_view text) {
    std::vector<std::string_view> characters;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at + 1;
        while (end < text.size() && !starts_character(text[end])) ++end;
        characters.push_back(text.substr(at, end - at));
        at = end;
    }
    return characters;
}

std::uint32_t code_point(std::string_view character) {
    const auto first = static_cast<unsigned char>(character.front());
    if (first < 0x80) return first;
    const std::size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    std::uint32_t point = first & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size && i < character.size(); ++i)
        point = (point << 6) | (static_cast<unsigned char>(character[i]) & 0x3FU);
    return point;
}

void append_utf8(std::uint32_t point, std::string& out) {
    const auto tail = [&](int shift) {
        out.push_back(static_cast<char>(0x80 | ((point >> shift) & 0x3F)));
    };
    if (point < 0x80) {
        out.push_back(static_cast<char>(point));
    } else if (point < 0x800) {
        out.push_back(static_cast<char>(0xC0 | (point >> 6)));
        tail(0);
    } else if (point < 0x10000) {
        out.push_back(static_cast<char>(0xE0 | (point >> 12)));
        tail(6), tail(0);
    } else {
        out.push_back(static_cast<char>(0xF0 | (point >> 18)));
        tail(12), tail(6), tail(0);
    }
}

Result<void> require_text_size(std::uint64_t bytes) {
    if (bytes <= limits::function_text_bytes_max) return {};
    return std::unexpected(sql_error("54000", "requested length too large"));
}

}  // namespace dunlin::functions
