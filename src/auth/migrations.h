#pragma once

#include <span>

#include "core/built_in_migration.h"

namespace dunlin::auth {

/// The schema `auth`, in the order in which the files are applied (src/auth/migrations).
std::span<const BuiltInMigration> migrations();

}  // namespace dunlin::auth
