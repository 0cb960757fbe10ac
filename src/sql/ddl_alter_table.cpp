#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/ddl_alter.h"
#include "sql/ddl_index.h"
#include "sql/ddl_meaning.h"
#include "sql/ddl_trigger.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

std::size_t constraints_of(const Table& table) {
    return table.checks.size() + table.foreign_keys.size() + table.unique_keys.size() +
           table.primary_key.columns.size();
}

Done add_column(Alteration& change, const PgQuery__AlterTableCmd& command) {
    const auto& definition = *command.def->column_def;
    Table& table = change.table;
    if (command.missing_ok != 0 && table.find_column(text_of(definition.colname))) {
        change.builder.note(
            fmt::format("column \"{}\" already exists, skipping", definition.colname));
        return {};
    }
    const std::size_t before = constraints_of(table);
    const std::string_view row_number = table.row_number();
    if (auto done = add_column(change.builder, table, definition); !done) return done;
    const std::size_t index = table.columns.size() - 1;
    for (const ConstraintPass pass : {ConstraintPass::Own, ConstraintPass::Foreign}) {
        auto done = add_column_constraints(change.builder, table, index, definition, pass);
        if (!done) return done;
    }
    const Column& column = table.columns[index];
    const bool plain = constraints_of(table) == before && !column.not_null &&
                       column.default_text.empty() && column.generated_text.empty() &&
                       table.row_number() == row_number;
    if (plain)
        change.plain_columns.push_back(column.name);
    else
        change.rebuild = true;
    change.copy.added.push_back(column.name);
    return {};
}

/// Policies see the column by name, so they go with it or keep it.
Done drop_policies_over(Alteration& change, const std::string& column, bool cascade) {
    const auto uses = [&](const Policy& policy) {
        return mentions(policy.using_text, column) || mentions(policy.check_text, column);
    };
    const auto found = std::ranges::find_if(change.table.policies, uses);
    if (found == change.table.policies.end()) return {};
    if (!cascade) {
        return refuse(change.offset, "2BP01",
                      fmt::format("cannot drop column \"{}\" because policy \"{}\" depends on it",
                                  column, found->name),
                      "Drop the policy first, or use CASCADE.");
    }
    std::erase_if(change.table.policies, uses);
    return {};
}

Done drop_column(Alteration& change, const PgQuery__AlterTableCmd& command) {
    auto index = change.column(command.name);
    if (!index && command.missing_ok != 0) {
        change.builder.note(fmt::format("column \"{}\" does not exist, skipping", command.name));
        return {};
    }
    if (!index) return std::unexpected(index.error());
    const std::string name = command.name;
    const bool cascade = command.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    for (const Column& column : change.table.columns) {
        if (column.name == name || !mentions(column.generated_text, name)) continue;
        return refuse(
            change.offset, "2BP01",
            fmt::format("cannot drop column \"{}\" because column \"{}\" is generated from it",
                        name, column.name),
            "Drop that column first.");
    }
    if (change.table.columns.size() == 1)
        return not_carried(change.offset, "a table without columns", "Drop the table.");
    if (auto done = drop_policies_over(change, name, cascade); !done) return done;
    const auto points_here = [&](const ForeignKey& key) {
        return std::ranges::find(key.target_columns, name) != key.target_columns.end();
    };
    auto references = drop_references(change.builder, change.table, points_here, cascade,
                                      fmt::format("column \"{}\"", name), change.offset);
    if (!references) return references;
    if (auto free = require_no_trigger_of(change.table, *index, change.offset); !free) return free;
    remove_column(change.builder, change.table, *index);
    change.copy.sources.erase(name);
    change.rebuild = true;
    return {};
}

/// A key may go when no foreign key points to it.
Done drop_key(Alteration& change, const std::vector<std::size_t>& columns, bool cascade,
              const std::string& name) {
    const auto points_here = [&](const ForeignKey& key) {
        return key.target_columns.size() == columns.size() &&
               std::ranges::all_of(columns, [&](std::size_t column) {
                   const std::string& wanted = change.table.columns[column].name;
                   return std::ranges::find(key.target_columns, wanted) != key.target_columns.end();
               });
    };
    return drop_references(change.builder, change.table, points_here, cascade,
                           fmt::format("constraint \"{}\"", name), change.offset);
}

Done drop_constraint(Alteration& change, const PgQuery__AlterTableCmd& command) {
    Table& table = change.table;
    const std::string name = text_of(command.name);
    if (!has_constraint(table, name)) {
        if (command.missing_ok != 0) {
            change.builder.note(fmt::format("constraint \"{}\" does not exist, skipping", name));
            return {};
        }
        return refuse(
            change.offset, "42704",
            fmt::format("constraint \"{}\" of relation \"{}\" does not exist", name, table.name));
    }
    const bool cascade = command.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    const auto named = [&](const auto& constraint) { return constraint.name == name; };
    std::vector<Key> dropped;
    if (!table.primary_key.columns.empty() && named(table.primary_key)) {
        dropped.push_back(std::exchange(table.primary_key, {}));
    }
    for (const Key& key : table.unique_keys) {
        if (named(key)) dropped.push_back(key);
    }
    std::erase_if(table.unique_keys, named);
    std::erase_if(table.foreign_keys, named);
    std::erase_if(table.checks, named);
    change.rebuild = true;
    for (const Key& key : dropped) {
        if (auto done = drop_key(change, key.columns, cascade, name); !done) return done;
    }
    return {};
}

Done apply(Alteration& change, const PgQuery__AlterTableCmd& command) {
    switch (command.subtype) {
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
            return add_column(change, command);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
            return drop_column(change, command);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
            return alter_type(change, command);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
            return set_column_default(change, command);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
            return set_nulls(change, command, Nulls::Refused);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
            return set_nulls(change, command, Nulls::Allowed);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity:
            return add_identity(change, command);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity:
            return drop_identity(change, command);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropExpression:
            return drop_expression(change, command);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint:
            return drop_constraint(change, command);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
            change.rebuild = true;
            return add_constraint(change.builder, change.table, *command.def->constraint,
                                  std::nullopt);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableRowSecurity:
            change.table.row_security = true;
            return {};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableRowSecurity:
            change.table.row_security = false;
            return {};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrig:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableAlwaysTrig:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigAll:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigUser:
            return enable_trigger(change.table, command, true);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrig:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigUser:
            return enable_trigger(change.table, command, false);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ForceRowSecurity:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_NoForceRowSecurity:
            change.builder.note(
                "FORCE ROW LEVEL SECURITY has no effect: a table's owner is not a role of the API");
            return {};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ReplicaIdentity:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetTableSpace:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ClusterOn:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropCluster:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint:
            change.builder.note(
                "this ALTER TABLE has no effect: owner, storage and replica identity are not kept");
            return {};
        default:
            return not_carried(change.offset, "this ALTER TABLE",
                               "See docs/guide/sql.md for what migrations may use.");
    }
}

Done alter_view(Builder& builder, const PgQuery__AlterTableStmt& statement, Table& view) {
    for (std::size_t i = 0; i < statement.n_cmds; ++i) {
        const auto& command = *statement.cmds[i]->alter_table_cmd;
        if (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner) {
            builder.note("OWNER has no effect");
            continue;
        }
        const bool options = command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions;
        if (!options)
            return not_carried(statement.relation->location, "this ALTER VIEW",
                               "Use CREATE OR REPLACE VIEW.");
        const auto& list = *command.def->list;
        auto done = set_view_options(list.items, list.n_items, statement.relation->location, view);
        if (!done) return done;
    }
    return {};
}

}  // namespace

Done alter_table(Builder& builder, const PgQuery__AlterTableStmt& statement) {
    const RelationName name = relation_name(*statement.relation);
    const int at = statement.relation->location;
    const auto found = builder.schema.tables.find(name);
    if (found == builder.schema.tables.end() && statement.missing_ok != 0) {
        builder.note(fmt::format("relation \"{}\" does not exist, skipping", shown_name(name)));
        return {};
    }
    if (found != builder.schema.tables.end() && found->second.kind == RelationKind::View) {
        return alter_view(builder, statement, found->second);
    }
    auto table = find_table(builder, name, at);
    if (!table) return std::unexpected(table.error());
    const Meanings before = meanings_of(builder.schema);
    Alteration change{builder, **table, at};
    builder.changed[name] = at;
    for (std::size_t i = 0; i < statement.n_cmds; ++i) {
        if (auto done = apply(change, *statement.cmds[i]->alter_table_cmd); !done) return done;
    }
    auto fresh = refresh_search_indexes(builder.schema, change.table, at);
    if (!fresh) return fresh;
    if (change.rebuild) {
        if (auto done = rebuild_table(builder, change.table, change.copy); !done) return done;
    } else {
        for (const std::string& column : change.plain_columns) {
            auto text =
                column_text(builder.schema, change.table, *change.table.find_column(column));
            if (!text) return std::unexpected(text.error());
            builder.run(fmt::format("ALTER TABLE {} ADD COLUMN {}",
                                    quote_identifier(storage_name(name)), *text));
        }
    }
    if (auto valid = require_valid_dependents(builder); !valid) return valid;
    return require_same_meanings(before, builder.schema, ColumnsBy::Name, at);
}

}  // namespace dunlin::sql
