#pragma once

#include <atomic>
#include <memory>

#include "core/clock.h"
#include "engine/sqlite/connection.h"
#include "engine/sqlite/work_queue.h"

namespace dunlin::engine::sqlite {

/// A reading connection and its thread's work: one snapshot per unit, given up at the unit's end.
class Reader {
public:
    Reader(std::unique_ptr<Connection> connection, WorkQueue& queue, const Clock& clock,
           std::atomic<std::uint64_t>& reads)
        : connection_(std::move(connection)), queue_(queue), clock_(clock), reads_(reads) {}

    /// Serves the queue until it is stopped and empty.
    void run();

private:
    Result<void> run_unit(Unit& unit);

    std::unique_ptr<Connection> connection_;
    WorkQueue& queue_;
    const Clock& clock_;
    std::atomic<std::uint64_t>& reads_;
};

}  // namespace dunlin::engine::sqlite
