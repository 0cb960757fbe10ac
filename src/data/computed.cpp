#include "data/computed.h"

#include <algorithm>

#include "data/function_rights.h"
#include "policy/expression_walk.h"
#include "query/column_rights.h"

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

std::vector<policy::ReadRelation> read_by(const sql::Expression& value) {
    return policy::relations_of(value);
}
std::vector<policy::ReadRelation> read_by(const sql::ComputedRelation& relation) {
    return policy::relations_of(relation.query);
}

/// What was inlined, or why the role may not read it; none where the function is of another kind.
template <typename Inlined>
Result<std::optional<Inlined>> readable(const policy::AccessRules& rules, Role role,
                                        const Function& function,
                                        Result<std::optional<Inlined>> inlined) {
    // It was read whole when it was made: what it does not find now is hidden from the role.
    if (!inlined && inlined.error().sqlstate == "42703") return std::optional<Inlined>();
    if (!inlined || !*inlined) return inlined;
    auto allowed = require_executor(function, role);
    if (allowed) allowed = require_read(rules, role, read_by(**inlined));
    if (!allowed) return std::unexpected(allowed.error());
    return inlined;
}

}  // namespace

ComputedFunctions::ComputedFunctions(const policy::AccessRules& rules) : rules_(rules) {
    for (const Role role : {Role::Anon, Role::Authenticated, Role::ServiceRole}) {
        for (const auto& [name, table] : rules.schema_for(role).tables) {
            ByName found = functions_over(table, role);
            if (!found.empty()) computed_.emplace(std::pair{role, &table}, std::move(found));
        }
    }
}

ComputedFunctions::ByName ComputedFunctions::functions_over(const Table& table, Role role) const {
    const Schema& schema = rules_.schema();
    ByName found;
    for (const auto& [key, overloads] : schema.functions) {
        const std::string& name = key.second;
        const Function* function = sql::function_over(schema, table, name);
        if (function == nullptr || function->schema != key.first) continue;
        Computed computed{
            .column = readable(rules_, role, *function, sql::computed_column(schema, table, name)),
            .relation =
                readable(rules_, role, *function, sql::computed_relation(schema, table, name))};
        if (computed.relation && *computed.relation)
            computed.target = rules_.schema_for(role).find_storage(function->result_table);
        found.emplace(name, std::move(computed));
    }
    return found;
}

/// What a function returns is no table of the schema, though it may have a table's name.
const ComputedFunctions::Computed* ComputedFunctions::find(Role role, const Table& table,
                                                           std::string_view name) const {
    const auto over = computed_.find({role, &table});
    if (over == computed_.end()) return nullptr;
    const auto found = over->second.find(name);
    return found == over->second.end() ? nullptr : &found->second;
}

query::ComputedColumns ComputedFunctions::columns(Role role) const {
    return [this, role](const Table& table, std::string_view name,
                        std::string_view alias) -> Result<std::optional<query::ComputedColumn>> {
        std::optional<query::ComputedColumn> none;
        const Computed* computed = find(role, table, name);
        if (computed == nullptr) return none;
        if (!computed->column) return std::unexpected(computed->column.error());
        const auto& value = *computed->column;
        if (!value) return none;
        const auto filter = rules_.relation_filter(role);
        return query::ComputedColumn{sql::sqlite_text(*value, alias, filter), value->type};
    };
}

query::ComputedRelations ComputedFunctions::relations(Role role) const {
    return [this, role](const Table& table,
                        std::string_view name) -> Result<std::optional<query::ComputedRelation>> {
        std::optional<query::ComputedRelation> none;
        const Computed* computed = find(role, table, name);
        if (computed == nullptr) return none;
        if (!computed->relation) return std::unexpected(computed->relation.error());
        const auto& relation = *computed->relation;
        if (!relation || computed->target == nullptr) return none;
        const auto rows = [this, role, &query = relation->query](std::string_view alias) {
            return sql::sqlite_text(query, alias, rules_.relation_filter(role));
        };
        return query::ComputedRelation{computed->target, relation->single, rows};
    };
}

}  // namespace dunlin::data
