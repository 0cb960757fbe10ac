#pragma once

#include <sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/change.h"
#include "core/error.h"
#include "core/value.h"
#include "core/value_view.h"

namespace dunlin::engine::sqlite {

/// A table that a statement writes to, by itself or through triggers and cascades.
struct TableWrite {
    ChangeKind kind = ChangeKind::Insert;
    std::string table;  // storage name
};

struct StatementDeleter {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
};

/// A compiled statement. Belongs to its connection's thread.
struct Prepared {
    std::unique_ptr<sqlite3_stmt, StatementDeleter> handle;
    bool read_only = false;
    std::vector<TableWrite> writes{};  // the statement's own table first
};

/// Why SQLite refused, before it is put into PostgreSQL's words.
struct Failure {
    int code = SQLITE_ERROR;       // extended result code
    std::string text;              // SQLite's
    std::optional<Error> error{};  // when the refusal is ours already: a function's, a limit's
    std::vector<TableWrite> writes{};
};

Value value_of(sqlite3_value* value);
/// Valid until the next step.
ValueView column_of(sqlite3_stmt* statement, int column);

/// Binds without copying: `value` must outlive the run. Returns a result code.
int bind(sqlite3_stmt* statement, int index, const Value& value);

/// Bytes that a value takes in a result.
std::size_t bytes_of(ValueView value);

}  // namespace dunlin::engine::sqlite
