#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema.h"
#include "sql/parser.h"
#include "sql/routine.h"

namespace dunlin::sql {

/// A statement on a table with triggers, which whoever runs the plan does row by row or with what
/// fires afterwards.
struct DataStatement {
    std::shared_ptr<const Schema> schema;  // as it was then; shared by statements of one state
    RoutineStatement statement{};          // over *schema
};

/// A SQLite statement and `FILE:LINE:COLUMN` of the one that it comes from, for errors at run time.
struct PlannedStatement {
    std::string sql;
    std::string place;
    /// Instead of `sql`; its owner is the plan.
    std::shared_ptr<const DataStatement> data{};
};

/// What a migration file does, worked out before anything is run.
struct MigrationPlan {
    Schema schema;  // after the migration
    /// In order, to be run in one transaction.
    std::vector<PlannedStatement> statements;
    /// Statements that were accepted but do nothing here (grant, comment on role, ...), for the
    /// log.
    std::vector<std::string> notes;
};

/// Translates a migration (or seed.sql) written in PostgreSQL's SQL. Pure: the same text on the
/// same schema gives the same plan, so the schema of a database is the fold of its stored
/// migrations.
///
/// Fails with `FILE:LINE:COLUMN: what` in Error::message and the remedy in Error::hint; nothing is
/// accepted and ignored except the statements listed in docs/guide/sql.md.
Result<MigrationPlan> plan_migration(const Schema& before, std::string_view text,
                                     std::string_view file_name);

}  // namespace dunlin::sql
