#pragma once

#include <memory>
#include <string>

#include "auth/project_keys.h"
#include "auth/signing_keys.h"
#include "core/clock.h"
#include "core/result.h"
#include "server/settings.h"

namespace dunlin::server {

/// The keys a project runs with: the well-known ones in development, its own otherwise (created on
/// first use in the data folder).
Result<auth::ProjectKeys> project_keys(const Settings& settings);

/// The key pairs that sign its tokens, as its data folder holds them. `clock` is borrowed.
Result<std::unique_ptr<auth::SigningKeys>> load_signing_keys(const Settings& settings,
                                                             std::string secret,
                                                             const Clock& clock);

}  // namespace dunlin::server
