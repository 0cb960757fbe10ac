#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "core/schema.h"

namespace dunlin::server {

/// The TypeScript type `Database` of `schemas` (the first is the default one), in the form that
/// supabase-js takes for its type argument: tables with Row, Insert, Update and Relationships,
/// views, functions, enums, and the helpers `Tables<>` and so on. Fails with NotFound for a schema
/// that has nothing in it, unless it is `public`. Pure.
Result<std::string> typescript_types(const Schema& schema, const std::vector<std::string>& schemas);

}  // namespace dunlin::server
