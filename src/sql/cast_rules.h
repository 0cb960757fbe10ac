#pragma once

#include "core/type.h"

/// Which types PostgreSQL converts into which (pg_cast), cut down to the types of core/type.h.
namespace dunlin::sql {

bool is_integer(const Type& type);
bool is_number(const Type& type);
bool is_text(const Type& type);
bool is_instant(const Type& type);  // timestamp, timestamptz
bool is_scalar(const Type& type, TypeKind kind);
bool is_float(const Type& type);
bool is_json(const Type& type);

/// Values of both types are stored alike, so that no conversion is needed.
bool same_storage(const Type& from, const Type& to);
/// int2, int4, int8, numeric, float4, float8: numbers convert towards the higher by themselves.
int number_rank(const Type& type);
bool converts_implicitly(const Type& from, const Type& to);
/// What a column takes without a cast: also narrower numbers, checked at run time, and text from
/// all.
bool converts_by_assignment(const Type& from, const Type& to);
bool converts_explicitly(const Type& from, const Type& to);

}  // namespace dunlin::sql
