// The part of TokenReader that finds tags and entities.
#include "core/full_text_tokens.h"

#include <algorithm>

#include "core/letters.h"

namespace dunlin::full_text {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// What a tag holds between its name and its end, outside of quotes.
bool is_in_tag(char c) {
    return is_letter(c) || is_digit(c) || (c >= '\t' && c <= '\r') ||
           std::string_view(" -_=/:.&?%~#").contains(c);
}

}  // namespace

std::size_t TokenReader::tag_end(std::size_t from) {
    const auto rest = text_.substr(from);
    if (rest.starts_with("<!--")) {
        const auto end = comment_open_ ? none : rest.find("-->", 4);
        comment_open_ = end == none;
        return end == none ? none : from + end + 3;
    }
    std::size_t i = from + 1;
    if (letters::starts_with_word(rest, "<!doctype"))
        i = from + 9;
    else if (letters::starts_with_word(rest, "<?xml"))
        i = from + 5;
    else if (at(i) == '/')
        ++i;
    const bool declaration = i > from + 2;
    const bool opens = i == from + 1 && (at(i) == ':' || at(i) == '_');
    if (!declaration && !opens && !is_letter(at(i))) return none;
    while (i < text_.size()) {
        const std::size_t length = letters::length_of_letter(text_.substr(i));
        if (length == 0 && !std::string_view("_:-.").contains(text_[i])) break;
        i += std::max<std::size_t>(length, 1);
    }
    if (at(i) == '/' && at(i + 1) == '>') return i + 2;
    if (at(i) != '>' && at(i) != ' ' && (at(i) < '\t' || at(i) > '\r')) return none;
    for (; i < text_.size(); ++i) {
        const char c = text_[i];
        if (c == '>') return i + 1;
        if (c == '"' || c == '\'') {
            i = text_.find(c, i + 1);
            if (i == none) return none;
        } else if (!is_in_tag(c)) {
            return none;
        }
    }
    return none;
}

/// `&nbsp;`, `&#39;`, `&#x27;`.
std::size_t TokenReader::entity_end(std::size_t from) const {
    std::size_t i = from + 1;
    std::size_t first = i;
    if (at(i) == '#') {
        const bool hex = at(i + 1) == 'x' || at(i + 1) == 'X';
        i = first = i + (hex ? 2 : 1);
        while (hex ? is_hex(at(i)) : is_digit(at(i))) ++i;
    } else {
        while (i < text_.size()) {
            const std::size_t length = letters::length_of_letter(text_.substr(i));
            const bool goes_on = i > first && std::string_view("-._:").contains(text_[i]);
            if ((length == 0 && !goes_on) || (i == first && is_digit(text_[i]))) break;
            i += std::max<std::size_t>(length, 1);
        }
    }
    return i > first && at(i) == ';' ? i + 1 : none;
}

}  // namespace dunlin::full_text
