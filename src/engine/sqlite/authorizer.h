#pragma once

#include <sqlite3.h>

#include <string>
#include <vector>

#include "engine/sqlite/capture.h"
#include "engine/sqlite/statement.h"

namespace dunlin::engine::sqlite {

/// What statements being prepared may do.
enum class Access : std::uint8_t {
    Unit,       // rows: no DDL, no PRAGMA, no transaction control, no sqlite_… tables
    Migration,  // DDL as well
    Internal,   // what the engine itself runs
    Replay,     // writes to one table only, and its full-text indexes: Authorizer::only_table
};

/// Decides at preparation what a statement may do, and notes what it writes. Belongs to a
/// connection.
struct Authorizer {
    Access access = Access::Internal;
    std::string only_table{};
    std::vector<TableWrite> writes{};  // of the statement being prepared
    Capture* capture = nullptr;        // told of virtual tables; null on readers

    void attach(sqlite3* database);

private:
    static int decide(void* self, int action, const char* first, const char* second,
                      const char* database, const char* trigger) noexcept;
    int decide_action(int action, const char* first, const char* second);
    int decide_write(ChangeKind kind, const char* table);
};

}  // namespace dunlin::engine::sqlite
