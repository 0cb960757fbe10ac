#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/codec.h"
#include "core/codec_parts.h"

namespace dunlin::codec {

namespace {

/// Bytes of the UTF-8 character at the head of `text`, 0 when it is not valid (RFC 3629 section 4).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    if (lead == 0xe0 && byte(1) < 0xa0) return 0;  // overlong
    if (lead == 0xed && byte(1) > 0x9f) return 0;  // surrogate
    if (lead == 0xf0 && byte(1) < 0x90) return 0;  // overlong
    if (lead == 0xf4 && byte(1) > 0x8f) return 0;  // over U+10FFFF
    return length;
}

Error invalid_bytes(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    std::size_t shown = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    shown = std::min(shown, text.size());
    std::string bytes;
    for (const char c : text.substr(0, shown)) {
        bytes += fmt::format(" 0x{:02x}", static_cast<unsigned char>(c));
    }
    return sql_error("22021", "invalid byte sequence for encoding \"UTF8\":" + bytes);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

Result<Value> parse_hex(std::string_view digits) {
    std::string bytes;
    std::size_t i = 0;
    while (i < digits.size()) {
        if (digits[i] == ' ' || digits[i] == '\n' || digits[i] == '\t' || digits[i] == '\r') {
            ++i;
            continue;
        }
        const int high = hex_digit(digits[i]);
        if (high >= 0 && i + 1 == digits.size()) {
            return std::unexpected(
                sql_error("22023", "invalid hexadecimal data: odd number of digits"));
        }
        const int low = high < 0 ? -1 : hex_digit(digits[i + 1]);
        if (low < 0) {
            const std::string_view wrong = digits.substr(high < 0 ? i : i + 1, 1);
            return std::unexpected(
                sql_error("22023", fmt::format("invalid hexadecimal digit: \"{}\"", wrong)));
        }
        bytes.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    return Value(Blob{std::move(bytes)});
}

bool needs_escape(char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

/// How many bytes at the start of `text` stand for themselves in a JSON string: eight at a time
/// (Mycroft's test for a byte below n, which is exact for the first one).
std::size_t plain_bytes(std::string_view text) {
    constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
    constexpr std::uint64_t high = ones * 0x80;
    const auto below = [](std::uint64_t word, std::uint64_t n) {
        return (word - ones * n) & ~word & high;
    };
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, 8);
        const std::uint64_t hit =
            below(word, 0x20) | below(word ^ (ones * '"'), 1) | below(word ^ (ones * '\\'), 1);
        if (hit != 0) break;
    }
    while (at < text.size() && !needs_escape(text[at])) ++at;
    return at;
}

void escape(char c, std::string& out) {
    constexpr std::string_view named = "\"\\\b\f\n\r\t";
    constexpr std::string_view letters = "\"\\bfnrt";
    const std::size_t at = named.find(c);
    if (at == named.npos)
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    else
        out.append({'\\', letters[at]});
}

/// How many bytes at the start are ASCII other than 0, in steps of eight: most texts are.
std::size_t ascii_length(std::string_view text) {
    constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
    constexpr std::uint64_t high_bits = ones << 7;
    std::size_t length = 0;
    while (text.size() - length >= sizeof(std::uint64_t)) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, text.data() + length, sizeof bytes);
        // Taking 1 from each byte borrows into the high bit of a 0.
        if (((bytes | (bytes - ones)) & high_bits) != 0) break;
        length += sizeof bytes;
    }
    return length;
}

}  // namespace

Error invalid_syntax(std::string_view type_name, std::string_view text) {
    return sql_error("22P02",
                     fmt::format("invalid input syntax for type {}: \"{}\"", type_name, text));
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\n\r\v\f";
    const auto first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

Result<void> check_text(std::string_view text) {
    for (std::size_t i = ascii_length(text); i < text.size();) {
        const std::size_t length = utf8_length(text.substr(i));
        if (length == 0 || text[i] == '\0') return std::unexpected(invalid_bytes(text.substr(i)));
        i += length;
    }
    return {};
}

std::size_t character_count(std::string_view text) {
    const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts));
}

Result<Value> parse_bytea(std::string_view text) {
    if (text.starts_with("\\x")) return parse_hex(text.substr(2));
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view rest = text.substr(i);
        const auto octal = [&](std::size_t at, char max) {
            return rest.size() > at && rest[at] >= '0' && rest[at] <= max;
        };
        if (rest[0] != '\\') {
            bytes.push_back(rest[0]);
        } else if (rest.starts_with("\\\\")) {
            bytes.push_back('\\');
            i += 1;
        } else if (octal(1, '3') && octal(2, '7') && octal(3, '7')) {
            bytes.push_back(
                static_cast<char>((rest[1] - '0') * 64 + (rest[2] - '0') * 8 + (rest[3] - '0')));
            i += 3;
        } else {
            return std::unexpected(sql_error("22P02", "invalid input syntax for type bytea"));
        }
    }
    return Value(Blob{std::move(bytes)});
}

std::string print_bytea(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\\x";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out.push_back(digits[byte >> 4]);
        out.push_back(digits[byte & 15]);
    }
    return out;
}

void write_json_string(std::string_view text, std::string& out) {
    out.push_back('"');
    while (!text.empty()) {
        const std::size_t plain = plain_bytes(text);
        out.append(text.substr(0, plain));
        if (plain == text.size()) break;
        escape(text[plain], out);
        text.remove_prefix(plain + 1);
    }
    out.push_back('"');
}

}  // namespace dunlin::codec
