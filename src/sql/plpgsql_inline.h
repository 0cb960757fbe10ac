#pragma once

#include "sql/analyzer.h"

namespace dunlin::sql::plpgsql {

/// The value that a PL/pgSQL function gives, as one expression: for bodies of declarations,
/// assignments, SELECT … INTO, IF and RETURN. `names` has the parameters, and is what `analyzer`
/// looks names up in. Fails with 0A000 for bodies that do more.
Parsed<Expression> inlined_body(Analyzer& analyzer, const Schema& schema, const Function& function,
                                RoutineNames& names);

}  // namespace dunlin::sql::plpgsql
