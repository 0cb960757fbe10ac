#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "engine/engine.h"

namespace dunlin::engine::sqlite {

enum class UnitKind : std::uint8_t { Ordinary, Migration };

/// A unit of work and who waits for it. `done` is called once, on the engine's thread.
struct Unit {
    Identity identity;
    Work work;
    std::move_only_function<void(Result<void>)> done;
    UnitKind kind = UnitKind::Ordinary;

    /// Destroys the work, whose captures may be the waiting caller's, then wakes the caller.
    void finish(Result<void> result);
};

/// Units waiting for a thread, oldest first. Thread-safe.
class WorkQueue {
public:
    explicit WorkQueue(std::size_t units_max) : units_max_(units_max) {}

    /// Refuses the unit (Unavailable) when the queue is full or stopped.
    void push(Unit unit);

    /// Waits for units and takes at most `count_max`; a migration comes alone. Empty when the queue
    /// is stopped and nothing is left.
    std::vector<Unit> take(std::size_t count_max);

    /// Refuses what comes from now on; what is queued can still be taken.
    void stop();
    std::size_t size() const;

private:
    std::size_t units_max_;
    // Guards the rest: filled by every loop, emptied by threads that block in SQLite and so have no
    // loop to post to.
    mutable std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<Unit> units_;
    bool stopped_ = false;
};

}  // namespace dunlin::engine::sqlite
