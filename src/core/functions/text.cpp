// Functions on text; positions and lengths count characters.
#include <locale.h>
#include <wctype.h>

#include <algorithm>

#include "core/functions/characters.h"
#include "core/letters.h"

namespace dunlin::functions {

namespace {

using CaseMap = wint_t (*)(wint_t character, locale_t locale);

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

/// The first letter of each run of letters and digits in upper case, the others in lower.
Outcome pg_initcap(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    std::string out;
    bool inside = false;
    for (const std::string_view one : characters_of(text_of(a[0]))) {
        out += inside ? lower_text(one) : map_case(one, towupper_l);
        inside = letters::length_of_letter(one) > 0;
    }
    return Value(std::move(out));
}

Outcome pg_length(Arguments a, const FunctionContext&) {
    return any_null(a) ? Value() : Value(character_count(text_of(a[0])));
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
    return Value(character_slice(text_of(a[0]), a[1].integer() - 1, count));
}

Outcome pg_left(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::int64_t count = a[1].integer();
    return Value(character_slice(text_of(a[0]), 0,
                                 count >= 0 ? count : character_count(text_of(a[0])) + count));
}

Outcome pg_right(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::int64_t length = character_count(text_of(a[0]));
    const std::int64_t count = a[1].integer();
    const std::int64_t skipped = count >= 0 ? std::max<std::int64_t>(length - count, 0) : -count;
    return Value(character_slice(text_of(a[0]), skipped, length));
}

Outcome pg_position(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto at = text_of(a[0]).find(text_of(a[1]));
    if (at == std::string_view::npos) return Value(std::int64_t{0});
    return Value(character_count(text_of(a[0]).substr(0, at)) + 1);
}

Outcome pg_starts_with(Arguments a, const FunctionContext&) {
    return any_null(a) ? Value() : Value::boolean(text_of(a[0]).starts_with(text_of(a[1])));
}

/// By characters: a byte of one may also be part of another.
template <bool left, bool right>
Outcome pg_trim(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto set = characters_of(a.size() > 1 ? text_of(a[1]) : " ");
    const auto in_set = [&](std::string_view one) {
        return std::ranges::find(set, one) != set.end();
    };
    const auto characters = characters_of(text_of(a[0]));
    auto first = characters.begin();
    auto last = characters.end();
    while (left && first != last && in_set(*first)) ++first;
    while (right && first != last && in_set(*(last - 1))) --last;
    if (first == last) return Value("");
    const char* const end = (last - 1)->data() + (last - 1)->size();
    return Value(std::string(first->data(), end));
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

constexpr int arguments_most = 20;

constexpr ScalarFunction entries[] = {
    {"pg_btrim", 1, 2, true, pg_trim<true, true>},
    {"pg_concat", 2, 2, true, pg_concat},
    {"pg_concat_all", 1, arguments_most, true, pg_concat_all},
    {"pg_concat_ws", 2, arguments_most, true, pg_concat_ws},
    {"pg_initcap", 1, 1, true, pg_initcap},
    {"pg_left", 2, 2, true, pg_left},
    {"pg_length", 1, 1, true, pg_length},
    {"pg_lower", 1, 1, true, pg_lower},
    {"pg_ltrim", 1, 2, true, pg_trim<true, false>},
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
