#include "core/functions/regular_expression.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

constexpr std::string_view limits_hint =
    "Regular expressions are RE2's: no back references, no look-around.";

/// The first character behind the bracket expression that begins at `at`.
std::size_t after_brackets(std::string_view pattern, std::size_t at) {
    ++at;
    if (at < pattern.size() && pattern[at] == '^') ++at;
    if (at < pattern.size() && pattern[at] == ']') ++at;  // the first one is itself
    while (at < pattern.size() && pattern[at] != ']') {
        const bool named = pattern[at] == '[' && at + 1 < pattern.size() &&
                           std::string_view(":.=").contains(pattern[at + 1]);
        const auto end = named ? pattern.find(std::string{pattern[at + 1], ']'}, at + 2)
                               : std::string_view::npos;
        if (pattern[at] == '\\') ++at;
        at = end == pattern.npos ? at + 1 : end + 2;
    }
    return at + 1;
}

/// What stands for an escape of PostgreSQL's. Its word boundary and end of text are RE2's \b and
/// \z, its \w takes the letters of every script. Its other constraint escapes, and its \b, which is
/// a backspace, have no counterpart: RE2 refuses the \m.
std::string re2_escape(char letter, bool in_brackets) {
    switch (letter) {
        case 'y':
            return "\\b";
        case 'Y':
            return "\\B";
        case 'Z':
            return "\\z";
        case 'b':
        case 'B':
            return "\\m";
        case 'w':
            return in_brackets ? "\\p{L}\\p{N}_" : "[\\p{L}\\p{N}_]";
        case 'W':
            return in_brackets ? "\\m" : "[^\\p{L}\\p{N}_]";
        default:
            return std::string{'\\', letter};
    }
}

std::string re2_pattern(std::string_view pattern) {
    std::string out;
    std::size_t brackets_end = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool in_brackets = i < brackets_end;
        if (pattern[i] == '[' && !in_brackets) brackets_end = after_brackets(pattern, i);
        if (pattern[i] != '\\' || i + 1 == pattern.size())
            out.push_back(pattern[i]);
        else
            out += re2_escape(pattern[++i], in_brackets);
    }
    return out;
}

/// What decides which of several matches is taken.
struct Shape {
    bool greedy = false;
    bool lazy = false;
    bool alternatives = false;
};

Shape shape_of(std::string_view pattern) {
    Shape shape;
    for (std::size_t at = 0; at < pattern.size();) {
        const char c = pattern[at];
        if (c == '\\') {
            at += 2;
            continue;
        }
        if (c == '[') {
            at = after_brackets(pattern, at);
            continue;
        }
        ++at;
        shape.alternatives = shape.alternatives || c == '|';
        const bool group_option = c == '?' && at >= 2 && pattern[at - 2] == '(';
        const bool quantifier = (c == '*' || c == '+' || c == '?' || c == '{') && !group_option;
        if (!quantifier) continue;
        bool fixed = false;
        if (c == '{') {
            const auto end = pattern.find('}', at);
            if (end == pattern.npos) continue;
            fixed = !pattern.substr(at, end - at).contains(',');
            at = end + 1;
        }
        const bool lazy = at < pattern.size() && pattern[at] == '?';
        at += lazy ? 1 : 0;
        if (fixed) continue;
        (lazy ? shape.lazy : shape.greedy) = true;
    }
    return shape;
}

constexpr std::size_t patterns_kept_max = 64;

std::unique_ptr<RE2> compile(std::string_view pattern, LetterCase letter_case, bool longest) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(letter_case == LetterCase::Sensitive);
    options.set_longest_match(longest);
    options.set_max_mem(1 << 20);
    options.set_dot_nl(true);  // PostgreSQL's . takes a line end too
    return std::make_unique<RE2>(re2_pattern(pattern), options);
}

}  // namespace

Result<const RE2*> regular_expression(std::string_view pattern, LetterCase letter_case,
                                      Preference preference) {
    bool longest = false;
    if (preference == Preference::PostgreSql) {
        const Shape shape = shape_of(pattern);
        if (shape.lazy && (shape.greedy || shape.alternatives)) {
            return std::unexpected(sql_error(
                "0A000",
                "a regular expression with lazy quantifiers beside others is not supported", "",
                "Use quantifiers of one kind, and no | beside lazy ones."));
        }
        longest = !shape.lazy;
    }
    // The whole set is dropped when it is full.
    thread_local std::unordered_map<std::string, std::unique_ptr<RE2>> kept;
    if (kept.size() >= patterns_kept_max) kept.clear();
    const bool insensitive = letter_case == LetterCase::Insensitive;
    std::string key{insensitive ? 'i' : 'c', longest ? 'l' : 'f'};
    auto& slot = kept[key.append(pattern)];
    if (slot == nullptr) slot = compile(pattern, letter_case, longest);
    if (slot->ok()) return slot.get();
    return std::unexpected(sql_error("2201B",
                                     fmt::format("invalid regular expression: {}", slot->error()),
                                     "", std::string(limits_hint)));
}

}  // namespace dunlin::functions
