#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "core/change.h"
#include "core/limits.h"

namespace dunlin::changes {

/// The newest commits of the log in memory, so that whoever is a little behind costs no reading of
/// the database. Holds at least the last commit, then as many as `bytes_max` lets.
///
/// Thread-safe: appended on the writer's thread, read on the loops. A mutex, because a reader wants
/// its answer at once; it is held for a search and for copying pointers.
class RecentChanges {
public:
    /// `last` is the log's position at this moment: what is appended follows it without a gap.
    explicit RecentChanges(Position last, std::size_t bytes_max = limits::recent_changes_bytes_max);

    void append(ChangeBatch commit);

    /// The last position appended.
    Position last() const;

    /// As ChangeLog::read_after, or nothing when the commits held do not reach back to `after`, or
    /// it is not a position up to last().
    std::optional<std::vector<ChangeBatch>> read_after(Position after,
                                                       std::size_t changes_max) const;

private:
    struct Held {
        ChangeBatch commit;
        std::size_t bytes = 0;
    };

    const std::size_t bytes_max_;
    mutable std::mutex mutex_;  // guards all below
    Position before_;           // the position before the oldest commit held
    Position last_;
    std::deque<Held> commits_;
    std::size_t bytes_ = 0;
};

}  // namespace dunlin::changes
