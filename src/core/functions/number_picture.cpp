#include "core/functions/number_picture.h"

#include <cctype>

#include "core/error.h"
#include "core/limits.h"

namespace dunlin::functions {

namespace {

enum class Letter : std::uint8_t {
    Comma,
    Point,
    Zero,
    Digit,
    Blank,
    CurrencyCode,
    LocalPoint,
    Exponent,
    Fill,
    LocalGroup,
    Currency,
    Minus,
    Plus,
    Brackets,
    Roman,
    SignOnly,
    Spelled,
    Sign,
    OrdinalUp,
    Ordinal,
    Shift,
    None,
};

struct Word {
    std::string_view name;
    Letter letter;
};

/// A longer name stands before those that it begins with; all but TH also exist in lower case.
constexpr Word words[] = {
    {",", Letter::Comma},      {".", Letter::Point},       {"0", Letter::Zero},
    {"9", Letter::Digit},      {"B", Letter::Blank},       {"C", Letter::CurrencyCode},
    {"D", Letter::LocalPoint}, {"EEEE", Letter::Exponent}, {"FM", Letter::Fill},
    {"G", Letter::LocalGroup}, {"L", Letter::Currency},    {"MI", Letter::Minus},
    {"PL", Letter::Plus},      {"PR", Letter::Brackets},   {"RN", Letter::Roman},
    {"SG", Letter::SignOnly},  {"SP", Letter::Spelled},    {"S", Letter::Sign},
    {"TH", Letter::OrdinalUp}, {"th", Letter::Ordinal},    {"V", Letter::Shift},
};

bool begins(std::string_view text, std::string_view name) {
    if (text.starts_with(name)) return true;
    if (text.size() < name.size() || name == "TH" || name == "th") return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (text[i] != std::tolower(static_cast<unsigned char>(name[i]))) return false;
    }
    return true;
}

Letter take_word(std::string_view& rest) {
    for (const Word& word : words) {
        if (!begins(rest, word.name)) continue;
        rest.remove_prefix(word.name.size());
        return word.letter;
    }
    return Letter::None;
}

std::unexpected<Error> wrong(std::string message) {
    return std::unexpected(sql_error("42601", std::move(message)));
}

std::unexpected<Error> not_with(std::string_view one, std::string_view others) {
    return wrong("cannot use \"" + std::string(one) + "\" and " + std::string(others) +
                 " together");
}

Result<void> add_digit(NumberPicture& picture, bool zero) {
    if (picture.brackets)
        return wrong(std::string("\"") + (zero ? "0" : "9") + "\" must be ahead of \"PR\"");
    if (zero && !picture.zero && !picture.point) {
        picture.zero = true;
        picture.first_zero = picture.before + 1;
    }
    ++(picture.point ? picture.after : picture.before);
    if (zero) picture.last_zero = picture.before + picture.after;
    picture.parts.push_back({zero ? NumberPart::Kind::Zero : NumberPart::Kind::Digit});
    return {};
}

Result<void> add_point(NumberPicture& picture) {
    if (picture.point) return wrong("multiple decimal points");
    picture.point = true;
    picture.parts.push_back({NumberPart::Kind::Point});
    return {};
}

Result<void> add_sign(NumberPicture& picture) {
    if (picture.sign != SignPlace::None) return wrong("cannot use \"S\" twice");
    if (picture.has_minus || picture.has_plus || picture.brackets)
        return not_with("S", "\"PL\"/\"MI\"/\"SG\"/\"PR\"");
    picture.sign = picture.point ? SignPlace::Back : SignPlace::Front;
    picture.digits_before_sign = picture.before;
    return {};
}

Result<void> add_sign_part(NumberPicture& picture, Letter letter) {
    const std::string_view name = letter == Letter::Minus  ? "MI"
                                  : letter == Letter::Plus ? "PL"
                                                           : "SG";
    if (picture.sign != SignPlace::None)
        return wrong("cannot use \"S\" and \"" + std::string(name) + "\" together");
    picture.has_minus = picture.has_minus || letter != Letter::Plus;
    picture.has_plus = picture.has_plus || letter != Letter::Minus;
    picture.parts.push_back({letter == Letter::Minus  ? NumberPart::Kind::Minus
                             : letter == Letter::Plus ? NumberPart::Kind::Plus
                                                      : NumberPart::Kind::Sign});
    return {};
}

Result<void> add_brackets(NumberPicture& picture) {
    if (picture.sign != SignPlace::None || picture.has_minus || picture.has_plus)
        return not_with("PR", "\"S\"/\"PL\"/\"MI\"/\"SG\"");
    picture.brackets = true;
    return {};
}

Result<void> add(NumberPicture& picture, Letter letter) {
    switch (letter) {
        case Letter::Digit:
            return add_digit(picture, false);
        case Letter::Zero:
            return add_digit(picture, true);
        case Letter::Point:
        case Letter::LocalPoint:
            return add_point(picture);
        case Letter::Sign:
            return add_sign(picture);
        case Letter::Minus:
        case Letter::Plus:
        case Letter::SignOnly:
            return add_sign_part(picture, letter);
        case Letter::Brackets:
            return add_brackets(picture);
        case Letter::Fill:
            picture.fill = true;
            return {};
        case Letter::Comma:
        case Letter::LocalGroup:
            picture.parts.push_back({NumberPart::Kind::Group});
            return {};
        case Letter::Currency:
            picture.parts.push_back({NumberPart::Kind::Currency});
            return {};
        case Letter::Ordinal:
        case Letter::OrdinalUp:
            picture.parts.push_back({letter == Letter::Ordinal ? NumberPart::Kind::Ordinal
                                                               : NumberPart::Kind::OrdinalUp});
            return {};
        default:
            return std::unexpected(
                sql_error("0A000", "formats RN, V, EEEE, B, C and SP are not supported"));
    }
}

/// Text up to the closing quote; a backslash takes the next character as it is.
void take_quoted(std::string_view& rest, NumberPicture& picture) {
    std::string text;
    rest.remove_prefix(1);
    while (!rest.empty() && rest.front() != '"') {
        if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
        text.push_back(rest.front());
        rest.remove_prefix(1);
    }
    if (!rest.empty()) rest.remove_prefix(1);
    picture.parts.push_back({NumberPart::Kind::Text, std::move(text)});
}

}  // namespace

Result<NumberPicture> parse_number_picture(std::string_view picture) {
    if (picture.size() > limits::format_bytes_max)
        return std::unexpected(sql_error("54000", "a format is too long"));
    NumberPicture parsed;
    std::string_view rest = picture;
    while (!rest.empty()) {
        const Letter letter = take_word(rest);
        if (letter != Letter::None) {
            if (auto done = add(parsed, letter); !done) return std::unexpected(done.error());
        } else if (rest.front() == '"') {
            take_quoted(rest, parsed);
        } else {
            if (rest.starts_with("\\\"")) rest.remove_prefix(1);
            parsed.parts.push_back({NumberPart::Kind::Text, std::string(1, rest.front())});
            rest.remove_prefix(1);
        }
    }
    return parsed;
}

}  // namespace dunlin::functions
