// LIKE with PostgreSQL's case, and regular expressions in linear time (RE2).
#include <re2/re2.h>

#include <fmt/format.h>

#include <memory>
#include <unordered_map>

#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

enum class Case : std::uint8_t { Sensitive, Insensitive };

/// PostgreSQL's word boundary and end of text are RE2's \b and \z. Its other constraint escapes,
/// and its
/// \b, which is a backspace, have no counterpart: RE2 refuses what stands here for them.
std::string re2_pattern(std::string_view pattern) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        out.push_back(pattern[i]);
        if (pattern[i] != '\\' || ++i == pattern.size()) continue;
        switch (pattern[i]) {
            case 'y':
                out.push_back('b');
                break;
            case 'Y':
                out.push_back('B');
                break;
            case 'Z':
                out.push_back('z');
                break;
            case 'b':
            case 'B':
                out.push_back('m');
                break;
            default:
                out.push_back(pattern[i]);
        }
    }
    return out;
}

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

template <Case sensitivity>
Outcome call_like(Arguments arguments, const FunctionContext&) {
    if (any_null(arguments)) return Value();
    const std::string_view text = text_of(arguments[0]), pattern = text_of(arguments[1]);
    if (sensitivity == Case::Sensitive) return Value::boolean(like(text, pattern));
    return Value::boolean(like(lower_text(text), lower_text(pattern)));
}

constexpr std::size_t patterns_kept_max = 64;

/// Compiled patterns of this thread; the whole set is dropped when it is full.
template <Case sensitivity>
const RE2& compiled(std::string_view pattern) {
    thread_local std::unordered_map<std::string, std::unique_ptr<RE2>> kept;
    if (kept.size() >= patterns_kept_max) kept.clear();
    auto& slot = kept[std::string(pattern)];
    if (slot == nullptr) {
        RE2::Options options;
        options.set_log_errors(false);
        options.set_case_sensitive(sensitivity == Case::Sensitive);
        options.set_max_mem(1 << 20);
        options.set_dot_nl(true);  // PostgreSQL's . takes a line end too
        slot = std::make_unique<RE2>(re2_pattern(pattern), options);
    }
    return *slot;
}

template <Case sensitivity>
Outcome call_match(Arguments arguments, const FunctionContext&) {
    if (any_null(arguments)) return Value();
    const RE2& pattern = compiled<sensitivity>(text_of(arguments[1]));
    if (!pattern.ok()) {
        return std::unexpected(
            sql_error("2201B", fmt::format("invalid regular expression: {}", pattern.error()), "",
                      "Regular expressions are RE2's: no back references, no look-around."));
    }
    const auto text = text_of(arguments[0]);
    return Value::boolean(RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern));
}

constexpr ScalarFunction entries[] = {
    {"pg_ilike", 2, 2, true, call_like<Case::Insensitive>},
    {"pg_imatch", 2, 2, true, call_match<Case::Insensitive>},
    {"pg_like", 2, 2, true, call_like<Case::Sensitive>},
    {"pg_match", 2, 2, true, call_match<Case::Sensitive>},
};

}  // namespace

std::span<const ScalarFunction> pattern_functions() {
    return entries;
}

}  // namespace dunlin::functions
