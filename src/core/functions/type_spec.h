#pragma once

#include <string>
#include <string_view>

#include "core/type.h"

namespace dunlin::functions {

/// A type as an argument of pg_cast and the array functions: "int8", "_text", "numeric(10,2)",
/// "varchar(5)". An enum is "text": its labels are checked where it is stored.
std::string type_spec(const Type& type);
Type parse_type_spec(std::string_view spec);

}  // namespace dunlin::functions
