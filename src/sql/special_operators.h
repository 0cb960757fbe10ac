#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/analyzer.h"

/// Operators and functions of the types whose meaning is in functions of core: ranges and text
/// search. Each gives nothing for a name or types that are not its own.
namespace dunlin::sql {

bool is_range(const Type& type);

/// @> <@ && << >> &< &> -|- + * -
std::optional<Parsed<Expression>> range_operation(const std::string& name, const Expression& left,
                                                  const Expression& right, int location);
/// lower, upper, isempty ..., range_merge, and int4range() with its kin.
std::optional<Parsed<Expression>> range_function(const std::string& name,
                                                 const std::vector<Expression>& arguments,
                                                 int location);

/// to_tsvector, to_tsquery and its kin, ts_rank, setweight, strip, length.
std::optional<Parsed<Expression>> search_function(const std::string& name,
                                                  const std::vector<Expression>& arguments,
                                                  int location);
/// @@ || && <->
std::optional<Parsed<Expression>> search_operation(const std::string& name, const Expression& left,
                                                   const Expression& right, int location);

}  // namespace dunlin::sql
