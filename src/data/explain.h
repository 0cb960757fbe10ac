#pragma once

#include <string>

#include "data/rows.h"
#include "engine/engine.h"
#include "query/table_sql.h"

namespace dunlin::data {

/// How the engine would run the statement, which is not run: as indented lines, or as JSON in the
/// layout of PostgreSQL's EXPLAIN (FORMAT JSON). An empty statement has an empty plan.
Result<std::string> explain(engine::Session& session, const query::SqlText& statement,
                            PlanForm form);

}  // namespace dunlin::data
