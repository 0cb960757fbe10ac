#pragma once

#include <memory>

#include "core/identity.h"
#include "core/result.h"
#include "core/schema.h"
#include "policy/access_rules.h"
#include "realtime/table_groups.h"

namespace dunlin::realtime {

/// What a shard needs of policy::AccessRules: the tables and who may see their rows. Immutable. The
/// schema and the rules live as long as the source.
class RuleSource {
public:
    virtual ~RuleSource() = default;
    virtual const Schema& schema() const = 0;
    /// As policy::AccessRules::schema_for.
    virtual const Schema& schema_for(Role) const { return schema(); }
    virtual const TableGroups& groups() const = 0;
    /// As policy::AccessRules::select_rule; fails with 42501 too when the role may not read the
    /// table at all.
    virtual Result<const policy::RowRule*> select_rule(const Table& table, Role role) const = 0;
    /// As policy::AccessRules::may_change_set, of a change in a table that the set depends on.
    virtual bool may_change_set(std::size_t, const Change&, const policy::Reader&) const {
        return true;
    }
    /// As policy::AccessRules::insert_rule, for realtime.messages; fails with 42501 too when the
    /// role may not insert at all.
    virtual Result<const policy::RowRule*> insert_rule(const Table& table, Role role) const = 0;
};

/// Of the project's rules, which it shares with the API and the other shards.
std::unique_ptr<const RuleSource> access_rule_source(
    std::shared_ptr<const policy::AccessRules> rules, TableGroups groups = {});

}  // namespace dunlin::realtime
