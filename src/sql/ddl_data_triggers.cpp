#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sql/ddl_table.h"
#include "sql/migration.h"
#include "sql/routine_statement.h"

namespace dunlin::sql {

namespace {

const PgQuery__RangeVar* target_of(const PgQuery__Node& node) {
    switch (node.node_case) {
        case PG_QUERY__NODE__NODE_INSERT_STMT:
            return node.insert_stmt->relation;
        case PG_QUERY__NODE__NODE_UPDATE_STMT:
            return node.update_stmt->relation;
        case PG_QUERY__NODE__NODE_DELETE_STMT:
            return node.delete_stmt->relation;
        default:
            return nullptr;
    }
}

bool has_triggers(const Table& table) {
    return std::ranges::any_of(table.triggers, &Trigger::enabled);
}

/// A table whose rows go or change with those of `table`, by actions of foreign keys, and that has
/// triggers: in a migration the actions are statements of their own, which fire none.
const Table* follower_with_triggers(const Schema& schema, const Table& table,
                                    std::set<const Table*>& seen) {
    for (const auto& [name, other] : schema.tables) {
        const bool follows = std::ranges::any_of(other.foreign_keys, [&](const ForeignKey& key) {
            return key.target_schema == table.schema && key.target_table == table.name &&
                   key.on_delete != ForeignKeyAction::NoAction &&
                   key.on_delete != ForeignKeyAction::Restrict;
        });
        if (!follows || !seen.insert(&other).second) continue;
        if (has_triggers(other)) return &other;
        const Table* further = follower_with_triggers(schema, other, seen);
        if (further != nullptr) return further;
    }
    return nullptr;
}

}  // namespace

bool fires_triggers(const Builder& builder, const PgQuery__Node& node) {
    const PgQuery__RangeVar* target = target_of(node);
    if (target == nullptr) return false;
    const auto [schema, name] = relation_name(*target);
    const Table* table = builder.schema.find(schema, name);
    return table != nullptr && has_triggers(*table);
}

Done run_with_triggers(Builder& builder, const PgQuery__Node& node) {
    if (builder.snapshot == nullptr)
        builder.snapshot = std::make_shared<const Schema>(builder.schema);
    Analyzer analyzer(*builder.snapshot);
    auto statement = analyze_statement(analyzer, *builder.snapshot, node);
    if (!statement) return std::unexpected(statement.error());
    const int at = target_of(node)->location;
    for (const auto& [column, value] : statement->set) {
        auto free = require_no_update_action(builder, *statement->table,
                                             statement->table->columns[column].name, at);
        if (!free) return free;
    }
    const Table& table = *statement->table;
    auto data = std::make_shared<DataStatement>();
    data->schema = builder.snapshot;
    data->statement = std::move(*statement);
    builder.data.emplace(builder.statements.size(), std::move(data));
    builder.run("");
    if (node.node_case != PG_QUERY__NODE__NODE_DELETE_STMT) return {};
    std::vector<const Table*> above = {&table};
    return run_delete_actions(builder, above);
}

Done require_no_followers(const Builder& builder, const PgQuery__Node& node) {
    if (node.node_case != PG_QUERY__NODE__NODE_DELETE_STMT) return {};
    const auto [schema, name] = relation_name(*target_of(node));
    const Table* table = builder.schema.find(schema, name);
    std::set<const Table*> seen;
    const Table* follower =
        table == nullptr ? nullptr : follower_with_triggers(builder.schema, *table, seen);
    if (follower == nullptr) return {};
    return not_carried(
        target_of(node)->location,
        fmt::format("a DELETE in a migration whose foreign keys change \"{}\", which "
                    "has triggers",
                    follower->name),
        "Delete or change those rows first, in a statement of their own.");
}

}  // namespace dunlin::sql
