#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/change.h"
#include "core/result.h"
#include "engine/engine.h"

/// The rows of `_dunlin_changes` (docs/formats/change-log.md), as the change log reads them.
namespace dunlin::changes {

/// NotFound: who follows the log has to read the tables again.
Error resync(std::string message);

Value number(std::uint64_t value);
std::uint64_t unsigned_of(const Value& value);

/// The only value of the first row, or nothing when there is no row or it is NULL.
Result<std::optional<std::int64_t>> read_number(engine::Session& session,
                                                const engine::Statement& statement);

Change change_of(engine::RowChange row, Position position, std::int64_t time_us);

/// What to read of the log, which has it: `end` is its last position, `after` is not beyond it.
struct LogRange {
    Position after;
    Position end;
    std::int64_t schema_version = 0;  // of the tables as they are
    std::size_t changes_max = 0;
};

/// See ChangeLog::read_after. Fails with NotFound when the tables were others.
Result<std::vector<ChangeBatch>> read_commits(engine::Session& session, const LogRange& range);

}  // namespace dunlin::changes
