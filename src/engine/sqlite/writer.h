#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "core/clock.h"
#include "engine/sqlite/checkpointer.h"
#include "engine/sqlite/connection.h"
#include "engine/sqlite/work_queue.h"

namespace dunlin::engine::sqlite {

struct WriterCounters {
    std::atomic<std::uint64_t> commits = 0;
    std::atomic<std::uint64_t> units = 0;
};

/// The one writer: takes all waiting units into one transaction, each under a savepoint, and wakes
/// their callers when the commit is on disk. Everything runs on the thread that calls run().
class Writer {
public:
    Writer(std::unique_ptr<Connection> connection, WorkQueue& queue, const Clock& clock,
           CommitObserver* observer, std::size_t checkpoint_bytes);

    /// Serves the queue until it is stopped and empty.
    void run();
    const WriterCounters& counters() const { return counters_; }

private:
    /// Runs the units in one transaction. Gives those that have to be run again, because one took
    /// the transaction down: first the ones that had gone well, then the ones not yet reached.
    struct Leftover {
        std::vector<Unit> went_well;
        std::vector<Unit> not_reached;
    };
    void run_all(std::vector<Unit> units);
    Leftover run_group(std::vector<Unit> units);
    Result<void> run_unit(Unit& unit);
    Result<void> run_work(Unit& unit);
    void run_migration(Unit unit);
    Result<void> commit();
    void roll_back();

    std::unique_ptr<Connection> connection_;
    WorkQueue& queue_;
    const Clock& clock_;
    CommitObserver* observer_;  // may be null
    Checkpointer checkpointer_;
    WriterCounters counters_;
};

/// Calls the work; an exception that leaves it is refused as Internal.
Result<void> run_caught(Work& work, Session& session);

}  // namespace dunlin::engine::sqlite
