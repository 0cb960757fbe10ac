#pragma once

#include <memory>

#include "core/clock.h"
#include "engine/engine.h"
#include "policy/access_rules.h"
#include "server/settings.h"

namespace dunlin::server {

/// A project's database and rules for a look, also while a server runs on it. Only the migrations
/// that were applied count.
struct ReadonlyProject {
    std::unique_ptr<engine::Engine> engine;
    std::shared_ptr<const policy::AccessRules> rules;
};

/// Fails with NotFound when there is no database yet. `clock` is borrowed.
Result<ReadonlyProject> open_readonly(const Settings& settings, const Clock& clock);

}  // namespace dunlin::server
