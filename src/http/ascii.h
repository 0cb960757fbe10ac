#pragma once

#include <string_view>

/// The letters and words of RFC 9110. Pure.
namespace dunlin::http {

bool equal_ignoring_case(std::string_view left, std::string_view right);

/// Without blanks and tabs around it.
std::string_view trim(std::string_view text);

/// RFC 9110 section 5.6.2: methods and names of fields.
bool is_token(std::string_view text);

/// Visible characters, blanks and tabs (section 5.5); above all no CR, LF or NUL.
bool is_field_value(std::string_view text);

/// Whether a comma-separated list has the token; parameters after ';' are ignored, but for `q=0`,
/// which means "not this one" (section 12.4.2).
bool contains_token(std::string_view list, std::string_view token);

}  // namespace dunlin::http
