// Functions that fill, turn and rewrite text by its characters.
#include <algorithm>

#include "core/functions/characters.h"

namespace dunlin::functions {

namespace {

enum class Side : std::uint8_t { Left, Right };

/// lpad(), rpad(): to exactly so many characters, so that longer text is cut.
template <Side side>
Outcome pad(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string_view text = text_of(a[0]);
    const std::int64_t wanted = std::max<std::int64_t>(a[1].integer(), 0);
    const std::int64_t length = character_count(text);
    const auto filling = characters_of(a.size() > 2 ? text_of(a[2]) : " ");
    if (length >= wanted || filling.empty()) return Value(character_slice(text, 0, wanted));
    const auto missing = static_cast<std::size_t>(wanted - length);
    if (auto fits = require_text_size(text.size() + missing); !fits)
        return std::unexpected(fits.error());
    std::string filled;
    for (std::size_t i = 0; i < missing; ++i) filled += filling[i % filling.size()];
    return Value(side == Side::Left ? filled.append(text) : filled.insert(0, text));
}

Outcome pg_repeat(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string_view text = text_of(a[0]);
    const auto times = static_cast<std::uint64_t>(std::max<std::int64_t>(a[1].integer(), 0));
    if (auto fits = require_text_size(times * text.size()); !fits)
        return std::unexpected(fits.error());
    std::string out;
    for (std::uint64_t i = 0; i < times && !text.empty(); ++i) out += text;
    return Value(std::move(out));
}

Outcome pg_reverse(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    std::string out;
    const auto characters = characters_of(text_of(a[0]));
    for (auto one = characters.rbegin(); one != characters.rend(); ++one) out += *one;
    return Value(std::move(out));
}

/// Each character of the second text becomes that of the third at the same place, or nothing.
Outcome pg_translate(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto from = characters_of(text_of(a[1]));
    const auto to = characters_of(text_of(a[2]));
    std::string out;
    for (const std::string_view one : characters_of(text_of(a[0]))) {
        const auto place = static_cast<std::size_t>(std::ranges::find(from, one) - from.begin());
        if (place == from.size())
            out += one;
        else if (place < to.size())
            out += to[place];
    }
    return Value(std::move(out));
}

/// `overlay(text placing other from 2 for 3)`.
Outcome pg_overlay(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string_view text = text_of(a[0]);
    const std::int64_t from = a[2].integer();
    const std::int64_t count = a.size() > 3 ? a[3].integer() : character_count(text_of(a[1]));
    if (from <= 0)
        return std::unexpected(sql_error("22011", "negative substring length not allowed"));
    return Value(character_slice(text, 0, from - 1) + std::string(text_of(a[1])) +
                 character_slice(text, from - 1 + count, INT32_MAX));
}

Outcome pg_ascii(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string_view text = text_of(a[0]);
    return Value(text.empty() ? std::int64_t{0} : std::int64_t{code_point(text)});
}

Outcome pg_chr(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::int64_t number = a[0].integer();
    if (number < 0) return std::unexpected(sql_error("22023", "character number must be positive"));
    if (number == 0) return std::unexpected(sql_error("54000", "null character not permitted"));
    const bool surrogate = number >= 0xD800 && number <= 0xDFFF;
    if (number > 0x10FFFF || surrogate) {
        return std::unexpected(
            sql_error("54000", (surrogate ? "requested character not valid for encoding: "
                                          : "requested character too large for encoding: ") +
                                   std::to_string(number)));
    }
    std::string out;
    append_utf8(static_cast<std::uint32_t>(number), out);
    return Value(std::move(out));
}

/// Integers in base 16; negative ones as two's complement of the bytes in the second argument.
Outcome pg_to_hex(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto number = static_cast<std::uint64_t>(a[0].integer());
    if (a[1].integer() == 4) number &= 0xFFFFFFFFU;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string reversed;
    do {
        reversed.push_back(digits[number & 15]);
        number >>= 4;
    } while (number > 0);
    return Value(std::string(reversed.rbegin(), reversed.rend()));
}

constexpr ScalarFunction entries[] = {
    {"pg_ascii", 1, 1, true, pg_ascii},         {"pg_chr", 1, 1, true, pg_chr},
    {"pg_lpad", 2, 3, true, pad<Side::Left>},   {"pg_overlay", 3, 4, true, pg_overlay},
    {"pg_repeat", 2, 2, true, pg_repeat},       {"pg_reverse", 1, 1, true, pg_reverse},
    {"pg_rpad", 2, 3, true, pad<Side::Right>},  {"pg_to_hex", 2, 2, true, pg_to_hex},
    {"pg_translate", 3, 3, true, pg_translate},
};

}  // namespace

std::span<const ScalarFunction> text_edit_functions() {
    return entries;
}

}  // namespace dunlin::functions
