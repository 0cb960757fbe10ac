#include <fmt/format.h>

#include <algorithm>

#include "sql/ddl.h"

namespace dunlin::sql {

namespace {

std::vector<std::string> roles_of(PgQuery__Node* const* nodes, std::size_t count) {
    std::vector<std::string> roles;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& role = *nodes[i]->role_spec;
        if (role.roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC) return {};
        roles.push_back(text_of(role.rolename));
    }
    return roles;
}

Command command_of(std::string_view name) {
    if (name == "select") return Command::Select;
    if (name == "insert") return Command::Insert;
    if (name == "update") return Command::Update;
    if (name == "delete") return Command::Delete;
    return Command::All;
}

/// PostgreSQL text of a condition over the table's rows, after it was found to be one.
Parsed<std::string> condition_text(const Schema& schema, const Table& table,
                                   const PgQuery__Node& node) {
    auto expression = analyze_expression(schema, &table, node, &bool_type());
    if (!expression) return std::unexpected(expression.error());
    return deparse_expression(node);
}

Done set_conditions(const Schema& schema, const Table& table, const PgQuery__Node* visible,
                    const PgQuery__Node* allowed, Policy& policy) {
    for (const auto& [node, text] :
         {std::pair(visible, &policy.using_text), std::pair(allowed, &policy.check_text)}) {
        if (node == nullptr) continue;
        auto condition = condition_text(schema, table, *node);
        if (!condition) return std::unexpected(condition.error());
        *text = std::move(*condition);
    }
    return {};
}

/// PostgreSQL takes no USING for INSERT and no WITH CHECK for SELECT and DELETE.
Done require_fitting_conditions(const Policy& policy, int offset) {
    if (policy.command == Command::Insert && !policy.using_text.empty()) {
        return refuse(offset, "42601", "only WITH CHECK expression allowed for INSERT");
    }
    const bool reads = policy.command == Command::Select || policy.command == Command::Delete;
    if (reads && !policy.check_text.empty()) {
        return refuse(offset, "42601", "WITH CHECK cannot be applied to SELECT or DELETE");
    }
    return {};
}

auto find_policy(Table& table, std::string_view name) {
    return std::ranges::find_if(table.policies,
                                [&](const Policy& policy) { return policy.name == name; });
}

std::unexpected<Refusal> no_policy(std::string_view name, const Table& table, int offset) {
    return refuse(offset, "42704",
                  fmt::format("policy \"{}\" for table \"{}\" does not exist", name, table.name));
}

}  // namespace

Done create_policy(Builder& builder, const PgQuery__CreatePolicyStmt& statement) {
    const int at = statement.table->location;
    auto table = find_table(builder, relation_name(*statement.table), at);
    if (!table) return std::unexpected(table.error());
    Policy policy{.name = text_of(statement.policy_name),
                  .command = command_of(text_of(statement.cmd_name)),
                  .permissive = statement.permissive != 0,
                  .roles = roles_of(statement.roles, statement.n_roles)};
    if (find_policy(**table, policy.name) != (*table)->policies.end()) {
        return refuse(at, "42710",
                      fmt::format("policy \"{}\" for table \"{}\" already exists", policy.name,
                                  (*table)->name));
    }
    auto set =
        set_conditions(builder.schema, **table, statement.qual, statement.with_check, policy);
    if (!set) return set;
    if (auto fitting = require_fitting_conditions(policy, at); !fitting) return fitting;
    (*table)->policies.push_back(std::move(policy));
    return {};
}

Done alter_policy(Builder& builder, const PgQuery__AlterPolicyStmt& statement) {
    const int at = statement.table->location;
    auto table = find_table(builder, relation_name(*statement.table), at);
    if (!table) return std::unexpected(table.error());
    const auto policy = find_policy(**table, text_of(statement.policy_name));
    if (policy == (*table)->policies.end())
        return no_policy(text_of(statement.policy_name), **table, at);
    if (statement.n_roles > 0) policy->roles = roles_of(statement.roles, statement.n_roles);
    auto set =
        set_conditions(builder.schema, **table, statement.qual, statement.with_check, *policy);
    if (!set) return set;
    return require_fitting_conditions(*policy, at);
}

Done drop_policy(Builder& builder, const RelationName& table_name, std::string_view name,
                 bool missing_ok) {
    auto table = find_table(builder, table_name, -1);
    if (!table) return std::unexpected(table.error());
    const auto policy = find_policy(**table, name);
    if (policy == (*table)->policies.end()) {
        if (!missing_ok) return no_policy(name, **table, -1);
        builder.note(fmt::format("policy \"{}\" does not exist, skipping", name));
        return {};
    }
    (*table)->policies.erase(policy);
    return {};
}

Done comment(Builder& builder, const PgQuery__CommentStmt& statement) {
    if (statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION)
        return comment_on_function(builder, statement);
    const bool column = statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN;
    const bool relation = statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
                          statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW;
    if (!column && !relation) {
        builder.note("COMMENT has an effect on tables, views, columns and functions only");
        return {};
    }
    const auto& names = *statement.object->list;
    const RelationName name = relation_name(names.items, names.n_items - (column ? 1 : 0));
    const auto found = builder.schema.tables.find(name);
    if (found == builder.schema.tables.end()) {
        return refuse(-1, "42P01", fmt::format("relation \"{}\" does not exist", shown_name(name)));
    }
    if (relation) {
        found->second.comment = text_of(statement.comment);
        return {};
    }
    auto index = find_column(found->second, string_of(*names.items[names.n_items - 1]), -1);
    if (!index) return std::unexpected(index.error());
    found->second.columns[*index].comment = text_of(statement.comment);
    return {};
}

}  // namespace dunlin::sql
