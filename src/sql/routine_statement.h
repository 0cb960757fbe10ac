#pragma once

#include "sql/analyzer.h"
#include "sql/routine.h"

namespace dunlin::sql {

/// A SELECT, INSERT, UPDATE or DELETE inside a routine. Fails as PostgreSQL does, and with 0A000
/// for other statements.
Parsed<RoutineStatement> analyze_statement(Analyzer& analyzer, const Schema& schema,
                                           const PgQuery__Node& node);

/// What the statement gives: the targets of a SELECT, else RETURNING.
std::vector<Target>& outputs_of(RoutineStatement& statement);

}  // namespace dunlin::sql
