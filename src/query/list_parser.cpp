#include <fmt/format.h>

#include "core/limits.h"
#include "query/parsers.h"

namespace dunlin::query {

namespace {

Error too_many_items() {
    return limit_error(
        fmt::format("a list in a filter holds at most {} items", limits::in_items_max));
}

Error malformed(std::string_view text, std::string details) {
    return sql_error("22P02", fmt::format("malformed array literal: \"{}\"", text),
                     std::move(details));
}

/// A quoted item counts as one only when a comma or the end follows, as in PostgREST.
Parsed<std::string> read_in_item(Cursor& cursor) {
    if (cursor.peek() == '"') {
        Cursor attempt = cursor;
        auto quoted = read_quoted(attempt);
        if (quoted && (attempt.at_end() || attempt.peek() == ',' || attempt.peek() == ')')) {
            cursor = attempt;
            return quoted;
        }
    }
    return std::string(cursor.take_until(",)"));
}

std::string_view trim(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

Parsed<std::string> read_array_item(Cursor& cursor) {
    cursor.skip_blanks();
    if (cursor.peek() == '"') {
        auto quoted = read_quoted(cursor);
        if (!quoted) return Cursor::refuse(malformed(cursor.text(), "Unexpected end of input."));
        cursor.skip_blanks();
        return quoted;
    }
    const auto plain = trim(cursor.take_until(",}{\"\\"));
    if (plain == "NULL" || plain == "null") {
        return Cursor::refuse(sql_error("0A000", "NULL in the list of any or all is not supported",
                                        "", "Use an is.null filter beside it."));
    }
    if (plain.empty()) return Cursor::refuse(malformed(cursor.text(), "Unexpected array element."));
    return std::string(plain);
}

}  // namespace

Parsed<std::vector<std::string>> read_in_list(Cursor& cursor) {
    if (!cursor.take("(")) return cursor.fail("\"(\"");
    cursor.skip_blanks();
    std::vector<std::string> items;
    do {
        if (items.size() == limits::in_items_max) return Cursor::refuse(too_many_items());
        auto item = read_in_item(cursor);
        if (!item) return std::unexpected(item.error());
        items.push_back(std::move(*item));
    } while (cursor.take(","));
    if (!cursor.take(")")) return cursor.fail("\",\" or \")\"");
    cursor.skip_blanks();
    return items;
}

Parsed<std::vector<std::string>> read_array_list(std::string_view text) {
    Cursor cursor(text);
    std::vector<std::string> items;
    if (!cursor.take("{")) {
        return Cursor::refuse(
            malformed(text, "Array value must start with \"{\" or dimension information."));
    }
    cursor.skip_blanks();
    if (cursor.take("}") && cursor.at_end()) return items;
    do {
        if (items.size() == limits::in_items_max) return Cursor::refuse(too_many_items());
        auto item = read_array_item(cursor);
        if (!item) return std::unexpected(item.error());
        items.push_back(std::move(*item));
    } while (cursor.take(","));
    if (!cursor.take("}")) return Cursor::refuse(malformed(text, "Unexpected array element."));
    if (!cursor.at_end()) return Cursor::refuse(malformed(text, "Junk after closing right brace."));
    return items;
}

}  // namespace dunlin::query
