#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/analyzer.h"

/// Functions and operators whose types follow their arguments: arrays, and lists of any type.
namespace dunlin::sql {

/// Nothing for other names. Fails with 42883 when the types do not go together.
std::optional<Parsed<Expression>> array_function(const std::string& name,
                                                 const std::vector<Expression>& arguments,
                                                 int location);
/// Whether array_function() knows the name.
bool is_array_function(std::string_view name);

/// `array || array`, `array || element`, `element || array`; nothing when neither is an array.
std::optional<Parsed<Expression>> array_concatenation(const Expression& left,
                                                      const Expression& right, int location);

/// `array[n]`, `json['key']`. Fails with 42804 for other types.
Parsed<Expression> subscript(Expression value, Expression index, int location);
/// `array[first:last]`.
Parsed<Expression> slice(Expression array, Expression first, Expression last, int location);

}  // namespace dunlin::sql
