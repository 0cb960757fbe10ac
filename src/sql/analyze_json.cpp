// Functions that make JSON of values and rows.
#include "sql/analyzer.h"

namespace dunlin::sql {

Parsed<std::optional<Expression>> Analyzer::json_call(const std::string&, const PgQuery__FuncCall&,
                                                      const Scope&) {
    return std::optional<Expression>();
}

}  // namespace dunlin::sql
