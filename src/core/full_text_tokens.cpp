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

bool is_alnum(char c) {
    return is_letter(c) || is_digit(c);
}

bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_name(char c) {
    return is_alnum(c) || c == '_';
}

/// What a URL may hold behind its host.
bool is_url_character(char c) {
    return c > ' ' && c < '\x7f' && !std::string_view("\"<>\\^`{|}").contains(c);
}

}  // namespace

bool TokenReader::next(Token& token) {
    while (ready_.empty() && at_ < text_.size()) {
        const char c = text_[at_];
        if (is_alnum(c) || letters::length_of_letter(text_.substr(at_)) > 0) {
            take_word();
        } else if (!take_mark(c)) {
            take_other();
        }
    }
    if (ready_.empty()) return false;
    token = ready_.back();
    ready_.pop_back();
    return true;
}

void TokenReader::give(Token::Kind kind, std::size_t end) {
    ready_.insert(ready_.begin(), {kind, text_.substr(at_, end - at_)});
    at_ = end;
    behind_token_ = true;
}

void TokenReader::take_other() {
    ++at_;
    // The other bytes of a character.
    while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xC0) == 0x80) ++at_;
    behind_token_ = false;
}

/// What begins with a mark: a signed number, a file, or markup, which is passed over.
bool TokenReader::take_mark(char c) {
    std::size_t end = none;
    if (c == '<') end = tag_end(at_);
    if (c == '&') end = entity_end(at_);
    if (end != none) {
        const auto markup = text_.substr(at_, end - at_);
        at_ = end;
        behind_token_ = true;
        if (letters::starts_with_word(markup, "<script") ||
            letters::starts_with_word(markup, "<style")) {
            skip_script();
        }
        return true;
    }
    if (c == '-' || c == '+') end = signed_number_end(at_);
    if (c == '/') end = file_end(at_);
    if ((c == '~' || c == '.') && behind_token_) end = path_start_end(at_);
    if (end == none) return false;
    give(Token::Kind::Plain, end);
    return true;
}

/// Up to the tag that ends a script or a style sheet, whichever comes first.
void TokenReader::skip_script() {
    for (; at_ < text_.size(); ++at_) {
        const auto rest = text_.substr(at_);
        if (letters::starts_with_word(rest, "</script") ||
            letters::starts_with_word(rest, "</style"))
            return;
    }
}

/// What begins with a letter or a digit.
void TokenReader::take_word() {
    if (is_digit(text_[at_])) {
        const std::size_t digits = digits_end(at_);
        if (const auto end = exponent_end(digits); end != none)
            return give(Token::Kind::Plain, end);
    }
    if (is_alnum(text_[at_]) && at_ >= addresses_known_) {
        const std::size_t run = run_end(at_);
        if (take_address(run)) return;
        addresses_known_ = run;
    }
    bool plain = false;
    const std::size_t end = word_end(at_, plain);
    if (const auto number = number_end(at_); number != none && number >= end)
        return give(Token::Kind::Plain, number);
    const bool ascii = std::all_of(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                   text_.begin() + static_cast<std::ptrdiff_t>(end), is_alnum);
    if (ascii && !plain && text_.substr(end).starts_with("://")) {
        at_ = end + 3;
        behind_token_ = true;
        return;
    }
    const bool only_digits = digits_end(at_) == end;
    const bool file =
        (at(end) == '/' || (at(end) == '.' && is_name(at(end + 1)) && !only_digits)) &&
        (ascii || plain);
    if (file) {
        if (const auto last = file_end(end); last != none) return give(Token::Kind::Plain, last);
    }
    if (at(end) == '-' && !only_digits && take_hyphenated(end, plain)) return;
    give(plain ? Token::Kind::Plain : Token::Kind::Word, end);
}

/// E-mail addresses, hosts and URLs, which all begin with labels like `a-b.c_d`.
bool TokenReader::take_address(std::size_t run) {
    if (const auto end = email_end(run); end != none) {
        give(Token::Kind::Plain, end);
        return true;
    }
    const std::size_t host = host_end(at_, run);
    if (host == none) return false;
    if (at(host) != '/' || !is_url_character(at(host + 1))) {
        give(Token::Kind::Plain, host);
        return true;
    }
    std::size_t end = host;
    while (end < text_.size() && is_url_character(text_[end])) ++end;
    const auto url = text_.substr(at_, end - at_);
    const std::size_t host_size = host - at_;
    give(Token::Kind::Plain, end);
    ready_ = {{Token::Kind::Plain, url.substr(host_size)},
              {Token::Kind::Plain, url.substr(0, host_size)},
              {Token::Kind::Plain, url}};
    return true;
}

/// A compound of groups that each hold a letter, and then its parts.
bool TokenReader::take_hyphenated(std::size_t first_end, bool first_plain) {
    const auto kind_of = [](bool plain) { return plain ? Token::Kind::Plain : Token::Kind::Word; };
    std::vector<Token> parts = {{kind_of(first_plain), text_.substr(at_, first_end - at_)}};
    bool any_plain = first_plain;
    std::size_t end = first_end;
    while (at(end) == '-') {
        bool plain = false;
        const std::size_t group = word_end(end + 1, plain);
        if (group == end + 1 || digits_end(end + 1) == group) break;
        parts.push_back({kind_of(plain), text_.substr(end + 1, group - end - 1)});
        any_plain = any_plain || plain;
        end = group;
    }
    if (parts.size() == 1) return false;
    const Token whole{kind_of(any_plain), text_.substr(at_, end - at_)};
    ready_.assign(parts.rbegin(), parts.rend());
    ready_.push_back(whole);
    at_ = end;
    behind_token_ = true;
    if (at(at_) == '-') take_other();  // belongs to the compound that it does not continue
    return true;
}

/// Letters and digits of any script; `plain` when there is a digit among them.
std::size_t TokenReader::word_end(std::size_t from, bool& plain) const {
    std::size_t end = from;
    while (end < text_.size()) {
        const std::size_t length =
            is_alnum(text_[end]) ? 1 : letters::length_of_letter(text_.substr(end));
        const bool starts = end == from;
        const std::size_t mark =
            length == 0 && !starts ? letters::length_of_mark(text_.substr(end)) : 0;
        if (length + mark == 0) break;
        plain = plain || is_digit(text_[end]);
        end += length + mark;
    }
    return end;
}

std::size_t TokenReader::digits_end(std::size_t from) const {
    while (is_digit(at(from))) ++from;
    return from;
}

/// `e5`, `E-5` behind digits.
std::size_t TokenReader::exponent_end(std::size_t from) const {
    if (at(from) != 'e' && at(from) != 'E') return none;
    ++from;
    if (at(from) == '-' || at(from) == '+') ++from;
    const std::size_t end = digits_end(from);
    return end == from ? none : end;
}

/// `12`, `1.5`, `1.5e3`, `1.2.3`; none for what begins with no digit, or goes on with a letter.
std::size_t TokenReader::number_end(std::size_t from) const {
    std::size_t end = digits_end(from);
    if (end == from) return none;
    int points = 0;
    while (at(end) == '.' && is_digit(at(end + 1))) {
        end = digits_end(end + 1);
        ++points;
    }
    if (points == 0) {
        bool plain = false;
        const bool alone = word_end(from, plain) == end && at(end) != '/';
        return alone ? end : none;
    }
    const auto exponent = points == 1 ? exponent_end(end) : none;
    return exponent == none ? end : exponent;
}

std::size_t TokenReader::signed_number_end(std::size_t from) const {
    const std::size_t end = digits_end(from + 1);
    if (end == from + 1) return none;
    if (at(end) != '.' || !is_digit(at(end + 1))) {
        const auto exponent = exponent_end(end);
        return exponent == none ? end : exponent;
    }
    const std::size_t fraction = digits_end(end + 1);
    if (at(fraction) == '.' && is_digit(at(fraction + 1))) return none;  // a version has no sign
    const auto exponent = exponent_end(fraction);
    return exponent == none ? fraction : exponent;
}

/// Labels of letters and digits, one of `-_.` between each.
std::size_t TokenReader::run_end(std::size_t from) const {
    while (true) {
        while (is_alnum(at(from))) ++from;
        const char c = at(from);
        if ((c != '-' && c != '_' && c != '.') || !is_alnum(at(from + 1))) return from;
        ++from;
    }
}

/// The longest beginning of the run whose last label stands behind a point and is of two or more
/// letters; then a port.
std::size_t TokenReader::host_end(std::size_t from, std::size_t run) const {
    std::size_t end = run;
    while (end > from) {
        std::size_t label = end;
        while (label > from && is_letter(text_[label - 1])) --label;
        if (label > from && text_[label - 1] == '.' && end - label >= 2) break;
        while (label > from && is_alnum(text_[label - 1])) --label;
        end = label > from ? label - 1 : from;
    }
    if (end == from) return none;
    if (at(end) != ':' || !is_digit(at(end + 1))) return end;
    return digits_end(end + 1);
}

std::size_t TokenReader::email_end(std::size_t run) const {
    if (at(run) != '@' || !is_alnum(at(run + 1))) return none;
    return host_end(run + 1, run_end(run + 1));
}

/// Goes on from a slash or point behind the file's beginning.
std::size_t TokenReader::file_end(std::size_t from) const {
    std::size_t end = from;
    while (end < text_.size()) {
        const char c = text_[end], after = at(end + 1), third = at(end + 2);
        const bool goes_on = is_name(c) || (c == '-' && end > from);
        const bool point = c == '.' && is_name(after);
        const bool slash = c == '/' && (is_name(after) || (after == '~' && is_name(third)) ||
                                        (after == '.' && is_name(third)) ||
                                        (after == '.' && third == '/' && is_name(at(end + 3))));
        const bool up = c == '/' && after == '.' && third == '.' &&
                        (end + 3 >= text_.size() || at(end + 3) == '/' || is_blank(at(end + 3)));
        if (up)
            end += 3;
        else if (slash)
            end += 2;
        else if (goes_on || point)
            end += 1;
        else
            break;
    }
    return end == from ? none : end;
}

/// `~/file`, `~name`, `./file`, `../file`, `..`.
std::size_t TokenReader::path_start_end(std::size_t from) const {
    const char after = at(from + 1);
    if (at(from) == '~') return after == '/' || is_name(after) ? file_end(from + 1) : none;
    if (after == '/') return file_end(from + 1);
    if (after != '.') return none;
    const bool alone = from + 2 >= text_.size() || is_blank(at(from + 2));
    if (alone) return from + 2;
    if (at(from + 2) != '/') return none;
    const auto end = file_end(from + 2);
    return end == none ? from + 2 : end;
}

}  // namespace dunlin::full_text
