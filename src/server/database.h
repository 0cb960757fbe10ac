#pragma once

#include <memory>

#include "changes/change_log.h"
#include "core/clock.h"
#include "engine/engine.h"
#include "server/migrator.h"
#include "server/settings.h"

namespace dunlin::server {

/// The open database of a project with its log, before anything is served from it.
struct Database {
    std::unique_ptr<changes::ChangeLog> log;
    std::unique_ptr<engine::Engine> engine;  // after the log: it stops first and borrows it

    /// Opens or creates DATA/dunlin.db. `clock` is borrowed.
    static Result<Database> open(const Settings& settings, const Clock& clock);
};

}  // namespace dunlin::server
