// Functions that replace, take and split text by a regular expression.
#include <algorithm>
#include <optional>

#include "core/functions/array_elements.h"
#include "core/functions/characters.h"
#include "core/functions/regular_expression.h"
#include "core/limits.h"

namespace dunlin::functions {

namespace {

const Type text_type{.kind = TypeKind::Text};

/// PostgreSQL's letters for options, as far as they are carried.
struct Options {
    LetterCase letter_case = LetterCase::Sensitive;
    bool global = false;
};

Result<Options> options_of(std::string_view letters) {
    Options options;
    for (const char c : letters) {
        if (c == 'i')
            options.letter_case = LetterCase::Insensitive;
        else if (c == 'c')
            options.letter_case = LetterCase::Sensitive;
        else if (c == 'g')
            options.global = true;
        else if (std::string_view("bemnpqtwx").contains(c))
            return std::unexpected(sql_error(
                "0A000", "regular expression option \"" + std::string(1, c) + "\" is not supported",
                "", "Use g, i, c and s."));
        else if (c != 's')
            return std::unexpected(sql_error(
                "22023", "invalid regular expression option: \"" + std::string(1, c) + "\""));
    }
    return options;
}

/// The matches of an expression in a text, one after the other.
class Matches {
public:
    Matches(const RE2& expression, std::string_view text)
        : expression_(expression),
          text_(text.data(), text.size()),
          groups_(static_cast<std::size_t>(expression.NumberOfCapturingGroups()) + 1) {}

    /// The next one is in groups() when there is one.
    bool next() {
        if (at_ > text_.size()) return false;
        if (!expression_.Match(text_, at_, text_.size(), RE2::UNANCHORED, groups_.data(),
                               static_cast<int>(groups_.size()))) {
            at_ = text_.size() + 1;
            return false;
        }
        at_ = end();
        if (!groups_[0].empty()) return true;
        // Behind an empty match the search goes on one character later.
        do ++at_;
        while (at_ < text_.size() && !starts_character(text_[at_]));
        return true;
    }

    std::size_t begin() const { return static_cast<std::size_t>(groups_[0].data() - text_.data()); }
    std::size_t end() const { return begin() + groups_[0].size(); }
    const std::vector<re2::StringPiece>& groups() const { return groups_; }

private:
    const RE2& expression_;
    re2::StringPiece text_;
    std::size_t at_ = 0;
    std::vector<re2::StringPiece> groups_;  // the whole match, then those of the parentheses
};

std::string_view view(const re2::StringPiece& piece) {
    return {piece.data(), piece.size()};
}

/// `\1` to `\9` and `\&` stand for what was matched, `\\` for a backslash.
void append_replacement(std::string_view replacement, const Matches& matches, std::string& out) {
    for (std::size_t i = 0; i < replacement.size(); ++i) {
        const char c = replacement[i];
        const char following = i + 1 < replacement.size() ? replacement[i + 1] : '\0';
        const bool group = following >= '1' && following <= '9';
        if (c != '\\' || (!group && following != '&' && following != '\\')) {
            out.push_back(c);
            continue;
        }
        ++i;
        const auto number = group ? static_cast<std::size_t>(following - '0') : 0;
        if (following == '\\')
            out.push_back('\\');
        else if (number < matches.groups().size())
            out += view(matches.groups()[number]);
    }
}

/// regexp_replace(text, pattern, replacement, flags)
Outcome pg_regexp_replace(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto options = options_of(a.size() > 3 ? text_of(a[3]) : "");
    if (!options) return std::unexpected(options.error());
    const auto expression =
        regular_expression(text_of(a[1]), options->letter_case, Preference::PostgreSql);
    if (!expression) return std::unexpected(expression.error());
    const std::string_view text = text_of(a[0]);
    Matches matches(**expression, text);
    std::string out;
    std::size_t kept = 0;  // up to here the text is in `out`
    while (matches.next()) {
        out += text.substr(kept, matches.begin() - kept);
        append_replacement(text_of(a[2]), matches, out);
        kept = matches.end();
        if (auto fits = require_text_size(out.size()); !fits) return std::unexpected(fits.error());
        if (!options->global) break;
    }
    return Value(out.append(text.substr(kept)));
}

/// The groups of a match, or all of it when the expression has none, as a stored text[].
std::string groups_json(const Matches& matches) {
    std::vector<std::string> elements;
    const auto& groups = matches.groups();
    for (std::size_t i = groups.size() > 1 ? 1 : 0; i < groups.size(); ++i) {
        elements.push_back(
            groups[i].data() == nullptr ? "null" : element_json(text_type, Value(view(groups[i]))));
    }
    return join_array(elements);
}

std::unexpected<Error> no_global(std::string_view function) {
    return std::unexpected(
        sql_error("22023", std::string(function) + "() does not support the \"global\" option", "",
                  function == "regexp_match" ? "Use the regexp_matches function instead." : ""));
}

/// regexp_match(text, pattern, flags): NULL when there is no match.
Outcome pg_regexp_match(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto options = options_of(a.size() > 2 ? text_of(a[2]) : "");
    if (!options) return std::unexpected(options.error());
    if (options->global) return no_global("regexp_match");
    const auto expression =
        regular_expression(text_of(a[1]), options->letter_case, Preference::PostgreSql);
    if (!expression) return std::unexpected(expression.error());
    Matches matches(**expression, text_of(a[0]));
    return matches.next() ? Value(groups_json(matches)) : Value();
}

/// The rows of regexp_matches(): a JSON array of stored text[].
Outcome pg_regexp_matches(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value("[]");
    const auto options = options_of(a.size() > 2 ? text_of(a[2]) : "");
    if (!options) return std::unexpected(options.error());
    const auto expression =
        regular_expression(text_of(a[1]), options->letter_case, Preference::PostgreSql);
    if (!expression) return std::unexpected(expression.error());
    Matches matches(**expression, text_of(a[0]));
    std::vector<std::string> rows;
    while (matches.next() && rows.size() < limits::function_elements_max) {
        rows.push_back(element_json(text_type, Value(groups_json(matches))));
        if (!options->global) break;
    }
    return Value(join_array(rows));
}

/// `substring(text from pattern)`: the first group when there is one.
Outcome pg_regexp_substring(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto expression =
        regular_expression(text_of(a[1]), LetterCase::Sensitive, Preference::PostgreSql);
    if (!expression) return std::unexpected(expression.error());
    Matches matches(**expression, text_of(a[0]));
    if (!matches.next()) return Value();
    const auto& part = matches.groups()[matches.groups().size() > 1 ? 1 : 0];
    return part.data() == nullptr ? Value() : Value(view(part));
}

Outcome pg_regexp_count(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto expression =
        regular_expression(text_of(a[1]), LetterCase::Sensitive, Preference::PostgreSql);
    if (!expression) return std::unexpected(expression.error());
    Matches matches(**expression, text_of(a[0]));
    std::int64_t count = 0;
    while (matches.next()) ++count;
    return Value(count);
}

Outcome pg_regexp_like(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto options = options_of(a.size() > 2 ? text_of(a[2]) : "");
    if (!options) return std::unexpected(options.error());
    if (options->global) return no_global("regexp_like");
    const auto expression =
        regular_expression(text_of(a[1]), options->letter_case, Preference::Any);
    if (!expression) return std::unexpected(expression.error());
    return Value::boolean(Matches(**expression, text_of(a[0])).next());
}

/// What is between the matches. An empty one at either end, or right behind another, cuts nothing.
Outcome pg_regexp_split(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto options = options_of(a.size() > 2 ? text_of(a[2]) : "");
    if (!options) return std::unexpected(options.error());
    if (options->global) return no_global("regexp_split_to_array");
    const auto expression =
        regular_expression(text_of(a[1]), options->letter_case, Preference::PostgreSql);
    if (!expression) return std::unexpected(expression.error());
    const std::string_view text = text_of(a[0]);
    Matches matches(**expression, text);
    std::vector<std::string> parts;
    std::size_t kept = 0;
    while (matches.next()) {
        const bool empty = matches.begin() == matches.end();
        if (empty && (matches.begin() == kept || matches.begin() == text.size())) continue;
        const auto part = text.substr(kept, matches.begin() - kept);
        parts.push_back(element_json(text_type, Value(part)));
        kept = matches.end();
        if (parts.size() > limits::function_elements_max)
            return std::unexpected(sql_error("54000", "too many regular expression matches"));
    }
    parts.push_back(element_json(text_type, Value(text.substr(kept))));
    return Value(join_array(parts));
}

constexpr ScalarFunction entries[] = {
    {"pg_regexp_count", 2, 2, true, pg_regexp_count},
    {"pg_regexp_like", 2, 3, true, pg_regexp_like},
    {"pg_regexp_match", 2, 3, true, pg_regexp_match},
    {"pg_regexp_matches", 2, 3, true, pg_regexp_matches},
    {"pg_regexp_replace", 3, 4, true, pg_regexp_replace},
    {"pg_regexp_split", 2, 3, true, pg_regexp_split},
    {"pg_regexp_substring", 2, 2, true, pg_regexp_substring},
};

}  // namespace

std::span<const ScalarFunction> regexp_functions() {
    return entries;
}

}  // namespace dunlin::functions
