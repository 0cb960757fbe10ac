#include "core/decimal.h"

#include <algorithm>

namespace dunlin {

namespace {

/// In the order of the values.
enum class Class { NegativeInfinity, Finite, Infinity, NotANumber, NoDecimal };

/// A decimal taken apart: no leading zeros before the point, no trailing ones after it.
struct Decimal {
    Class kind = Class::NoDecimal;
    int sign = 0;  // of a finite one: -1, 0, 1
    std::string_view whole{};
    std::string_view fraction{};
};

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Class class_of_word(std::string_view text) {
    if (text == "NaN") return Class::NotANumber;
    if (text == "Infinity") return Class::Infinity;
    if (text == "-Infinity") return Class::NegativeInfinity;
    return Class::NoDecimal;
}

Decimal take_apart(std::string_view text) {
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    const auto point = rest.find('.');
    Decimal decimal;
    decimal.whole = rest.substr(0, point);
    if (point != std::string_view::npos) decimal.fraction = rest.substr(point + 1);
    const bool empty = decimal.whole.empty() && decimal.fraction.empty();
    if (empty || !all_digits(decimal.whole) || !all_digits(decimal.fraction)) {
        return {.kind = class_of_word(text)};
    }
    while (decimal.whole.starts_with('0')) decimal.whole.remove_prefix(1);
    while (decimal.fraction.ends_with('0')) decimal.fraction.remove_suffix(1);
    decimal.kind = Class::Finite;
    const bool zero = decimal.whole.empty() && decimal.fraction.empty();
    decimal.sign = zero ? 0 : negative ? -1 : 1;
    return decimal;
}

template <typename Ordered>
int order(const Ordered& left, const Ordered& right) {
    return left < right ? -1 : right < left ? 1 : 0;
}

int compare_magnitudes(const Decimal& left, const Decimal& right) {
    if (const int by_length = order(left.whole.size(), right.whole.size())) return by_length;
    if (const int by_whole = left.whole.compare(right.whole)) return by_whole < 0 ? -1 : 1;
    return order(left.fraction, right.fraction);
}

}  // namespace

int compare_decimal(std::string_view left, std::string_view right) {
    const Decimal first = take_apart(left);
    const Decimal second = take_apart(right);
    if (const int by_kind = order(first.kind, second.kind)) return by_kind;
    if (first.kind == Class::NoDecimal) return order(left, right);
    if (first.kind != Class::Finite) return 0;
    if (const int by_sign = order(first.sign, second.sign)) return by_sign;
    return first.sign * compare_magnitudes(first, second);
}

}  // namespace dunlin
