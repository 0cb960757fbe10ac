#include "query/parsers.h"

namespace dunlin::query {

namespace {

constexpr const char* field_name = "field name (* or [a..z0..9_$])";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Bytes over 127 are parts of letters for our purposes.
bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           c == ' ' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

std::string_view trim(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

/// `0` or `-1` and then the end of the operand; nothing is passed otherwise.
std::string_view take_index(Cursor& cursor) {
    const std::string_view rest = cursor.rest();
    std::size_t n = rest.starts_with('-') ? 1 : 0;
    const std::size_t digits = n;
    while (n < rest.size() && is_digit(rest[n])) ++n;
    const std::string_view behind = rest.substr(n);
    const bool ends = behind.empty() || behind.starts_with("->") || behind.starts_with("::") ||
                      std::string_view(".,)").contains(behind.front());
    if (n == digits || !ends) return {};
    cursor.skip(n);
    return rest.substr(0, n);
}

/// A key may hold everything but `( - : . , > )`, and inner dashes.
Parsed<std::string> read_json_key(Cursor& cursor) {
    if (cursor.peek() == '"') return read_quoted(cursor);
    std::string key;
    while (true) {
        const auto part = cursor.take_until("(-:.,>)");
        if (part.empty()) return cursor.fail("any non reserved character different from: .,>()");
        key += part;
        if (cursor.peek() != '-' || cursor.ahead("->")) return key;
        cursor.skip(1);
        key.push_back('-');
    }
}

}  // namespace

Parsed<std::string> read_quoted(Cursor& cursor) {
    std::string out;
    cursor.skip(1);
    while (true) {
        out += cursor.take_until("\\\"");
        if (cursor.at_end()) return cursor.fail("\"\\\"\"");
        if (cursor.take("\"")) return out;
        cursor.skip(1);
        if (cursor.at_end()) return cursor.fail("any character");
        out.push_back(cursor.peek());
        cursor.skip(1);
    }
}

Parsed<std::string> read_name(Cursor& cursor) {
    if (cursor.peek() == '"') return read_quoted(cursor);
    std::string name;
    while (true) {
        const std::string_view rest = cursor.rest();
        std::size_t n = 0;
        while (n < rest.size() && is_name_char(rest[n])) ++n;
        if (n == 0) return cursor.fail(field_name);
        cursor.skip(n);
        name += trim(rest.substr(0, n));
        if (cursor.peek() != '-' || cursor.ahead("->")) return name;
        cursor.skip(1);
        name.push_back('-');
    }
}

Parsed<std::vector<FieldPath::Step>> read_json_path(Cursor& cursor) {
    std::vector<FieldPath::Step> path;
    while (true) {
        FieldPath::Step step;
        step.as_text = cursor.take("->>");
        if (!step.as_text && !cursor.take("->")) return path;
        step.key = take_index(cursor);
        step.index = !step.key.empty();
        if (!step.index) {
            auto key = read_json_key(cursor);
            if (!key) return std::unexpected(key.error());
            step.key = std::move(*key);
        }
        path.push_back(std::move(step));
    }
}

Parsed<FieldPath> read_field(Cursor& cursor) {
    auto name = read_name(cursor);
    if (!name) return std::unexpected(name.error());
    auto path = read_json_path(cursor);
    if (!path) return std::unexpected(path.error());
    return FieldPath{std::move(*name), std::move(*path)};
}

Parsed<std::vector<std::string>> read_names(Cursor& cursor) {
    std::vector<std::string> names;
    do {
        cursor.skip_blanks();
        auto name = read_name(cursor);
        if (!name) return std::unexpected(name.error());
        names.push_back(std::move(*name));
    } while (cursor.take(","));
    if (!cursor.at_end()) return cursor.fail("\",\" or end of input");
    return names;
}

}  // namespace dunlin::query
