#include "engine/sqlite/connection.h"

#include <fmt/format.h>

#include "core/check.h"
#include "core/limits.h"
#include "engine/sqlite/errors.h"
#include "engine/sqlite/sqlite_engine.h"

namespace dunlin::engine::sqlite {

namespace {

constexpr int library_version_min = 3'051'003;  // earlier ones can corrupt a WAL being checkpointed
constexpr int progress_operations = 2'000;
constexpr int busy_timeout_ms = 5'000;  // another process may hold the lock for a moment
constexpr std::size_t cached_sql_bytes_max = 64 * 1024;

constexpr int sql_bytes_max = 32 * 1024 * 1024;

Error cannot_open(const std::filesystem::path& file, const char* why) {
    return Error{ErrorCode::Unavailable, fmt::format("cannot open {}: {}", file.string(), why)};
}

/// Whether `rest` has a statement, not only white space, semicolons and comments.
bool has_statement(sqlite3* database, std::string_view rest) {
    while (!rest.empty()) {
        sqlite3_stmt* statement = nullptr;
        const char* tail = nullptr;
        const int code = sqlite3_prepare_v3(database, rest.data(), static_cast<int>(rest.size()), 0,
                                            &statement, &tail);
        sqlite3_finalize(statement);
        if (code != SQLITE_OK || statement != nullptr) return true;
        rest.remove_prefix(static_cast<std::size_t>(tail - rest.data()));
    }
    return false;
}

}  // namespace

Connection::Connection(ConnectionOptions options)
    : options_(std::move(options)), cache_(limits::statement_cache_size) {}

Connection::~Connection() {
    cache_.clear();
    commands_.clear();
    uncached_ = {};
    CHECK(sqlite3_close(handle_) == SQLITE_OK);
}

Result<std::unique_ptr<Connection>> Connection::open(ConnectionOptions options) {
    CHECK(sqlite3_libversion_number() >= library_version_min);
    std::unique_ptr<Connection> connection(new Connection(std::move(options)));
    auto opened = connection->open_file();
    if (!opened) return std::unexpected(opened.error());
    auto hardened = connection->harden();
    if (!hardened) return std::unexpected(hardened.error());
    return connection;
}

Result<void> Connection::open_file() {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                      (options_.kind == ConnectionKind::Writer ? SQLITE_OPEN_CREATE : 0);
    const int code = sqlite3_open_v2(options_.file.c_str(), &handle_, flags, nullptr);
    if (code != SQLITE_OK) {
        return std::unexpected(cannot_open(options_.file, sqlite3_errstr(code)));
    }
    sqlite3_busy_timeout(handle_, busy_timeout_ms);
    // Before any statement is prepared: see Capture::attach.
    if (options_.kind == ConnectionKind::Writer) {
        capture_.attach(handle_);
        authorizer_.capture = &capture_;
    }
    authorizer_.attach(handle_);
    return functions_.install(handle_);
}

Result<void> Connection::harden() {
    const std::pair<int, int> switches[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        // Without it SQLite compiles a statement again for each value that LIMIT is given.
        {SQLITE_DBCONFIG_ENABLE_QPSG, 1},
    };
    for (const auto& [name, value] : switches) {
        CHECK(sqlite3_db_config(handle_, name, value, nullptr) == SQLITE_OK);
    }
    sqlite3_limit(handle_, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(handle_, SQLITE_LIMIT_SQL_LENGTH, sql_bytes_max);
    sqlite3_limit(handle_, SQLITE_LIMIT_TRIGGER_DEPTH, 100);
    set_row_bytes_max(options_.kind == ConnectionKind::Writer ? row_bytes_max
                                                              : options_.result_bytes_max);
    const bool writer = options_.kind == ConnectionKind::Writer;
    const char* const pragmas[] = {
        writer ? "pragma journal_mode=wal" : "pragma query_only=on",
        "pragma synchronous=full",
        "pragma recursive_triggers=on",
        "pragma secure_delete=off",
        "pragma temp_store=memory",
        "pragma cell_size_check=on",
        "pragma mmap_size=0",
        "pragma wal_autocheckpoint=0",
    };
    for (const char* const sql : pragmas) {
        auto done = pragma(sql);
        if (!done) return std::unexpected(cannot_open(options_.file, done.error().message.c_str()));
    }
    const auto mode = query({"pragma journal_mode"});
    if (!mode || mode->rows.at(0).at(0) != Value("wal")) {
        return std::unexpected(
            cannot_open(options_.file, "its disk does not allow a write-ahead log"));
    }
    sqlite3_progress_handler(handle_, progress_operations, &Connection::check_deadline, this);
    auto loaded = writer ? load_virtual_tables() : Result<void>{};
    set_access(Access::Unit);
    return loaded;
}

Result<void> Connection::load_virtual_tables() {
    auto rows = query({"select name from sqlite_schema where sql like 'create virtual table%'"});
    if (!rows) return std::unexpected(cannot_open(options_.file, rows.error().text.c_str()));
    for (const Row& row : rows->rows) capture_.add_virtual_table(row[0].text());
    return {};
}

Result<void> Connection::command(std::string_view sql) {
    // For the run as well: SQLite compiles a statement again when the schema has changed.
    const Access access = std::exchange(authorizer_.access, Access::Internal);
    const TimeLimit limit = std::exchange(time_limit_, TimeLimit::Off);
    auto done = run_command(sql);
    time_limit_ = limit;
    authorizer_.access = access;
    if (!done) return std::unexpected(translate(done.error(), nullptr));
    return {};
}

std::expected<void, Failure> Connection::run_command(std::string_view sql) {
    auto found = commands_.find(sql);
    if (found == commands_.end()) {
        auto prepared = compile(sql, SQLITE_PREPARE_PERSISTENT);
        if (!prepared) return std::unexpected(std::move(prepared.error()));
        found = commands_.emplace(sql, std::move(*prepared)).first;
    }
    auto done = execute(found->second, {});
    if (!done) return std::unexpected(std::move(done.error()));
    return {};
}

Result<void> Connection::pragma(const char* sql) {
    const Access access = std::exchange(authorizer_.access, Access::Internal);
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    authorizer_.access = access;
    if (code != SQLITE_OK) return std::unexpected(translate(failure(code, {}), nullptr));
    return {};
}

std::expected<RowSet, Failure> Connection::query(const Statement& statement) {
    // For the run as well: a pragma_…() table compiles its PRAGMA when it is read.
    const Access access = std::exchange(authorizer_.access, Access::Internal);
    auto prepared = prepare(statement.sql);
    auto result = prepared ? execute(**prepared, statement.parameters)
                           : std::unexpected(std::move(prepared.error()));
    authorizer_.access = access;
    return result;
}

std::expected<Prepared*, Failure> Connection::prepare(std::string_view sql) {
    const bool cached = access() == Access::Unit && sql.size() <= cached_sql_bytes_max;
    if (cached) {
        Prepared* found = cache_.find(sql);
        if (found != nullptr) return found;
    }
    auto prepared = compile(sql, cached ? SQLITE_PREPARE_PERSISTENT : 0);
    if (!prepared) return std::unexpected(std::move(prepared.error()));
    if (cached) return &cache_.insert(sql, std::move(*prepared));
    uncached_ = std::move(*prepared);
    return &uncached_;
}

std::expected<Prepared, Failure> Connection::compile(std::string_view sql, unsigned int flags) {
    if (sql.size() > static_cast<std::size_t>(sql_bytes_max)) {
        return std::unexpected(
            Failure{.code = SQLITE_TOOBIG, .text = sqlite3_errstr(SQLITE_TOOBIG)});
    }
    authorizer_.writes.clear();
    functions_.take_error();
    sqlite3_stmt* statement = nullptr;
    const char* tail = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), flags,
                                        &statement, &tail);
    if (code != SQLITE_OK) return std::unexpected(failure(code, authorizer_.writes));
    Prepared prepared{.handle = std::unique_ptr<sqlite3_stmt, StatementDeleter>(statement)};
    if (statement == nullptr) {
        return std::unexpected(Failure{.error = sql_error("42601", "the statement is empty")});
    }
    prepared.read_only = sqlite3_stmt_readonly(statement) != 0;
    prepared.writes = std::move(authorizer_.writes);
    const std::string_view rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
    if (has_statement(handle_, rest)) {
        return std::unexpected(
            Failure{.error = sql_error(
                        "42601", "cannot insert multiple commands into a prepared statement")});
    }
    return prepared;
}

void Connection::set_context(FunctionContext context) {
    functions_.set_context(context);
    if (context.identity != nullptr)
        timeout_ = options_.statement_timeouts.of(context.identity->role);
}

std::expected<RowSet, Failure> Connection::execute(Prepared& prepared,
                                                   std::span<const Value> parameters) {
    RowSet result;
    auto affected = stream(prepared, parameters, [&](std::span<const ValueView> views) {
        Row& row = result.rows.emplace_back();
        row.reserve(views.size());
        for (const ValueView view : views) row.push_back(view.value());
    });
    if (!affected) return std::unexpected(std::move(affected.error()));
    result.affected = *affected;
    // Read last: a statement compiled again after a schema change may have other names.
    sqlite3_stmt* statement = prepared.handle.get();
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
        result.columns.emplace_back(sqlite3_column_name(statement, column));
    }
    return result;
}

std::expected<std::int64_t, Failure> Connection::stream(Prepared& prepared,
                                                        std::span<const Value> parameters,
                                                        const RowTaker& take) {
    sqlite3_stmt* statement = prepared.handle.get();
    functions_.take_error();
    int code = SQLITE_OK;
    for (std::size_t i = 0; i < parameters.size() && code == SQLITE_OK; ++i) {
        code = bind(statement, static_cast<int>(i) + 1, parameters[i]);
    }
    if (code != SQLITE_OK) {
        sqlite3_clear_bindings(statement);
        return std::unexpected(failure(code, prepared.writes));
    }
    deadline_ = time_limit_ == TimeLimit::On ? std::chrono::steady_clock::now() + timeout_
                                             : std::chrono::steady_clock::time_point::max();
    const auto total_before = sqlite3_total_changes64(handle_);
    auto done = step_through(statement, take);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (!done) {
        done.error().writes = prepared.writes;
        return std::unexpected(std::move(done.error()));
    }
    if (capture_.take_failure()) {
        return std::unexpected(
            Failure{.error = Error{ErrorCode::Internal, "a change was not captured", "XX000"}});
    }
    const bool changed = sqlite3_total_changes64(handle_) != total_before;
    return changed ? sqlite3_changes64(handle_) : 0;
}

std::expected<void, Failure> Connection::step_through(sqlite3_stmt* statement,
                                                      const RowTaker& take) {
    std::vector<ValueView> row;
    std::size_t bytes = 0;
    int code = SQLITE_OK;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        row.resize(static_cast<std::size_t>(sqlite3_column_count(statement)));
        for (std::size_t column = 0; column < row.size(); ++column) {
            row[column] = column_of(statement, static_cast<int>(column));
            bytes += bytes_of(row[column]);
        }
        if (bytes > options_.result_bytes_max) {
            return std::unexpected(Failure{.error = result_too_large(options_.result_bytes_max)});
        }
        take(row);
    }
    if (code != SQLITE_DONE) return std::unexpected(failure(code, {}));
    return {};
}

Failure Connection::failure(int code, const std::vector<TableWrite>& writes) {
    return Failure{.code = code,
                   .text = sqlite3_errmsg(handle_),
                   .error = functions_.take_error(),
                   .writes = writes};
}

void Connection::set_access(Access access, std::string only_table) {
    authorizer_.access = access;
    authorizer_.only_table = std::move(only_table);
}

void Connection::set_row_bytes_max(std::size_t bytes) {
    sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, static_cast<int>(bytes));
}

bool Connection::has_broken_keys() const {
    int broken = 0;
    int highest = 0;
    sqlite3_db_status(handle_, SQLITE_DBSTATUS_DEFERRED_FKS, &broken, &highest, 0);
    return broken != 0;
}

int Connection::check_deadline(void* self) noexcept {
    return std::chrono::steady_clock::now() > static_cast<Connection*>(self)->deadline_ ? 1 : 0;
}

}  // namespace dunlin::engine::sqlite
