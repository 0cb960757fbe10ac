#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/change.h"
#include "core/clock.h"
#include "engine/engine.h"

namespace dunlin::changes {

/// The durable, dense, ordered log of every committed change (docs/formats/change-log.md).
///
/// Written by the engine's writer inside the transaction that made the changes. Positions count
/// from 1 without a gap. Listeners run on the writer thread right after the commit and must only
/// hand over.
class ChangeLog final : public engine::CommitObserver {
public:
    using Listener = std::function<void(ChangeBatch)>;

    explicit ChangeLog(const Clock& clock);

    /// Creates the log's tables on first use and reads the epoch and the last position. Call once,
    /// before the first write.
    Result<void> open(engine::Engine& engine);
    /// Thread-safe; the listener may be running on the writer's thread until this returns.
    void set_listener(Listener listener);

    /// The last committed position. Thread-safe.
    Position last() const;
    /// The oldest position still kept; equal to last().next when the log is empty. Thread-safe.
    Position first() const;

    /// What is after `position`, oldest first: whole commits (of one that `position` is within, the
    /// rest), at least one when there is one, about `changes_max` changes and
    /// limits::log_read_bytes_max at most. Fails with NotFound (resync) when the epoch is another,
    /// or the position is before the kept log or after its end, or the tables have been altered
    /// since: rows are kept in the column order of their time. Call inside a read on the engine.
    Result<std::vector<ChangeBatch>> read_after(engine::Session& session, Position position,
                                                std::size_t changes_max) const;

    /// The last position that `session` sees: that of the snapshot it reads, which may be newer
    /// than last(). Cost: two lookups.
    static Result<Position> position_of(engine::Session& session);

    /// Removes commits older than `age_us` and the oldest ones while the log is over `bytes_max`.
    /// Call inside a write on the engine.
    Result<void> trim(engine::Session& session, std::int64_t age_us, std::uint64_t bytes_max);

    /// Writes without changing anything: when the work's commit reaches the disk, the database can
    /// be written. Call inside a write on the engine.
    Result<void> touch(engine::Session& session) const;

    Result<void> before_commit(engine::Session& session,
                               std::span<const engine::RowChange> changes) override;
    void after_commit(std::vector<engine::RowChange> changes) override;
    void after_rollback() override;

private:
    struct State;
    std::shared_ptr<State> state_;  // One owner; shared_ptr only to keep State incomplete here.
};

}  // namespace dunlin::changes
