#pragma once

#include "sql/ddl.h"

namespace dunlin::sql {

/// ALTER TABLE … ENABLE and DISABLE TRIGGER; all of them without a name.
Done enable_trigger(Table& table, const PgQuery__AlterTableCmd& command, bool enabled);

/// Fails with 2BP01 when a trigger is for updates of the column.
Done require_no_trigger_of(const Table& table, std::size_t column, int offset);

/// Compiles the functions of all triggers, each for its table.
Done compile_triggers(const Builder& builder);

}  // namespace dunlin::sql
