#pragma once

#include <sqlite3.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/functions.h"
#include "core/result.h"

namespace dunlin::engine::sqlite {

/// The functions of core/functions.h on one connection, and the collation `pg_numeric`
/// (core/decimal.h). Must outlive the connection's handle.
class Functions {
public:
    /// Fails with Internal when SQLite refuses an entry of the table.
    Result<void> install(sqlite3* database);

    /// What auth_uid(), now() and their kin see from here on. `identity` is borrowed.
    void set_context(FunctionContext context) { context_ = context; }

    /// The refusal of the function that made the statement fail, unchanged.
    std::optional<Error> take_error() { return std::exchange(error_, std::nullopt); }

private:
    struct Entry {
        Functions* owner;
        const ScalarFunction* function;
    };

    static void call(sqlite3_context* context, int count, sqlite3_value** values) noexcept;
    void refuse(sqlite3_context* context, Error error);

    std::vector<std::unique_ptr<Entry>> entries_;
    std::vector<Value> arguments_;  // reused between calls; calls do not nest
    FunctionContext context_;
    std::optional<Error> error_;
};

}  // namespace dunlin::engine::sqlite
