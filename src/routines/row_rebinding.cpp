#include "routines/row_rebinding.h"

#include <algorithm>

namespace dunlin::routines {

sql::Expression columns_as_slots(sql::Expression expression, std::size_t first, std::size_t width) {
    if (expression.kind == sql::Expression::Kind::Column) {
        const auto relation = static_cast<std::size_t>(expression.relation);
        expression.kind = sql::Expression::Kind::Variable;
        expression.column += first + relation * width;
        return expression;
    }
    for (sql::Expression& argument : expression.arguments)
        argument = columns_as_slots(std::move(argument), first, width);
    return expression;
}

bool has_subquery(const sql::Expression& expression) {
    return expression.query != nullptr ||
           std::any_of(expression.arguments.begin(), expression.arguments.end(), has_subquery);
}

}  // namespace dunlin::routines
