// Which policies count, and why the others do not.
#include <fmt/format.h>

#include <algorithm>

#include "policy/rules.h"

namespace dunlin::policy {

std::string_view command_name(Command command) {
    switch (command) {
        case Command::Select:
            return "select";
        case Command::Insert:
            return "insert";
        case Command::Update:
            return "update";
        case Command::Delete:
            return "delete";
        case Command::All:
            break;
    }
    return "all";
}

std::string why_skipped(const Policy& policy, Command command, Role role) {
    if (policy.command != Command::All && policy.command != command) {
        return fmt::format("it is for {}", command_name(policy.command));
    }
    const bool named = std::ranges::any_of(policy.roles, [&](const std::string& name) {
        return name == "public" || name == role_name(role);
    });
    if (policy.roles.empty() || named) return {};
    return fmt::format("it is to {}", fmt::join(policy.roles, ", "));
}

const std::optional<sql::Expression>& part_of(const AnalysedPolicy& policy, Side side) {
    return side == Side::Check && policy.check ? policy.check : policy.visible;
}

ExplainedRule AccessRules::Rules::explain(const Table& table, Command command, Side side, Role role,
                                          std::string_view alias) const {
    ExplainedRule explained{.sql = text(table, command, role, alias, side, {})};
    if (role == Role::ServiceRole) {
        explained.admits_all = "no policy holds the service role back";
    } else if (table.kind == RelationKind::View) {
        explained.admits_all = hides_rows(table, role)
                                   ? "the policies of its tables hold inside the view"
                                   : "a view has no policies of its own";
    } else if (!table.row_security) {
        explained.admits_all = "row level security is off";
    }
    const auto found = policies.find(table.storage_name());
    if (found == policies.end()) return explained;
    for (const AnalysedPolicy& analysed : found->second) {
        ExplainedPolicy one{.policy = analysed.policy,
                            .skipped = why_skipped(*analysed.policy, command, role)};
        const bool checks = side == Side::Check && analysed.check;
        one.text = checks ? analysed.policy->check_text : analysed.policy->using_text;
        const auto& part = part_of(analysed, side);
        if (one.skipped.empty() && !part) one.skipped = "it has no condition for this";
        if (one.skipped.empty()) one.sql = sql::sqlite_text(*part, alias, filter(role, {}));
        explained.policies.push_back(std::move(one));
    }
    return explained;
}

}  // namespace dunlin::policy
