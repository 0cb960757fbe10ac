// Functions on text; positions and lengths count characters.
#include <locale.h>
#include <openssl/evp.h>
#include <wctype.h>

#include <algorithm>

#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

bool starts_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

std::int64_t length_of(std::string_view text) {
    return std::count_if(text.begin(), text.end(), starts_character);
}

/// Byte offset of the character with that zero-based number, or the end.
std::size_t offset_of(std::string_view text, std::int64_t number) {
    std::int64_t seen = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (starts_character(text[i]) && seen++ == number) return i;
    }
    return text.size();
}

/// `count` characters from the zero-based `first`; both may reach outside.
std::string slice(std::string_view text, std::int64_t first, std::int64_t count) {
    const std::int64_t end = std::max<std::int64_t>(first + count, 0);
    first = std::max<std::int64_t>(first, 0);
    if (end <= first) return {};
    const std::size_t from = offset_of(text, first);
    return std::string(text.substr(from, offset_of(text, end) - from));
}

using CaseMap = wint_t (*)(wint_t character, locale_t locale);

void append_utf8(std::uint32_t character, std::string& out) {
    const auto tail = [&](int shift) {
        out.push_back(static_cast<char>(0x80 | ((character >> shift) & 0x3F)));
    };
    if (character < 0x80) {
        out.push_back(static_cast<char>(character));
    } else if (character < 0x800) {
        out.push_back(static_cast<char>(0xC0 | (character >> 6)));
        tail(0);
    } else if (character < 0x10000) {
        out.push_back(static_cast<char>(0xE0 | (character >> 12)));
        tail(6), tail(0);
    } else {
        out.push_back(static_cast<char>(0xF0 | (character >> 18)));
        tail(12), tail(6), tail(0);
    }
}

/// Character by character, by the C library's Unicode tables, as PostgreSQL with libc locales does.
std::string map_case(std::string_view text, CaseMap map) {
    // Made once for all threads and never freed; null (ASCII only) on a system without it.
    static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (i + size > text.size() || (size > 1 && locale == nullptr))
            return out + std::string(text.substr(i));
        std::uint32_t character = size == 1 ? first : first & (0xFFU >> (size + 1));
        for (std::size_t k = 1; k < size; ++k)
            character = (character << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
        if (locale != nullptr) character = map(character, locale);
        append_utf8(character, out);
        i += size;
    }
    return out;
}

Outcome pg_lower(Arguments a, const FunctionContext&) {
    return any_null(a) ? Value() : Value(lower_text(text_of(a[0])));
}

Outcome pg_upper(Arguments a, const FunctionContext&) {
    return any_null(a) ? Value() : Value(map_case(text_of(a[0]), towupper_l));
}

Outcome pg_length(Arguments a, const FunctionContext&) {
    return any_null(a) ? Value() : Value(length_of(text_of(a[0])));
}

Outcome pg_concat(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    return Value(std::string(text_of(a[0])) + std::string(text_of(a[1])));
}

/// concat(): NULL counts as nothing.
Outcome pg_concat_all(Arguments a, const FunctionContext&) {
    std::string out;
    for (const Value& part : a) out += text_of(part);
    return Value(std::move(out));
}

Outcome pg_concat_ws(Arguments a, const FunctionContext&) {
    if (a[0].is_null()) return Value();
    std::string out;
    bool first = true;
    for (const Value& part : a.subspan(1)) {
        if (part.is_null()) continue;
        if (!first) out += text_of(a[0]);
        out += text_of(part);
        first = false;
    }
    return Value(std::move(out));
}

Outcome pg_substring(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::int64_t count = a.size() > 2 ? a[2].integer() : INT32_MAX;
    if (count < 0)
        return std::unexpected(sql_error("22011", "negative substring length not allowed"));
    return Value(slice(text_of(a[0]), a[1].integer() - 1, count));
}

Outcome pg_left(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::int64_t count = a[1].integer();
    return Value(slice(text_of(a[0]), 0, count >= 0 ? count : length_of(text_of(a[0])) + count));
}

Outcome pg_right(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::int64_t length = length_of(text_of(a[0]));
    const std::int64_t count = a[1].integer();
    const std::int64_t skipped = count >= 0 ? std::max<std::int64_t>(length - count, 0) : -count;
    return Value(slice(text_of(a[0]), skipped, length));
}

Outcome pg_position(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto at = text_of(a[0]).find(text_of(a[1]));
    if (at == std::string_view::npos) return Value(std::int64_t{0});
    return Value(length_of(text_of(a[0]).substr(0, at)) + 1);
}

Outcome pg_starts_with(Arguments a, const FunctionContext&) {
    return any_null(a) ? Value() : Value::boolean(text_of(a[0]).starts_with(text_of(a[1])));
}

template <bool left, bool right>
Outcome pg_trim(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    std::string_view text = text_of(a[0]);
    const std::string_view set = a.size() > 1 ? text_of(a[1]) : " ";
    while (left && !text.empty() && set.find(text.front()) != set.npos) text.remove_prefix(1);
    while (right && !text.empty() && set.find(text.back()) != set.npos) text.remove_suffix(1);
    return Value(text);
}

Outcome pg_replace(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string_view text = text_of(a[0]), from = text_of(a[1]);
    if (from.empty()) return Value(text);
    std::string out;
    std::size_t at = 0;
    for (auto found = text.find(from); found != text.npos; found = text.find(from, at)) {
        out += text.substr(at, found - at);
        out += text_of(a[2]);
        at = found + from.size();
    }
    return Value(out + std::string(text.substr(at)));
}

Outcome pg_split_part(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    std::string_view text = text_of(a[0]);
    const std::string_view separator = text_of(a[1]);
    std::int64_t wanted = a[2].integer();
    if (wanted == 0) return std::unexpected(sql_error("22023", "field position must not be zero"));
    if (separator.empty()) return Value(wanted == 1 || wanted == -1 ? text : std::string_view());
    if (wanted < 0) {  // counted from the end, where -1 is the last
        std::int64_t parts = 1;
        for (auto at = text.find(separator); at != text.npos;
             at = text.find(separator, at + separator.size()))
            ++parts;
        wanted += parts + 1;
        if (wanted < 1) return Value("");
    }
    for (std::int64_t part = 1;; ++part) {
        const auto end = text.find(separator);
        if (part == wanted) return Value(text.substr(0, end));
        if (end == text.npos) return Value("");
        text.remove_prefix(end + separator.size());
    }
}

Outcome pg_md5(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(text_of(a[0]).data(), text_of(a[0]).size(), digest, &size, EVP_md5(), nullptr);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (unsigned int i = 0; i < size; ++i) {
        out.push_back(digits[digest[i] >> 4]);
        out.push_back(digits[digest[i] & 15]);
    }
    return Value(std::move(out));
}

constexpr int arguments_most = 20;

constexpr ScalarFunction entries[] = {
    {"pg_btrim", 1, 2, true, pg_trim<true, true>},
    {"pg_concat", 2, 2, true, pg_concat},
    {"pg_concat_all", 1, arguments_most, true, pg_concat_all},
    {"pg_concat_ws", 2, arguments_most, true, pg_concat_ws},
    {"pg_left", 2, 2, true, pg_left},
    {"pg_length", 1, 1, true, pg_length},
    {"pg_lower", 1, 1, true, pg_lower},
    {"pg_ltrim", 1, 2, true, pg_trim<true, false>},
    {"pg_md5", 1, 1, true, pg_md5},
    {"pg_position", 2, 2, true, pg_position},
    {"pg_replace", 3, 3, true, pg_replace},
    {"pg_right", 2, 2, true, pg_right},
    {"pg_rtrim", 1, 2, true, pg_trim<false, true>},
    {"pg_split_part", 3, 3, true, pg_split_part},
    {"pg_starts_with", 2, 2, true, pg_starts_with},
    {"pg_substring", 2, 3, true, pg_substring},
    {"pg_upper", 1, 1, true, pg_upper},
};

}  // namespace

std::string lower_text(std::string_view text) {
    const auto beyond_ascii = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
    if (std::any_of(text.begin(), text.end(), beyond_ascii)) return map_case(text, towlower_l);
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return out;
}

std::span<const ScalarFunction> text_functions() {
    return entries;
}

}  // namespace dunlin::functions
