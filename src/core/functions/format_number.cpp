// to_char() of numbers. A picture has one place for each digit; where the places go beyond the
// number there are blanks or zeros.
#include <fmt/format.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdlib>

#include "core/codec.h"
#include "core/functions/arguments.h"
#include "core/functions/characters.h"
#include "core/functions/number_picture.h"

namespace dunlin::functions {

namespace {

using Kind = NumberPart::Kind;

class Printer {
public:
    Printer(const NumberPicture& picture, bool negative, std::string_view digits)
        : picture_(picture), negative_(negative) {
        const auto whole = static_cast<int>(std::min(digits.find('.'), digits.size()));
        digits_ = digits;
        overflown_ = picture.before < whole;
        if (overflown_) {
            digits_.assign(static_cast<std::size_t>(picture.before + picture.after + 1), '#');
            digits_[static_cast<std::size_t>(picture.before)] = '.';
        }
        blanks_ = std::max(picture.before - whole, 0);
        zeros_from_ = picture.zero ? picture.first_zero - 1 : INT32_MAX;
        choose_sign();
        choose_last();
        last_place_ = picture.after + picture.before - 1;
        if (!sign_done_ && blanks_ == 0) ++last_place_;
    }

    std::string print() {
        for (const NumberPart& part : picture_.parts) print_part(part);
        return out_.substr(0, end_);
    }

private:
    void choose_sign() {
        const bool own_parts = picture_.has_minus || picture_.has_plus;
        brackets_ = picture_.brackets && (negative_ || !picture_.fill);
        sign_place_ = picture_.sign;
        if (own_parts) {
            sign_done_ = picture_.has_minus;
            return;
        }
        sign_done_ = !negative_ && picture_.fill && sign_place_ == SignPlace::None;
        // An S behind all digits before the point stands at the end.
        if (sign_place_ == SignPlace::Front && picture_.before == picture_.digits_before_sign)
            sign_place_ = SignPlace::Back;
    }

    /// FM drops the zeros at the end, except for those that a 0 stands for.
    void choose_last() {
        const auto point = digits_.find('.');
        if (!picture_.fill || !picture_.point || point == digits_.npos) return;
        cuts_ = true;
        last_ = std::max(digits_.find_last_not_of('0'), point);
        if (picture_.last_zero <= blanks_) return;
        const auto kept =
            std::min(digits_.size() - 1, static_cast<std::size_t>(picture_.last_zero - blanks_));
        last_ = std::max(last_, kept);
    }

    bool ends_at_point() const { return cuts_ && digits_[last_] == '.'; }

    /// `0.1` under `9.9` has a blank for its 0.
    bool is_blank_zero() const {
        return !picture_.zero && at_ == 0 && digits_.starts_with('0') && picture_.after != 0;
    }

    void print_part(const NumberPart& part) {
        switch (part.kind) {
            case Kind::Digit:
            case Kind::Zero:
            case Kind::Point:
                return print_place(part.kind);
            case Kind::Group:
                if (inside_)
                    out_.push_back(',');
                else if (!picture_.fill)
                    out_.push_back(' ');
                return;
            case Kind::Currency:
                out_.push_back(' ');
                return;
            case Kind::Minus:
                if (negative_)
                    out_.push_back('-');
                else if (!picture_.fill)
                    out_.push_back(' ');
                return;
            case Kind::Plus:
                if (!negative_)
                    out_.push_back('+');
                else if (!picture_.fill)
                    out_.push_back(' ');
                return;
            case Kind::Sign:
                out_.push_back(negative_ ? '-' : '+');
                return;
            case Kind::Ordinal:
            case Kind::OrdinalUp:
                return print_ordinal(part.kind == Kind::OrdinalUp);
            default:
                out_ += part.text;
        }
    }

    void print_ordinal(bool upper) {
        if (overflown_ || negative_ || picture_.point) return;
        const bool teen = digits_.size() > 1 && digits_[digits_.size() - 2] == '1';
        const char last = teen ? '0' : digits_.back();
        const std::string_view ending = last == '1'   ? "st"
                                        : last == '2' ? "nd"
                                        : last == '3' ? "rd"
                                                      : "th";
        for (const char c : ending) out_.push_back(upper ? static_cast<char>(c & ~0x20) : c);
    }

    void print_sign() {
        if (picture_.sign != SignPlace::None) {
            if (sign_place_ != SignPlace::Front) return;
            out_.push_back(negative_ ? '-' : '+');
        } else if (brackets_) {
            out_.push_back(negative_ ? '<' : ' ');
        } else if (negative_) {
            out_.push_back('-');
        } else if (!picture_.fill) {
            out_.push_back(' ');
        }
        sign_done_ = true;
    }

    void print_place(Kind kind) {
        inside_ = false;
        const bool begins = place_ >= blanks_ || zeros_from_ == place_;
        if (!sign_done_ && begins && (!is_blank_zero() || ends_at_point())) print_sign();
        if (place_ < blanks_ && place_ < zeros_from_) {
            if (!picture_.fill) out_.push_back(' ');
        } else if (place_ < blanks_) {
            out_.push_back('0');
            inside_ = true;
        } else {
            print_digit(kind);
        }
        int end = last_place_ + (blanks_ > 0 ? 1 : 0) + (picture_.point ? 1 : 0);
        if (cuts_ && last_ == at_) end = place_;
        if (place_ + 1 == end) print_end();
        ++place_;
    }

    void print_digit(Kind kind) {
        const char c = at_ < digits_.size() ? digits_[at_] : '\0';
        if (c == '.') {
            if (!ends_at_point() || picture_.fill) out_.push_back('.');
        } else if (cuts_ && at_ > last_ && kind != Kind::Zero) {
            // dropped
        } else if (is_blank_zero()) {
            if (!picture_.fill)
                out_.push_back(' ');
            else if (ends_at_point())
                out_.push_back('0');
        } else {
            // A place without a digit, such as a point at the end: PostgreSQL's text ends there.
            if (c == '\0')
                end_ = std::min(end_, out_.size());
            else
                out_.push_back(c);
            inside_ = true;
        }
        if (c != '\0') ++at_;
    }

    void print_end() {
        if (sign_done_ && brackets_)
            out_.push_back(negative_ ? '>' : ' ');
        else if (sign_place_ == SignPlace::Back)
            out_.push_back(negative_ ? '-' : '+');
    }

    const NumberPicture& picture_;
    bool negative_;
    std::string digits_;
    bool overflown_ = false;
    int blanks_ = 0;  // places before the first digit
    int zeros_from_ = 0;
    bool brackets_ = false;
    SignPlace sign_place_ = SignPlace::None;
    bool sign_done_ = false;
    bool cuts_ = false;
    std::size_t last_ = 0;  // the last digit that counts, when the end is cut
    int last_place_ = 0;
    int place_ = 0;
    std::size_t at_ = 0;
    bool inside_ = false;  // behind a digit, where a group may end
    std::string out_;
    std::size_t end_ = std::string::npos;
};

Outcome printed(const NumberPicture& picture, std::string_view number) {
    const bool negative = number.starts_with('-');
    std::string out = print_number(picture, negative, number.substr(negative ? 1 : 0));
    if (auto fits = require_text_size(out.size()); !fits) return std::unexpected(fits.error());
    return Value(std::move(out));
}

constexpr int digits_most = 1000;  // of a numeric, on either side of the point

Result<NumberPicture> picture_of(const Value& text) {
    auto picture = parse_number_picture(text_of(text));
    if (picture && std::max(picture->before, picture->after) > digits_most)
        return std::unexpected(sql_error("54000", "a format has at most 1000 digits"));
    return picture;
}

Outcome pg_to_char_numeric(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto picture = picture_of(a[1]);
    if (!picture) return std::unexpected(picture.error());
    const std::string number =
        a[0].is_integer() ? std::to_string(a[0].integer()) : std::string(text_of(a[0]));
    if (number == "NaN" || number.ends_with("Infinity"))
        return std::unexpected(sql_error("0A000", "to_char() of " + number + " is not supported"));
    const Type rounded{
        .kind = TypeKind::Numeric, .precision = 2 * digits_most, .scale = picture->after};
    const auto value = codec::parse_text(rounded, number);
    if (!value) return std::unexpected(value.error());
    return printed(*picture, value->text());
}

/// Of as many digits as a double has.
template <int digits_of_type>
Outcome to_char_real(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto picture = picture_of(a[1]);
    if (!picture) return std::unexpected(picture.error());
    const double number = a[0].is_real() ? a[0].real() : 0;
    if (std::isinf(number))
        return std::unexpected(sql_error("0A000", "to_char() of infinity is not supported"));
    const auto whole = static_cast<int>(fmt::format("{:.0f}", std::fabs(number)).size());
    if (whole >= digits_of_type)
        picture->after = 0;
    else
        picture->after = std::min(picture->after, digits_of_type - whole);
    return printed(*picture, fmt::format("{:.{}f}", number, picture->after));
}

constexpr ScalarFunction entries[] = {
    {"pg_to_char_float4", 2, 2, true, to_char_real<FLT_DIG>},
    {"pg_to_char_float8", 2, 2, true, to_char_real<DBL_DIG>},
    {"pg_to_char_numeric", 2, 2, true, pg_to_char_numeric},
};

}  // namespace

std::string print_number(const NumberPicture& picture, bool negative, std::string_view digits) {
    return Printer(picture, negative, digits).print();
}

std::span<const ScalarFunction> format_number_functions() {
    return entries;
}

}  // namespace dunlin::functions
