#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <vector>

#include "changes/change_log.h"
#include "changes/recent_changes.h"
#include "engine/engine.h"

namespace dunlin::changes {

namespace asio = boost::asio;

/// How everybody reads the log: from memory when that reaches back far enough, else from the
/// database. Immutable; borrows all three. Thread-safe.
class LogReader {
public:
    LogReader(const ChangeLog& log, engine::Engine& engine, const RecentChanges& recent)
        : log_(log), engine_(engine), recent_(recent) {}

    /// The last published position: all up to it is committed, and readable without waiting.
    Position last() const { return recent_.last(); }

    /// Commits after `after`, oldest first, as ChangeLog::read_after gives them, which is also how
    /// it fails; with Unavailable when the database is too busy. Does not suspend when memory
    /// suffices. Resumes on the caller's executor.
    asio::awaitable<Result<std::vector<ChangeBatch>>> read_after(Position after,
                                                                 std::size_t changes_max) const;

private:
    const ChangeLog& log_;
    engine::Engine& engine_;
    const RecentChanges& recent_;
};

}  // namespace dunlin::changes
