#pragma once

#include "sql/analyzer.h"
#include "sql/routine.h"

/// INSERT in a routine, and what it shares with UPDATE and DELETE. Internal to the module.
namespace dunlin::sql {

Parsed<RoutineStatement> analyze_insert(Analyzer& analyzer, const Schema& schema,
                                        const PgQuery__InsertStmt& node);

Parsed<const Table*> written_table(const Schema& schema, const PgQuery__RangeVar& range);
Parsed<std::size_t> written_column(const Table& table, const std::string& name, int at);
std::string alias_in(const PgQuery__RangeVar& range);
/// The default of a column, NULL when it has none.
Parsed<Expression> default_of(const Schema& schema, const Column& column);
Parsed<Expression> value_for(Analyzer& analyzer, const Column& column, const PgQuery__Node& node,
                             const Analyzer::Scope& scope);
Parsed<Expression> assign_to_column(Expression value, const Column& column, int at);
Parsed<void> add_returning(Analyzer& analyzer, PgQuery__Node* const* nodes, std::size_t count,
                           const Query& around, RoutineStatement& statement);

}  // namespace dunlin::sql
