#pragma once

#include <sqlite3.h>

#include <chrono>
#include <expected>
#include <filesystem>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "core/functions.h"
#include "core/result.h"
#include "engine/engine.h"
#include "engine/sqlite/authorizer.h"
#include "engine/sqlite/capture.h"
#include "engine/sqlite/functions.h"
#include "engine/sqlite/schema_slot.h"
#include "engine/sqlite/statement.h"
#include "engine/sqlite/statement_cache.h"

namespace dunlin::engine::sqlite {

enum class ConnectionKind : std::uint8_t { Writer, Reader };

struct ConnectionOptions {
    std::filesystem::path file;
    ConnectionKind kind = ConnectionKind::Reader;
    StatementTimeouts statement_timeouts{};
    std::size_t result_bytes_max = 0;
    const SchemaSlot* schema = nullptr;  // borrowed
};

/// One hardened SQLite connection. Opened by the thread that starts the engine, then belongs to one
/// thread. A writer's connection captures every row it changes.
class Connection {
public:
    /// Fails with Unavailable when the file cannot be opened or is not a database.
    static Result<std::unique_ptr<Connection>> open(ConnectionOptions options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Runs fixed text of the engine's own ("begin immediate"), which is kept compiled; `sql` must
    /// be a literal. Not under the time limit.
    Result<void> command(std::string_view sql);

    /// Sets a switch of the connection; `sql` is a PRAGMA. Expires every compiled statement.
    Result<void> pragma(const char* sql);

    /// Compiles `sql`, or finds it compiled. Valid until the next prepare().
    std::expected<Prepared*, Failure> prepare(std::string_view sql);

    /// Runs a statement to its end. Undoes nothing when it fails halfway.
    std::expected<RowSet, Failure> execute(Prepared& prepared, std::span<const Value> parameters);
    /// As above, giving the rows away one by one. The rows that the statement itself changed.
    std::expected<std::int64_t, Failure> stream(Prepared& prepared,
                                                std::span<const Value> parameters,
                                                const RowTaker& take);

    /// prepare() and execute() of the engine's own statement.
    std::expected<RowSet, Failure> query(const Statement& statement);

    /// The time limit is that of the identity's role.
    void set_context(FunctionContext context);
    /// What the statements prepared from here on may do. Only Access::Unit uses the cache.
    void set_access(Access access, std::string only_table = {});
    enum class TimeLimit : std::uint8_t { On, Off };
    void set_time_limit(TimeLimit limit) { time_limit_ = limit; }
    /// Largest value or row, in bytes.
    void set_row_bytes_max(std::size_t bytes);

    Capture& capture() { return capture_; }
    Access access() const { return authorizer_.access; }
    std::shared_ptr<const Schema> schema() const { return options_.schema->get(); }
    /// False also after SQLite took the whole transaction down by itself.
    bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
    /// Whether foreign keys are broken that would fail the COMMIT.
    bool has_broken_keys() const;
    sqlite3* handle() { return handle_; }

private:
    explicit Connection(ConnectionOptions options);

    Result<void> open_file();
    Result<void> harden();
    Result<void> load_virtual_tables();
    std::expected<void, Failure> run_command(std::string_view sql);
    std::expected<Prepared, Failure> compile(std::string_view sql, unsigned int flags);
    std::expected<void, Failure> step_through(sqlite3_stmt* statement, const RowTaker& take);
    Failure failure(int code, const std::vector<TableWrite>& writes);
    static int check_deadline(void* self) noexcept;

    ConnectionOptions options_;
    // The handle is closed before anything below it goes away.
    sqlite3* handle_ = nullptr;
    Capture capture_;
    Authorizer authorizer_;
    Functions functions_;
    StatementCache cache_;
    std::unordered_map<std::string_view, Prepared> commands_;
    Prepared uncached_;  // the last statement that was not worth keeping
    TimeLimit time_limit_ = TimeLimit::On;
    std::chrono::milliseconds timeout_ = limits::statement_timeout;
    std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
};

}  // namespace dunlin::engine::sqlite
