#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/identity.h"
#include "policy/access_rules.h"
#include "query/read_plan.h"
#include "sql/inlined.h"

namespace dunlin::data {

/// Functions over a table's row as columns and relations, as each role may read them: EXECUTE is
/// required, of the row hidden columns are unknown, and what the function reads besides it is read
/// with the role's rights and policies, or with the owner's where it is SECURITY DEFINER. Their
/// bodies are read once, when this is made. Immutable; borrows the rules.
class ComputedFunctions {
public:
    explicit ComputedFunctions(const policy::AccessRules& rules);

    /// What they give borrows this object.
    query::ComputedColumns columns(Role role) const;
    query::ComputedRelations relations(Role role) const;

private:
    /// One function over one table, for one role. Nothing where it is of the other kind.
    struct Computed {
        Result<std::optional<sql::Expression>> column;
        Result<std::optional<sql::ComputedRelation>> relation;
        const Table* target = nullptr;  // of the relation, as the role sees it
    };
    using ByName = std::map<std::string, Computed, std::less<>>;

    ByName functions_over(const Table& table, Role role) const;
    const Computed* find(Role role, const Table& table, std::string_view name) const;

    const policy::AccessRules& rules_;
    std::map<std::pair<Role, const Table*>, ByName> computed_;  // tables as the roles see them
};

}  // namespace dunlin::data
