#include <utility>

#include "realtime/rule_source.h"
#include "realtime/shard.h"

namespace dunlin::realtime {

namespace {

class AccessRuleSource final : public RuleSource {
public:
    AccessRuleSource(std::shared_ptr<const policy::AccessRules> rules, TableGroups groups)
        : rules_(std::move(rules)), groups_(std::move(groups)) {}

    const Schema& schema() const override { return rules_->schema(); }
    const Schema& schema_for(Role role) const override { return rules_->schema_for(role); }
    const TableGroups& groups() const override { return groups_; }
    Result<const policy::RowRule*> select_rule(const Table& table, Role role) const override {
        const auto granted = rules_->require(table, Command::Select, role);
        if (!granted) return std::unexpected(granted.error());
        return rules_->select_rule(table, role);
    }
    bool may_change_set(std::size_t set, const Change& change,
                        const policy::Reader& reader) const override {
        return rules_->may_change_set(set, change, reader);
    }
    Result<const policy::RowRule*> insert_rule(const Table& table, Role role) const override {
        const auto granted = rules_->require(table, Command::Insert, role);
        if (!granted) return std::unexpected(granted.error());
        return rules_->insert_rule(table, role);
    }

private:
    std::shared_ptr<const policy::AccessRules> rules_;  // Shared with the other shards and the API.
    TableGroups groups_;
};

}  // namespace

std::unique_ptr<const RuleSource> access_rule_source(
    std::shared_ptr<const policy::AccessRules> rules, TableGroups groups) {
    return std::make_unique<AccessRuleSource>(std::move(rules), std::move(groups));
}

Shard::Shard(std::shared_ptr<const policy::AccessRules> rules, Host& host, const Clock& clock,
             TableGroups groups)
    : Shard(access_rule_source(std::move(rules), std::move(groups)), host, clock) {}

}  // namespace dunlin::realtime
