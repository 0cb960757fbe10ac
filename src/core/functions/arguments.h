#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/functions.h"

/// What the files of this folder share.
namespace dunlin::functions {

using Arguments = std::span<const Value>;
using Outcome = Result<Value>;

/// Most of PostgreSQL's functions are strict: NULL in, NULL out.
bool any_null(Arguments arguments);

/// The text of a text argument; other storage classes are bugs of the translator, answered with "".
std::string_view text_of(const Value& value);

/// Lower case of every letter, as lower() and ILIKE have it.
std::string lower_text(std::string_view text);

/// The entries of each file, joined in functions.cpp.
std::span<const ScalarFunction> claim_functions();
std::span<const ScalarFunction> text_functions();
std::span<const ScalarFunction> password_functions();
std::span<const ScalarFunction> pattern_functions();
std::span<const ScalarFunction> json_functions();
std::span<const ScalarFunction> json_build_functions();
std::span<const ScalarFunction> number_functions();
std::span<const ScalarFunction> array_functions();
std::span<const ScalarFunction> time_functions();
std::span<const ScalarFunction> full_text_functions();
std::span<const ScalarFunction> interval_functions();
std::span<const ScalarFunction> range_functions();
std::span<const ScalarFunction> cast_functions();
std::span<const ScalarFunction> aggregate_functions();
std::span<const ScalarFunction> array_edit_functions();
std::span<const ScalarFunction> byte_functions();
std::span<const ScalarFunction> format_number_functions();
std::span<const ScalarFunction> format_time_functions();
std::span<const ScalarFunction> json_edit_functions();
std::span<const ScalarFunction> make_time_functions();
std::span<const ScalarFunction> read_time_functions();
std::span<const ScalarFunction> real_number_functions();
std::span<const ScalarFunction> regexp_functions();
std::span<const ScalarFunction> row_functions();
std::span<const ScalarFunction> text_edit_functions();

}  // namespace dunlin::functions
