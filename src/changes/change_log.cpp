#include "changes/change_log.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "changes/commit_codec.h"
#include "changes/log_rows.h"
#include "core/check.h"

namespace dunlin::changes {

namespace {

using engine::RowSet;
using engine::Session;

// A commit larger than this is written as several rows.
constexpr std::size_t part_bytes = 4 * 1024 * 1024;
constexpr std::int64_t trimmed_rows_max = 10'000;  // by one statement, so that each stays short

constexpr const char* create_statements[] = {
    "create table _dunlin_log (id integer primary key check (id = 1), epoch integer not null, "
    "trimmed integer not null) strict",
    "create table _dunlin_changes (first integer primary key, count integer not null, "
    "commit_last integer not null, commit_time_us integer not null, "
    "schema_version integer not null, payload blob not null) strict",
};

Result<void> run(Session& session, const engine::Statement& statement) {
    const auto done = session.run(statement);
    if (!done) return std::unexpected(done.error());
    return {};
}

Error no_epoch() {
    return Error{ErrorCode::Internal, "the change log is damaged: no epoch", "XX001"};
}

Result<std::int64_t> read_schema_version(Session& session) {
    const auto version = read_number(session, {"pragma schema_version"});
    if (!version) return std::unexpected(version.error());
    CHECK(version->has_value());
    return **version;
}

std::size_t bytes_about(const engine::RowChange& change) {
    std::size_t bytes = 16;
    for (const Row* row : {&change.old_row, &change.new_row}) {
        for (const Value& value : *row) {
            bytes += 10;
            if (value.is_text()) bytes += value.text().size();
            if (value.is_blob()) bytes += value.bytes().size();
        }
    }
    return bytes;
}

/// How many changes from the front make one row of the log.
std::size_t part_size(std::span<const engine::RowChange> changes) {
    std::size_t bytes = 0;
    std::size_t count = 0;
    while (count < changes.size()) {
        bytes += bytes_about(changes[count]);
        if (count > 0 && bytes > part_bytes) break;
        ++count;
    }
    return count;
}

/// Random, positive, 32 bits: an epoch names one history of a database.
std::uint64_t new_epoch() {
    std::random_device device;
    return device() % 0x7fff'ffffU + 1;
}

}  // namespace

struct ChangeLog::State {
    const Clock& clock;

    // Set by the writer's thread (and open(), before there are writes), read by any.
    std::atomic<std::uint64_t> epoch = 0;
    std::atomic<std::uint64_t> last = 0;
    std::atomic<std::uint64_t> first = 1;

    // The writer's thread only.
    bool is_open = false;
    bool trimmed = false;  // since the last commit, perhaps by a unit that was refused afterwards
    std::int64_t schema_version = 0;
    std::int64_t pending_schema_version = 0;
    std::uint64_t pending_first = 1;
    std::int64_t pending_time_us = 0;

    std::mutex listener_mutex;  // guards listener: it is set while the writer may already run
    Listener listener;

    Result<void> read_state(Session& session);
    Result<std::uint64_t> read_first(Session& session) const;
    Result<void> append(Session& session, std::span<const engine::RowChange> changes);
    Result<std::uint64_t> find_trim_end(Session& session, std::int64_t age_us,
                                        std::uint64_t bytes_max) const;
    Result<void> check(Session& session, Position position, Position end) const;
};

namespace {

/// Whether the log's tables are there already.
Result<bool> has_tables(engine::Engine& engine) {
    bool found = false;
    auto read = engine.read_now([&](Session& session) -> Result<void> {
        const auto rows = session.run({"select 1 from sqlite_schema where name = '_dunlin_log'"});
        if (!rows) return std::unexpected(rows.error());
        found = !rows->rows.empty();
        return {};
    });
    if (!read) return std::unexpected(read.error());
    return found;
}

Result<void> create_tables(Session& session) {
    for (const char* const sql : create_statements) {
        auto created = run(session, {sql});
        if (!created) return created;
    }
    return run(session, {"insert into _dunlin_log values (1, ?1, 0)", {number(new_epoch())}});
}

}  // namespace

ChangeLog::ChangeLog(const Clock& clock) : state_(std::make_shared<State>(clock)) {}

Result<void> ChangeLog::open(engine::Engine& engine) {
    const auto known = has_tables(engine);
    if (!known) return std::unexpected(known.error());
    if (!*known) {
        auto created = engine.migrate(create_tables);
        if (!created) return created;
    }
    return engine.read_now([this](Session& session) { return state_->read_state(session); });
}

Result<void> ChangeLog::State::read_state(Session& session) {
    const auto log = session.run({"select epoch, trimmed from _dunlin_log"});
    if (!log) return std::unexpected(log.error());
    if (log->rows.size() != 1) return std::unexpected(no_epoch());
    const auto kept = read_number(session, {"select max(commit_last) from _dunlin_changes"});
    if (!kept) return std::unexpected(kept.error());
    const auto version = read_schema_version(session);
    if (!version) return std::unexpected(version.error());
    epoch = unsigned_of(log->rows[0][0]);
    last = std::max(unsigned_of(log->rows[0][1]), static_cast<std::uint64_t>(kept->value_or(0)));
    const auto oldest = read_first(session);
    if (!oldest) return std::unexpected(oldest.error());
    first = *oldest;
    schema_version = *version;
    is_open = true;
    return {};
}

/// The position after the last when the log is empty.
Result<std::uint64_t> ChangeLog::State::read_first(Session& session) const {
    const auto oldest = read_number(session, {"select min(first) from _dunlin_changes"});
    if (!oldest) return std::unexpected(oldest.error());
    return *oldest ? static_cast<std::uint64_t>(**oldest) : last + 1;
}

void ChangeLog::set_listener(Listener listener) {
    const std::lock_guard lock(state_->listener_mutex);
    state_->listener = std::move(listener);
}

Position ChangeLog::last() const {
    return {state_->epoch, state_->last};
}
Position ChangeLog::first() const {
    return {state_->epoch, state_->first};
}

Result<Position> ChangeLog::position_of(Session& session) {
    const auto found = session.run(
        {"select epoch, coalesce((select commit_last from _dunlin_changes order by first desc "
         "limit 1), trimmed) from _dunlin_log"});
    if (!found) return std::unexpected(found.error());
    if (found->rows.size() != 1) return std::unexpected(no_epoch());
    return Position{unsigned_of(found->rows[0][0]), unsigned_of(found->rows[0][1])};
}

/// Fails with NotFound when what follows `position` cannot be known from the log. The end is that
/// of the session's snapshot: its commits may not have been published yet.
Result<void> ChangeLog::State::check(Session& session, Position position, Position end) const {
    if (position.epoch != epoch) return std::unexpected(resync("the position is of another epoch"));
    if (position.sequence > end.sequence)
        return std::unexpected(resync("the position is after the end of the log"));
    const auto trimmed_to = read_number(session, {"select trimmed from _dunlin_log"});
    if (!trimmed_to) return std::unexpected(trimmed_to.error());
    if (position.sequence < static_cast<std::uint64_t>(trimmed_to->value_or(0)))
        return std::unexpected(resync("the position is no longer in the log"));
    return {};
}

Result<std::vector<ChangeBatch>> ChangeLog::read_after(Session& session, Position position,
                                                       std::size_t changes_max) const {
    const auto end = position_of(session);
    if (!end) return std::unexpected(end.error());
    const auto known = state_->check(session, position, *end);
    if (!known) return std::unexpected(known.error());
    const auto version = read_schema_version(session);
    if (!version) return std::unexpected(version.error());
    return read_commits(
        session,
        {.after = position, .end = *end, .schema_version = *version, .changes_max = changes_max});
}

/// The last position that has to go; 0 for none. Always the end of a commit.
Result<std::uint64_t> ChangeLog::State::find_trim_end(Session& session, std::int64_t age_us,
                                                      std::uint64_t bytes_max) const {
    const std::int64_t oldest_us = clock.now_us() - age_us;
    const auto young =
        read_number(session, {"select first from _dunlin_changes where commit_time_us >= ?1 "
                              "order by first limit 1",
                              {Value(oldest_us)}});
    if (!young) return std::unexpected(young.error());
    const auto excess =
        read_number(session, {"select max(commit_last) from (select commit_last, "
                              "sum(length(payload)) over (order by first desc) as bytes "
                              "from _dunlin_changes) where bytes > ?1",
                              {number(bytes_max)}});
    if (!excess) return std::unexpected(excess.error());
    const auto newest = read_number(session, {"select max(commit_last) from _dunlin_changes"});
    if (!newest) return std::unexpected(newest.error());
    const std::int64_t by_age = young->has_value() ? **young - 1 : newest->value_or(0);
    return static_cast<std::uint64_t>(std::max(by_age, excess->value_or(0)));
}

Result<void> ChangeLog::trim(Session& session, std::int64_t age_us, std::uint64_t bytes_max) {
    const auto end = state_->find_trim_end(session, age_us, bytes_max);
    if (!end) return std::unexpected(end.error());
    if (*end == 0) return {};
    auto kept = run(session, {"update _dunlin_log set trimmed = max(trimmed, ?1)", {number(*end)}});
    if (!kept) return kept;
    state_->trimmed = true;
    while (true) {
        const auto removed =
            session.run({"delete from _dunlin_changes where first in (select first from "
                         "_dunlin_changes where first <= ?1 order by first limit ?2)",
                         {number(*end), Value(trimmed_rows_max)}});
        if (!removed) return std::unexpected(removed.error());
        if (removed->affected < trimmed_rows_max) return {};
    }
}

Result<void> ChangeLog::touch(engine::Session& session) const {
    // SQLite writes the page even though the row stays the same.
    return run(session, {"update _dunlin_log set trimmed = trimmed"});
}

Result<void> ChangeLog::before_commit(Session& session,
                                      std::span<const engine::RowChange> changes) {
    State& state = *state_;
    if (!state.is_open) {
        CHECK(changes.empty());  // open() comes before the first write.
        return {};
    }
    const auto version = read_schema_version(session);
    if (!version) return std::unexpected(version.error());
    state.pending_schema_version = *version;
    state.pending_first = state.first;
    if (!changes.empty()) {
        auto appended = state.append(session, changes);
        if (!appended) return appended;
    }
    if (state.trimmed) {
        const auto first = state.read_first(session);
        if (!first) return std::unexpected(first.error());
        state.pending_first = *first;
    }
    return {};
}

Result<void> ChangeLog::State::append(Session& session,
                                      std::span<const engine::RowChange> changes) {
    pending_time_us = clock.now_us();
    const std::uint64_t commit_last = last + changes.size();
    std::uint64_t position = last + 1;
    for (auto rest = changes; !rest.empty();) {
        const auto part = rest.first(part_size(rest));
        // The version before this commit: where the commit itself altered tables, the rows it
        // changed first are of the old shape, and nobody shall read them by the new one.
        auto written = run(session, {"insert into _dunlin_changes values (?1, ?2, ?3, ?4, ?5, ?6)",
                                     {number(position), number(part.size()), number(commit_last),
                                      Value(pending_time_us), Value(schema_version),
                                      Value(Blob{encode_commit(part)})}});
        if (!written) return written;
        position += part.size();
        rest = rest.subspan(part.size());
    }
    return {};
}

void ChangeLog::after_commit(std::vector<engine::RowChange> changes) {
    State& state = *state_;
    if (!state.is_open) return;
    state.schema_version = state.pending_schema_version;
    state.first = state.pending_first;
    state.trimmed = false;
    if (changes.empty()) return;
    std::vector<Change> numbered;
    numbered.reserve(changes.size());
    std::uint64_t position = state.last;
    for (engine::RowChange& change : changes) {
        numbered.push_back(
            change_of(std::move(change), {state.epoch, ++position}, state.pending_time_us));
    }
    state.last = position;
    const auto batch = std::make_shared<const std::vector<Change>>(std::move(numbered));
    const std::lock_guard lock(state.listener_mutex);
    if (state.listener) state.listener(batch);
}

void ChangeLog::after_rollback() {
    state_->trimmed = false;
}

}  // namespace dunlin::changes
