#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

/// The format of to_char() for numbers: PostgreSQL's "Template Patterns for Numeric Formatting".
namespace dunlin::functions {

struct NumberPart {
    enum class Kind : std::uint8_t {
        Digit,      // 9
        Zero,       // 0
        Point,      // . D
        Group,      // , G
        Currency,   // L
        Minus,      // MI
        Plus,       // PL
        Sign,       // SG
        OrdinalUp,  // TH
        Ordinal,    // th
        Text,
        None,  // S, PR, FM: what they ask for is in the picture
    };
    Kind kind = Kind::Text;
    std::string text{};
};

enum class SignPlace : std::uint8_t { None, Front, Back };

struct NumberPicture {
    std::vector<NumberPart> parts;
    int before = 0;  // digits before the point, and behind it
    int after = 0;
    int first_zero = 0;  // place of the first 0 before the point, counted from 1
    int last_zero = 0;
    bool zero = false;  // there is a 0 before the point
    bool point = false;
    bool fill = false;                 // FM
    bool brackets = false;             // PR
    bool has_minus = false;            // MI or SG
    bool has_plus = false;             // PL or SG
    SignPlace sign = SignPlace::None;  // of S
    int digits_before_sign = 0;
};

/// Fails with 42601 for parts that do not go together, 0A000 for RN, V, EEEE, B, C and SP,
/// 54000 for more than limits::format_bytes_max.
Result<NumberPicture> parse_number_picture(std::string_view picture);

/// The digits of a number, `12.50`, that was rounded to picture.after digits behind the point.
std::string print_number(const NumberPicture& picture, bool negative, std::string_view digits);

}  // namespace dunlin::functions
