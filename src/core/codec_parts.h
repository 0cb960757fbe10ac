#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/type.h"
#include "core/value.h"

/// What the files of the codec share. Others include core/codec.h.
namespace dunlin::codec {

/// The name of `type` in PostgreSQL's syntax errors ("timestamp", where format_type() says more).
std::string input_type_name(const Type& type);

/// 22P02 `invalid input syntax for type uuid: "x"`.
Error invalid_syntax(std::string_view type_name, std::string_view text);

/// The text without PostgreSQL's white space at both ends.
std::string_view trim(std::string_view text);

/// Fails with 22021 for a NUL and for bytes that are not UTF-8.
Result<void> check_text(std::string_view text);
/// Characters of valid UTF-8.
std::size_t character_count(std::string_view text);

/// The type of an array's elements.
Type element_type(const Type& array);

/// A decimal without exponent, rounded to the type's scale. Fails with 22P02 and 22003.
Result<std::string> parse_numeric(const Type& type, std::string_view text);

/// Shortest text that reads back as the same number, in PostgreSQL's form.
std::string print_float8(double number);
std::string print_float4(float number);

/// Fails with 22P02 `malformed array literal: "x"`. The result is a JSON array's text.
Result<Value> parse_array(const Type& type, std::string_view text);
/// As above from a JSON array. Inner arrays are dimensions, except in json[] and jsonb[].
Result<Value> array_from_json(const Type& type, std::string_view json);
std::string array_to_text(const Type& type, std::string_view json);
int compare_arrays(const Type& type, std::string_view left, std::string_view right);

Result<Value> parse_bytea(std::string_view text);
std::string print_bytea(std::string_view bytes);

}  // namespace dunlin::codec
