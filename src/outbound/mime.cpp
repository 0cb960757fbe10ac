#include "outbound/mime.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace dunlin::outbound::mime {

namespace {

constexpr std::size_t columns_max = 76;
constexpr std::string_view word_opening = "=?UTF-8?B?";
constexpr std::string_view word_closing = "?=";
constexpr std::size_t word_max = 75;  // RFC 2047 section 2

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// The longest front of `text` of at most `bytes_max` bytes that ends between two characters.
std::string_view front(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    std::size_t end = bytes_max;
    while (end > 0 && continues_character(text[end])) --end;
    return text.substr(0, end == 0 ? bytes_max : end);
}

std::string encode_words(std::string_view text, std::size_t used) {
    std::string out;
    while (!text.empty()) {
        const std::size_t columns = std::min(word_max, columns_max - std::min(used, columns_max));
        const std::size_t frame = word_opening.size() + word_closing.size();
        const std::size_t bytes = columns > frame ? (columns - frame) / 4 * 3 : 0;
        if (bytes >= 4) {  // room for any character
            const auto piece = front(text, bytes);
            out += fmt::format("{}{}{}", word_opening, encode_base64(piece), word_closing);
            text.remove_prefix(piece.size());
        }
        if (!text.empty()) out += "\r\n ";
        used = 1;
    }
    return out;
}

bool is_literal(char c) {
    return c >= 33 && c <= 126 && c != '=';
}

/// One line without its end, in pieces of at most 76 columns joined by soft line breaks.
void append_line(std::string& out, std::string_view line) {
    std::size_t column = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        const bool last = at + 1 == line.size();
        const bool blank = c == ' ' || c == '\t';
        const bool literal = is_literal(c) || (blank && !last);  // Blanks at the end would be lost.
        const std::size_t width = literal ? 1 : 3;
        if (column + width > columns_max - (last ? 0 : 1)) {
            out += "=\r\n";
            column = 0;
        }
        if (literal) {
            out.push_back(c);
        } else {
            out += fmt::format("={:02X}", static_cast<unsigned char>(c));
        }
        column += width;
    }
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const bool given = at + i < bytes.size();
            group = group << 8 | (given ? static_cast<unsigned char>(bytes[at + i]) : 0u);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            const bool given = at + i <= bytes.size();
            out.push_back(given ? alphabet[group >> (18 - 6 * i) & 63] : '=');
        }
    }
    return out;
}

std::string encode_quoted_printable(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    while (!text.empty()) {
        const auto end = text.find_first_of("\r\n");
        append_line(out, text.substr(0, end));
        if (end == text.npos) break;
        out += "\r\n";
        text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    return out;
}

bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= 32 && c <= 126; }) &&
           !text.contains("=?");
}

std::string encode_header_text(std::string_view text, std::size_t used) {
    if (is_plain(text) && used + text.size() <= columns_max) return std::string(text);
    return encode_words(text, used);
}

std::string encode_display_name(std::string_view name, std::size_t used) {
    if (!is_plain(name) || used + name.size() + 2 > columns_max) return encode_words(name, used);
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"' || c == '\\') quoted.push_back('\\');
        quoted.push_back(c);
    }
    return quoted + "\"";
}

}  // namespace dunlin::outbound::mime
