// LIKE with PostgreSQL's case, and regular expressions in linear time (RE2).
#include "core/functions/arguments.h"
#include "core/functions/regular_expression.h"

namespace dunlin::functions {

namespace {

/// Bytes of the UTF-8 character at the front.
std::size_t character_bytes(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t size = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return std::min(size, text.size());
}

/// One step of a LIKE pattern: `%`, `_`, or the bytes of a character.
bool like(std::string_view text, std::string_view pattern) {
    std::size_t at = 0, in_pattern = 0;
    std::size_t retry_text = 0, retry_pattern = std::string_view::npos;
    while (at < text.size()) {
        if (in_pattern < pattern.size() && pattern[in_pattern] == '%') {
            retry_pattern = ++in_pattern;
            retry_text = at;
            continue;
        }
        if (in_pattern < pattern.size() && pattern[in_pattern] == '_') {
            at += character_bytes(text.substr(at));
            ++in_pattern;
            continue;
        }
        const bool escaped = in_pattern + 1 < pattern.size() && pattern[in_pattern] == '\\';
        const std::size_t literal = in_pattern + (escaped ? 1 : 0);
        if (literal < pattern.size() && pattern[literal] == text[at]) {
            in_pattern = literal + 1;
            ++at;
            continue;
        }
        if (retry_pattern == std::string_view::npos) return false;
        in_pattern = retry_pattern;
        retry_text += character_bytes(text.substr(retry_text));
        at = retry_text;
    }
    while (in_pattern < pattern.size() && pattern[in_pattern] == '%') ++in_pattern;
    return in_pattern == pattern.size();
}

template <LetterCase letter_case>
Outcome call_like(Arguments arguments, const FunctionContext&) {
    if (any_null(arguments)) return Value();
    const std::string_view text = text_of(arguments[0]), pattern = text_of(arguments[1]);
    if (letter_case == LetterCase::Sensitive) return Value::boolean(like(text, pattern));
    return Value::boolean(like(lower_text(text), lower_text(pattern)));
}

template <LetterCase letter_case>
Outcome call_match(Arguments arguments, const FunctionContext&) {
    if (any_null(arguments)) return Value();
    const auto expression = regular_expression(text_of(arguments[1]), letter_case, Preference::Any);
    if (!expression) return std::unexpected(expression.error());
    const auto text = text_of(arguments[0]);
    return Value::boolean(
        RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), **expression));
}

constexpr ScalarFunction entries[] = {
    {"pg_ilike", 2, 2, true, call_like<LetterCase::Insensitive>},
    {"pg_imatch", 2, 2, true, call_match<LetterCase::Insensitive>},
    {"pg_like", 2, 2, true, call_like<LetterCase::Sensitive>},
    {"pg_match", 2, 2, true, call_match<LetterCase::Sensitive>},
};

}  // namespace

std::span<const ScalarFunction> pattern_functions() {
    return entries;
}

}  // namespace dunlin::functions
