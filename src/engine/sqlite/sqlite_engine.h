#pragma once

#include <filesystem>
#include <memory>

#include "core/clock.h"
#include "engine/engine.h"

namespace dunlin::engine {

struct SqliteOptions {
    std::filesystem::path file;
    std::size_t readers = 2;
    const Clock* clock = nullptr;          // borrowed
    CommitObserver* observer = nullptr;    // borrowed; may be null
};

/// Opens or creates the database file: WAL, synchronous=FULL, one writer thread, a pool of readers.
/// Fails with Unavailable when the file cannot be opened, is not a database or fails its quick check.
Result<std::unique_ptr<Engine>> open_sqlite(SqliteOptions options);

}  // namespace dunlin::engine
