#pragma once

#include <span>

#include "core/built_in_migration.h"

namespace dunlin::realtime {

/// The schema `realtime`: stored broadcasts, the policies of private channels, and the functions
/// that broadcast from SQL. In the order in which the files are applied (src/realtime/migrations).
std::span<const BuiltInMigration> migrations();

}  // namespace dunlin::realtime
