#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/change.h"
#include "core/identity.h"
#include "core/limits.h"
#include "core/result.h"
#include "core/schema.h"
#include "core/value.h"
#include "core/value_view.h"

/// The database behind one interface: SQLite today, PostgreSQL next. No engine's own type appears
/// here, and nothing outside `engine/sqlite` knows which one runs.
namespace dunlin::engine {

namespace asio = boost::asio;

/// SQL text with `?1`-style parameters.
struct Statement {
    std::string sql;
    std::vector<Value> parameters{};
};

struct RowSet {
    std::vector<std::string> columns;
    std::vector<Row> rows;
    std::int64_t affected = 0;  // rows changed by an INSERT, UPDATE or DELETE itself
};

/// Takes one row; what it sees is gone when it returns.
using RowTaker = std::function<void(std::span<const ValueView>)>;

/// A row that a statement (or its cascades and triggers) changed, as the engine captured it.
struct RowChange {
    std::string table;  // storage name
    ChangeKind kind = ChangeKind::Insert;
    Row old_row{};
    Row new_row{};
    Origin origin{};
    /// 0: by the statement itself; more: by an action of a foreign key, that of a row that an
    /// action changed, and so on. What a row's actions did follows it.
    int depth = 0;
};

/// A connection inside one snapshot (read) or one savepoint (write). Valid only during the work it
/// was given to, on the engine's thread.
class Session {
public:
    virtual ~Session() = default;

    /// Runs one statement to its end. A failed statement changes nothing.
    /// Fails with PostgreSQL's SQLSTATE and text: 23505 duplicate key, 23503 foreign key, 23502 not
    /// null, 23514 check, 57014 time limit (StatementTimeouts), 54000 result too large.
    virtual Result<RowSet> run(std::string_view sql, std::span<const Value> parameters) = 0;
    Result<RowSet> run(const Statement& statement) {
        return run(statement.sql, statement.parameters);
    }

    /// Runs one SELECT and gives each row to `take` as it is found, without making a copy of it.
    /// Fails as run(), and with 54000 when the rows together are too large.
    virtual Result<void> stream(std::string_view sql, std::span<const Value> parameters,
                                const RowTaker& take) = 0;

    /// Rows changed so far by this unit of work; empty on a reader.
    virtual std::span<const RowChange> changes() const = 0;

    /// The last change goes on from changes()[into], the same row's: they become one, from the old
    /// image of that to the new one of this. Nothing on a reader.
    virtual void fold_last_change(std::size_t into) = 0;
};

/// Work runs on a thread of the engine and must not block on anything else. A refusal undoes
/// everything the work wrote. A writing work may be run again from the start, when a neighbour in
/// its group commit took the whole transaction down (a time limit, a full disk): it must not use up
/// what it captured.
using Work = std::move_only_function<Result<void>(Session&)>;

/// Told of every commit. Belongs to the engine's writer.
class CommitObserver {
public:
    virtual ~CommitObserver() = default;
    /// Inside the transaction, just before COMMIT. A refusal rolls the whole group back.
    virtual Result<void> before_commit(Session& session, std::span<const RowChange> changes) = 0;
    /// After the commit reached the disk, before the writers are acknowledged; `changes` are those
    /// given last.
    virtual void after_commit(std::vector<RowChange> changes) = 0;
    /// The commit of the changes given last did not happen.
    virtual void after_rollback() = 0;
};

/// How long a statement of each role may run.
struct StatementTimeouts {
    std::array<std::chrono::milliseconds, 3> by_role = {
        limits::anonymous_statement_timeout, limits::statement_timeout, limits::statement_timeout};

    std::chrono::milliseconds& of(Role role) { return by_role.at(static_cast<std::size_t>(role)); }
    std::chrono::milliseconds of(Role role) const {
        return by_role.at(static_cast<std::size_t>(role));
    }
};

struct EngineStatistics {
    std::uint64_t commits = 0;
    std::uint64_t units = 0;
    std::uint64_t reads = 0;
    std::uint64_t write_queue = 0;
};

/// Thread-safe.
class Engine {
public:
    virtual ~Engine() = default;

    /// Runs `work` on a snapshot of the latest commit. auth.uid() and its kin see `identity`.
    /// Resumes on the caller's executor, which must live until then or until stop(). Fails with
    /// Unavailable when the queue is full or stopped.
    virtual asio::awaitable<Result<void>> read(Identity identity, Work work) = 0;

    /// Runs `work` under a savepoint in the next group commit, and resumes the caller when the
    /// commit is on disk. A refusal by one work does not touch its neighbours in the group.
    virtual asio::awaitable<Result<void>> write(Identity identity, Work work) = 0;

    /// As write(), alone in its transaction and with foreign keys checked once at the end, so that
    /// tables can be rebuilt. Blocks the caller: for start-up and the command line.
    virtual Result<void> migrate(Work work) = 0;

    /// As read(), blocking: for start-up and the command line.
    virtual Result<void> read_now(Work work) = 0;

    /// The schema after the migrations, by which refusals name constraints as PostgreSQL does.
    /// Until it is set, default names are made up ("t_pkey", "t_a_fkey").
    virtual void set_schema(std::shared_ptr<const Schema> schema) = 0;

    virtual EngineStatistics statistics() const = 0;

    /// Finishes what is queued, then refuses. Blocks until the threads are done.
    virtual void stop() = 0;
};

}  // namespace dunlin::engine
