#pragma once

#include <optional>
#include <vector>

#include "core/result.h"
#include "sql/expression.h"

namespace dunlin::policy {

/// `exists (… where inner = outer and condition and rest)`, taken apart so that the subquery can be
/// answered from a set that is loaded once per reader.
struct Correlation {
    /// A value of the row around the subquery, and what it is compared with inside. Neither when
    /// the subquery is not tied to the row by an equality.
    std::optional<sql::Expression> outer;
    std::optional<sql::Expression> inner;
    /// Conditions over the row around the subquery alone.
    std::vector<sql::Expression> conditions;
    /// Conditions over the subquery's own rows alone.
    std::vector<sql::Expression> rest;
};

/// The parts of WHERE of a subquery of a policy; `outer` and `conditions` are in terms of the row.
/// Fails with NotSupported for one that no set can answer.
Result<Correlation> correlation_of(const sql::Query& query);

/// Appends what AND joins in an expression.
void split_conjuncts(const sql::Expression& expression, std::vector<sql::Expression>& out);

/// All of them with AND between; nothing for none.
std::optional<sql::Expression> join_conjuncts(std::vector<sql::Expression> conjuncts);

/// Whether values that are equal in SQL are equal as stored, so that a hash set can hold them.
bool hashes(const Type& type);

/// Whether the value needs a query of its own or the rows of a group.
bool has_subquery(const sql::Expression& expression);

/// NotSupported: `what` cannot be evaluated on live changes.
std::unexpected<Error> cannot_follow(std::string what);

}  // namespace dunlin::policy
