#include "changes/log_rows.h"

#include <memory>
#include <utility>

#include "changes/commit_codec.h"
#include "core/limits.h"

namespace dunlin::changes {

using engine::Session;

Error resync(std::string message) {
    return Error{ErrorCode::NotFound, std::move(message)};
}

Value number(std::uint64_t value) {
    return Value(static_cast<std::int64_t>(value));
}
std::uint64_t unsigned_of(const Value& value) {
    return static_cast<std::uint64_t>(value.integer());
}

/// The only value of the first row, or nothing when there is no row or it is NULL.
Result<std::optional<std::int64_t>> read_number(Session& session,
                                                const engine::Statement& statement) {
    const auto rows = session.run(statement);
    if (!rows) return std::unexpected(rows.error());
    if (rows->rows.empty() || rows->rows[0][0].is_null()) return std::optional<std::int64_t>();
    return std::optional(rows->rows[0][0].integer());
}

Change change_of(engine::RowChange row, Position position, std::int64_t time_us) {
    return Change{.position = position,
                  .table = std::move(row.table),
                  .kind = row.kind,
                  .old_row = std::move(row.old_row),
                  .new_row = std::move(row.new_row),
                  .commit_time_us = time_us,
                  .origin = std::move(row.origin)};
}

namespace {

/// The commits of one reading.
class CommitCollector {
public:
    explicit CommitCollector(Position after) : next_{after.epoch, after.sequence + 1} {}

    /// The first position that is not read yet.
    Position next() const { return next_; }
    std::size_t changes() const { return changes_; }
    std::size_t bytes() const { return bytes_; }

    /// A row of the log whose last change is next() or later. Says whether its commit is complete.
    Result<bool> take(const Row& row) {
        auto decoded = decode_commit(row[5].bytes());
        if (!decoded) return std::unexpected(decoded.error());
        const std::uint64_t first = unsigned_of(row[0]);
        for (std::size_t i = 0; i < decoded->size(); ++i) {
            if (first + i < next_.sequence) continue;
            commit_.push_back(
                change_of(std::move((*decoded)[i]), {next_.epoch, first + i}, row[3].integer()));
        }
        bytes_ += row[5].bytes().size();
        next_.sequence = first + unsigned_of(row[1]);
        const bool complete = next_.sequence > unsigned_of(row[2]);
        if (complete) finish();
        return complete;
    }

    std::vector<ChangeBatch> commits() && { return std::move(commits_); }

private:
    void finish() {
        changes_ += commit_.size();
        commits_.push_back(std::make_shared<const std::vector<Change>>(std::move(commit_)));
        commit_.clear();
    }

    Position next_;
    std::size_t changes_ = 0;
    std::size_t bytes_ = 0;
    std::vector<Change> commit_;  // its parts so far
    std::vector<ChangeBatch> commits_;
};

/// Reads the commit that goes on at the collector's position, of which there is at least one row.
Result<void> take_commit(Session& session, std::int64_t schema_version,
                         CommitCollector& collector) {
    while (true) {
        const auto rows = session.run(
            {"select first, count, commit_last, commit_time_us, schema_version, payload "
             "from _dunlin_changes where first = "
             "(select max(first) from _dunlin_changes where first <= ?1)",
             {number(collector.next().sequence)}});
        if (!rows) return std::unexpected(rows.error());
        if (rows->rows.empty()) {
            return std::unexpected(
                Error{ErrorCode::Internal, "the change log is damaged: a gap", "XX001"});
        }
        const Row& row = rows->rows[0];
        if (row[4].integer() != schema_version)
            return std::unexpected(resync("the tables have been altered"));
        const auto complete = collector.take(row);
        if (!complete) return std::unexpected(complete.error());
        if (*complete) return {};
    }
}

}  // namespace

Result<std::vector<ChangeBatch>> read_commits(Session& session, const LogRange& range) {
    CommitCollector collector(range.after);
    while (collector.next() <= range.end && collector.changes() < range.changes_max &&
           collector.bytes() < limits::log_read_bytes_max) {
        auto taken = take_commit(session, range.schema_version, collector);
        if (!taken) return std::unexpected(taken.error());
    }
    return std::move(collector).commits();
}

}  // namespace dunlin::changes
