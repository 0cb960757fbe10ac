#pragma once

#include "sql/cast_rules.h"
#include "sql/expression.h"

/// PostgreSQL's rules for which types meet, cut down to the types of core/type.h.
namespace dunlin::sql {

/// A quoted literal or NULL whose type its surroundings decide.
bool is_unknown(const Expression& expression);

Expression make_literal(Value value, Type type);
Expression make_unknown(Value value);
Expression make_call(std::string name, Type type, std::vector<Expression> arguments);
Expression make_operator(std::string name, Type type, std::vector<Expression> arguments);
const Type& bool_type();
const Type& text_type();

/// Makes `expression` of type `target`, implicitly. Fails with 42804 when PostgreSQL would, and
/// with the SQLSTATE of a bad literal.
Result<Expression> coerce(Expression expression, const Type& target);

/// As PostgreSQL does for the value of a column: also to narrower types, and to text from all. What
/// does not fit is found at run time.
Result<Expression> assign(Expression expression, const Type& target);

/// As an explicit cast (`::`), which also goes from and to text.
Result<Expression> cast(Expression expression, const Type& target);

/// Brings both sides to a type in which they compare. False when there is none.
Result<bool> unify(Expression& left, Expression& right);

/// The same for a list; literals without a type follow the others, text when all are.
Result<bool> unify_all(std::vector<Expression>& values);

bool has_aggregate(const Expression& expression);

/// The expression as a number that orders as the type does: enums by label, others unchanged.
Expression orderable(Expression expression);

}  // namespace dunlin::sql
