#pragma once

#include <vector>

#include "core/schema.h"
#include "data/write_options.h"
#include "engine/engine.h"
#include "query/table_sql.h"
#include "routines/unit.h"

/// A write in steps: the plan, which is made before the engine has a turn; running it; judging the
/// rows it wrote.
namespace dunlin::data {

struct InsertPlan {
    std::vector<query::SqlText> statements{};
    /// Instead of statements, for a table with BEFORE triggers.
    std::vector<query::RowValues> by_rows{};
    query::AccessConditions access{};  // of by_rows
    std::size_t rows = 0;              // given
    query::InsertOptions options{};
    /// Whether the writer reads what he writes, so that the SELECT rule holds for it.
    bool reads = false;
    bool returns_rows = false;  // whether WrittenRows has them
};

struct ChangePlan {
    query::SqlText statement{};        // "" when there is nothing to do
    bool by_rows = false;              // BEFORE triggers: `statement` gives the rows to change
    query::RowValues values{};         // of an update; with by_rows also what is set
    query::AccessConditions access{};  // of by_rows
    bool reads = false;
};

struct WrittenRows {
    std::vector<Row> rows{};  // in full; what an update's RETURNING adds follows
    std::size_t count = 0;    // also of rows that are left out of `rows`
    std::uint64_t inserted = 0;
};

/// Fails with 42501 for a new row that WITH CHECK or the SELECT rule refuses, 21000 when an upsert
/// meets a row twice.
Result<WrittenRows> run_insert(routines::Unit& unit, engine::Session& session, const Table& table,
                               const InsertPlan& plan);
Result<WrittenRows> run_update(routines::Unit& unit, engine::Session& session, const Table& table,
                               const ChangePlan& plan);
Result<WrittenRows> run_delete(routines::Unit& unit, engine::Session& session, const Table& table,
                               const ChangePlan& plan);

/// 42501 `new row violates row-level security policy for table "x"`.
Error row_security_violation(const Table& table);

/// Fails with PGRST116 and PGRST124 for a number of rows that the caller does not want.
Result<void> check_count(std::uint64_t rows, const WriteOptions& options);

}  // namespace dunlin::data
