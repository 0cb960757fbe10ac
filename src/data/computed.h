#pragma once

#include "core/identity.h"
#include "policy/access_rules.h"
#include "query/read_plan.h"

namespace dunlin::data {

/// Functions over a table's row as columns, as `role` may read them: EXECUTE is required, of the
/// row hidden columns are unknown, and what the function reads besides it is read with the role's
/// rights and policies, or with the owner's where it is SECURITY DEFINER. Borrows `rules`.
query::ComputedColumns computed_columns(const policy::AccessRules& rules, Role role);

/// The same for functions that give rows of a table.
query::ComputedRelations computed_relations(const policy::AccessRules& rules, Role role);

}  // namespace dunlin::data
