#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/type.h"
#include "core/value.h"

/// Arrays in their stored form, JSON text, without losing a digit of what they hold.
namespace dunlin::functions {

/// The JSON text of each element, or of each member of an object; borrowed from `array`.
std::vector<std::string_view> split_array(std::string_view array);
/// The stored form of elements that are JSON already.
std::string join_array(const std::vector<std::string>& elements);

/// An element as a value of its type, NULL for `null`.
Result<Value> element_value(const Type& element, std::string_view json);
std::string element_json(const Type& element, const Value& value);

}  // namespace dunlin::functions
