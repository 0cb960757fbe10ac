#include "data/computed.h"

#include <algorithm>

#include "data/function_rights.h"
#include "policy/expression_walk.h"
#include "query/column_rights.h"
#include "sql/inlined.h"

namespace dunlin::data {

namespace {

/// What is read with the caller's rights takes his right to read it.
Result<void> require_read(const policy::AccessRules& rules, Role role,
                          const std::vector<policy::ReadRelation>& read) {
    for (const policy::ReadRelation& relation : read) {
        if (relation.reads == policy::Reads::AsOwner) continue;
        auto granted = rules.require(*relation.table, Command::Select, role);
        if (!granted) return granted;
        const Table* seen = rules.schema_for(role).find_storage(relation.table->storage_name());
        const auto hidden = [&](std::size_t column) { return seen->columns.at(column).hidden; };
        if (seen != nullptr && std::ranges::any_of(relation.columns, hidden))
            return std::unexpected(query::permission_denied(*relation.table));
    }
    return {};
}

Result<std::optional<query::ComputedColumn>> computed_column(const policy::AccessRules& rules,
                                                             Role role, const Table& table,
                                                             std::string_view name,
                                                             std::string_view alias) {
    std::optional<query::ComputedColumn> none;
    // What a function returns has no type of its own, though it may have a table's name.
    if (rules.schema_for(role).find_storage(table.storage_name()) != &table) return none;
    const Function* function = sql::function_over(rules.schema(), table, name);
    if (function == nullptr) return none;
    auto value = sql::computed_column(rules.schema(), table, name);
    // It was read whole when it was made: what it does not find now is hidden from the role.
    if (!value && value.error().sqlstate == "42703") return none;
    if (!value) return std::unexpected(value.error());
    if (!*value) return none;
    auto allowed = require_executor(*function, role);
    if (allowed) allowed = require_read(rules, role, policy::relations_of(**value));
    if (!allowed) return std::unexpected(allowed.error());
    return query::ComputedColumn{sql::sqlite_text(**value, alias, rules.relation_filter(role)),
                                 (*value)->type};
}

}  // namespace

query::ComputedColumns computed_columns(const policy::AccessRules& rules, Role role) {
    return [&rules, role](const Table& table, std::string_view name, std::string_view alias) {
        return computed_column(rules, role, table, name, alias);
    };
}

}  // namespace dunlin::data
