#pragma once

#include "core/result.h"
#include "core/type.h"
#include "core/value.h"

namespace dunlin::query {

/// `value::to`, mostly by way of the text, as PostgreSQL's casts to and from text do. NULL stays
/// NULL. Fails with 22P02, 22003 and kin.
Result<Value> cast_value(const Type& from, const Type& to, const Value& value);

}  // namespace dunlin::query
