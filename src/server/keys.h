#pragma once

#include "auth/project_keys.h"
#include "core/result.h"
#include "server/settings.h"

namespace dunlin::server {

/// The keys a project runs with: the well-known ones in development, its own otherwise (created on
/// first use in the data folder).
Result<auth::ProjectKeys> project_keys(const Settings& settings);

}  // namespace dunlin::server
