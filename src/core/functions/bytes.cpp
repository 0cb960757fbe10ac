// bytea: encodings, digests, random bytes.
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>

#include "core/codec_parts.h"
#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

/// Of a text or a bytea.
std::string_view bytes_of(const Value& value) {
    return value.is_blob() ? std::string_view(value.bytes()) : text_of(value);
}

constexpr std::string_view hex_digits = "0123456789abcdef";

std::string hex_of(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        out.push_back(hex_digits[static_cast<unsigned char>(c) >> 4]);
        out.push_back(hex_digits[static_cast<unsigned char>(c) & 15]);
    }
    return out;
}

std::unexpected<Error> refuse(std::string message, std::string hint = {}) {
    return std::unexpected(sql_error("22023", std::move(message), "", std::move(hint)));
}

/// RFC 2045 section 6.8: lines of 76 characters.
std::string base64_of(std::string_view bytes) {
    constexpr std::size_t bytes_per_line = 57;
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += bytes_per_line) {
        if (at > 0) out.push_back('\n');
        const std::string_view line = bytes.substr(at, bytes_per_line);
        std::array<unsigned char, 80> block{};
        const int size =
            EVP_EncodeBlock(block.data(), reinterpret_cast<const unsigned char*>(line.data()),
                            static_cast<int>(line.size()));
        out.append(reinterpret_cast<const char*>(block.data()), static_cast<std::size_t>(size));
    }
    return out;
}

std::string escaped(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte == '\\') {
            out += "\\\\";
        } else if (byte == 0 || byte >= 0x80) {
            out.push_back('\\');
            for (const int shift : {6, 3, 0})
                out.push_back(static_cast<char>('0' + ((byte >> shift) & 7)));
        } else {
            out.push_back(c);
        }
    }
    return out;
}

Outcome pg_encode(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string form = lower_text(text_of(a[1]));
    if (form == "hex") return Value(hex_of(bytes_of(a[0])));
    if (form == "base64") return Value(base64_of(bytes_of(a[0])));
    if (form == "escape") return Value(escaped(bytes_of(a[0])));
    return refuse("unrecognized encoding: \"" + std::string(text_of(a[1])) + "\"");
}

bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

Result<std::string> bytes_of_hex(std::string_view text) {
    std::string out;
    int high = -1;
    for (const char c : text) {
        if (is_blank(c) && high < 0) continue;
        const auto digit = hex_digits.find(static_cast<char>(c >= 'A' && c <= 'F' ? c | 0x20 : c));
        if (digit == hex_digits.npos)
            return refuse("invalid hexadecimal digit: \"" + std::string(1, c) + "\"");
        if (high < 0) {
            high = static_cast<int>(digit);
            continue;
        }
        out.push_back(static_cast<char>(high * 16 + static_cast<int>(digit)));
        high = -1;
    }
    if (high >= 0) return refuse("invalid hexadecimal data: odd number of digits");
    return out;
}

constexpr std::string_view base64_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Result<std::string> bytes_of_base64(std::string_view text) {
    std::string out;
    std::uint32_t group = 0;
    int letters = 0, ends = 0;
    for (const char c : text) {
        if (is_blank(c)) continue;
        const auto digit = base64_letters.find(c);
        if (c == '=') {
            if (letters < 2) return refuse("unexpected \"=\" while decoding base64 sequence");
            ++ends;
        } else if (digit == base64_letters.npos || ends > 0) {
            return refuse("invalid symbol \"" + std::string(1, c) +
                          "\" found while decoding base64 sequence");
        }
        group = (group << 6) | (c == '=' ? 0 : static_cast<std::uint32_t>(digit));
        if (++letters < 4) continue;
        for (int i = 0; i < 3 - ends; ++i)
            out.push_back(static_cast<char>((group >> (16 - 8 * i)) & 0xFF));
        group = 0;
        letters = 0;
    }
    if (letters == 0) return out;
    return refuse("invalid base64 end sequence",
                  "Input data is missing padding, is truncated, or is otherwise corrupted.");
}

/// `\\` and three octal digits.
Result<std::string> bytes_of_escaped(std::string_view text) {
    const auto octal = [](char c, char most) { return c >= '0' && c <= most; };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out.push_back(text[i]);
        } else if (i + 1 < text.size() && text[i + 1] == '\\') {
            out.push_back('\\');
            ++i;
        } else if (i + 3 < text.size() && octal(text[i + 1], '3') && octal(text[i + 2], '7') &&
                   octal(text[i + 3], '7')) {
            out.push_back(static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                            (text[i + 3] - '0')));
            i += 3;
        } else {
            return std::unexpected(sql_error("22P02", "invalid input syntax for type bytea"));
        }
    }
    return out;
}

Outcome pg_decode(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string form = lower_text(text_of(a[1]));
    Result<std::string> bytes = std::string();
    if (form == "hex")
        bytes = bytes_of_hex(text_of(a[0]));
    else if (form == "base64")
        bytes = bytes_of_base64(text_of(a[0]));
    else if (form == "escape")
        bytes = bytes_of_escaped(text_of(a[0]));
    else
        return refuse("unrecognized encoding: \"" + std::string(text_of(a[1])) + "\"");
    if (!bytes) return std::unexpected(bytes.error());
    return Value(Blob{std::move(*bytes)});
}

std::string digest_of(std::string_view bytes, const EVP_MD* method) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, method, nullptr);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

Outcome pg_md5(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    return Value(hex_of(digest_of(bytes_of(a[0]), EVP_md5())));
}

template <const EVP_MD* (*method)()>
Outcome sha(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    return Value(Blob{digest_of(bytes_of(a[0]), method())});
}

/// pgcrypto's digest(): the method by its name.
Outcome pg_digest(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string name = lower_text(text_of(a[1]));
    struct Method {
        std::string_view name;
        const EVP_MD* (*method)();
    };
    constexpr Method methods[] = {{"md5", EVP_md5},       {"sha1", EVP_sha1},
                                  {"sha224", EVP_sha224}, {"sha256", EVP_sha256},
                                  {"sha384", EVP_sha384}, {"sha512", EVP_sha512}};
    for (const Method& known : methods) {
        if (known.name == name) return Value(Blob{digest_of(bytes_of(a[0]), known.method())});
    }
    return refuse("Cannot use \"" + name + "\": No such hash algorithm");
}

/// pgcrypto's gen_random_bytes().
Outcome gen_random_bytes(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::int64_t count = a[0].integer();
    if (count < 1 || count > 1024)
        return std::unexpected(sql_error("39000", "Length not in range"));
    std::string bytes(static_cast<std::size_t>(count), '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
        return std::unexpected(sql_error("XX000", "no random numbers are to be had"));
    return Value(Blob{std::move(bytes)});
}

Outcome pg_byte_count(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    return Value(static_cast<std::int64_t>(bytes_of(a[0]).size()));
}

Result<void> require_utf8(const Value& name) {
    const std::string wanted = lower_text(text_of(name));
    if (wanted == "utf8" || wanted == "utf-8") return {};
    return std::unexpected(sql_error("0A000", "encodings other than UTF8 are not supported"));
}

Outcome pg_convert_to(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    if (auto known = require_utf8(a[1]); !known) return std::unexpected(known.error());
    return Value(Blob{std::string(text_of(a[0]))});
}

Outcome pg_convert_from(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    if (auto known = require_utf8(a[1]); !known) return std::unexpected(known.error());
    if (auto valid = codec::check_text(bytes_of(a[0])); !valid)
        return std::unexpected(valid.error());
    return Value(bytes_of(a[0]));
}

constexpr ScalarFunction entries[] = {
    {"gen_random_bytes", 1, 1, false, gen_random_bytes},
    {"pg_byte_count", 1, 1, true, pg_byte_count},
    {"pg_convert_from", 2, 2, true, pg_convert_from},
    {"pg_convert_to", 2, 2, true, pg_convert_to},
    {"pg_decode", 2, 2, true, pg_decode},
    {"pg_digest", 2, 2, true, pg_digest},
    {"pg_encode", 2, 2, true, pg_encode},
    {"pg_md5", 1, 1, true, pg_md5},
    {"pg_sha224", 1, 1, true, sha<EVP_sha224>},
    {"pg_sha256", 1, 1, true, sha<EVP_sha256>},
    {"pg_sha384", 1, 1, true, sha<EVP_sha384>},
    {"pg_sha512", 1, 1, true, sha<EVP_sha512>},
};

}  // namespace

std::span<const ScalarFunction> byte_functions() {
    return entries;
}

}  // namespace dunlin::functions
