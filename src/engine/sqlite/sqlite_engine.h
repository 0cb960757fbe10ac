#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "core/clock.h"
#include "core/limits.h"
#include "engine/engine.h"

namespace dunlin::engine {

struct SqliteOptions {
    std::filesystem::path file;
    std::size_t readers = 2;
    const Clock* clock = nullptr;        // borrowed
    CommitObserver* observer = nullptr;  // borrowed; may be null
    StatementTimeouts statement_timeouts{};
    // Other than the defaults in tests only.
    std::size_t result_bytes_max = limits::result_bytes_max;
    std::size_t queue_units_max = limits::write_queue_units_max;  // of each queue
    std::size_t checkpoint_bytes = limits::wal_checkpoint_bytes;
};

/// Largest text, blob or row a client may store: an update is logged with both images in one piece
/// that has to pass limits::result_bytes_max again.
constexpr std::size_t row_bytes_max = 28 * 1024 * 1024;

/// Opens or creates the database file: WAL, synchronous=FULL, one writer thread, a pool of readers.
/// No other process may write to it: its changes would not be captured.
/// Fails with Unavailable when the file cannot be opened, is not a database or fails its quick
/// check.
Result<std::unique_ptr<Engine>> open_sqlite(SqliteOptions options);

}  // namespace dunlin::engine
