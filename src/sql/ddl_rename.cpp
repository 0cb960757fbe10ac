#include <fmt/format.h>

#include <algorithm>

#include "sql/ddl_index.h"
#include "sql/ddl_meaning.h"
#include "sql/ddl_table.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

/// Inside a subquery the name may belong to another table: what comes out is compared afterwards.
void rename_in_policies(Table& table, const std::string& from, const std::string& to) {
    for (Policy& policy : table.policies) {
        policy.using_text = rename_identifier(policy.using_text, from, to);
        policy.check_text = rename_identifier(policy.check_text, from, to);
    }
}

void rename_in_index(const Table& table, Index& index, const std::string& from,
                     const std::string& to) {
    if (index.search) {
        index.search->vector_text = rename_identifier(index.search->vector_text, from, to);
        return;
    }
    index.sqlite_text =
        index_head(table, index) + rename_identifier(index_tail(table, index), from, to);
}

Done refuse_views_over_column(const Builder& builder, const Table& table, const std::string& column,
                              int offset) {
    for (const auto& [name, view] : builder.schema.tables) {
        if (view.kind != RelationKind::View) continue;
        if (!mentions(view.view_text, table.name) || !mentions(view.view_text, column)) continue;
        return refuse(offset, "2BP01",
                      fmt::format("cannot rename column \"{}\": view \"{}\" uses it", column,
                                  shown_name(name)),
                      "Drop the view first and create it again after the rename.");
    }
    return {};
}

Done rename_column(Builder& builder, const PgQuery__RenameStmt& statement) {
    const int at = statement.relation->location;
    auto found = find_table(builder, relation_name(*statement.relation), at);
    if (!found) return std::unexpected(found.error());
    Table& table = **found;
    const std::string from = text_of(statement.subname);
    const std::string to = text_of(statement.newname);
    auto index = find_column(table, from, at);
    if (!index) return std::unexpected(index.error());
    if (table.find_column(to)) {
        return refuse(
            at, "42701",
            fmt::format("column \"{}\" of relation \"{}\" already exists", to, table.name));
    }
    if (auto free = refuse_views_over_column(builder, table, from, at); !free) return free;
    const Meanings before = meanings_of(builder.schema);
    rename_in_policies(table, from, to);
    table.columns[*index].name = to;
    for (Column& column : table.columns)
        column.generated_text = rename_identifier(column.generated_text, from, to);
    for (CheckConstraint& check : table.checks)
        check.text = rename_identifier(check.text, from, to);
    unmake_search_indexes(builder, table);
    for (Index& other : table.indexes) rename_in_index(table, other, from, to);
    for (auto& [name, other] : builder.schema.tables) {
        for (ForeignKey& key : other.foreign_keys) {
            if (refers_to(key, table)) std::ranges::replace(key.target_columns, from, to);
        }
    }
    builder.run(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}",
                            quote_identifier(table.storage_name()), quote_identifier(from),
                            quote_identifier(to)));
    if (auto fresh = refresh_search_indexes(builder.schema, table, at); !fresh) return fresh;
    make_search_indexes(builder, table);
    if (auto valid = require_valid_dependents(builder); !valid) return valid;
    return require_same_meanings(before, builder.schema, ColumnsBy::Place, at);
}

/// Texts that read other tables call them by name.
void rename_in_texts(Builder& builder, const std::string& from, const std::string& to) {
    for (auto& [name, table] : builder.schema.tables) {
        if (table.kind == RelationKind::View && mentions(table.view_text, from)) {
            table.view_text = rename_identifier(table.view_text, from, to);
        }
        for (Policy& policy : table.policies) {
            for (std::string* text : {&policy.using_text, &policy.check_text}) {
                if (mentions(*text, from)) *text = rename_identifier(*text, from, to);
            }
        }
    }
}

Done rename_table(Builder& builder, const PgQuery__RenameStmt& statement) {
    const RelationName from = relation_name(*statement.relation);
    const int at = statement.relation->location;
    const RelationName to{from.first, text_of(statement.newname)};
    auto found = find_table(builder, from, at);
    if (!found) {
        if (statement.missing_ok == 0) return std::unexpected(found.error());
        builder.note(fmt::format("relation \"{}\" does not exist, skipping", shown_name(from)));
        return {};
    }
    if (auto free = require_free_name(builder, to, at); !free) return free;
    for (const auto& [name, table] : builder.schema.tables) {
        if (!table.find_column(from.second) && !table.find_column(to.second)) continue;
        return not_carried(at, "renaming a table from or to a name that is also a column's",
                           "Rename the column first, or choose another name.");
    }
    auto views = drop_views_over(builder, from);
    builder.run(fmt::format("ALTER TABLE {} RENAME TO {}", quote_identifier(storage_name(from)),
                            quote_identifier(storage_name(to))));
    auto node = builder.schema.tables.extract(from);
    Table& table = node.mapped();
    for (Index& index : table.indexes) {
        if (index.search) {  // SQLite gives its triggers the new name.
            std::string& text = index.search->vector_text;
            text = rename_identifier(text, from.second, to.second);
            continue;
        }
        const std::string tail = index_tail(table, index);
        Table renamed{.schema = to.first, .name = to.second};
        index.sqlite_text = index_head(renamed, index) + tail;
    }
    table.name = to.second;
    node.key() = to;
    builder.schema.tables.insert(std::move(node));
    for (auto& [name, other] : builder.schema.tables) {
        for (ForeignKey& key : other.foreign_keys) {
            const bool here = key.target_schema == from.first && key.target_table == from.second;
            if (here) key.target_table = to.second;
        }
        for (Column& column : other.columns) {
            if (column.base_table == storage_name(from)) column.base_table = storage_name(to);
        }
    }
    rename_in_texts(builder, from.second, to.second);
    if (auto done = restore_views(builder, std::move(views)); !done) return done;
    return require_valid_dependents(builder);
}

Done rename_constraint(Builder& builder, const PgQuery__RenameStmt& statement) {
    const int at = statement.relation->location;
    auto found = find_table(builder, relation_name(*statement.relation), at);
    if (!found) return std::unexpected(found.error());
    Table& table = **found;
    const std::string from = text_of(statement.subname);
    const std::string to = text_of(statement.newname);
    if (!has_constraint(table, from)) {
        return refuse(
            at, "42704",
            fmt::format("constraint \"{}\" for table \"{}\" does not exist", from, table.name));
    }
    if (has_constraint(table, to)) {
        return refuse(
            at, "42710",
            fmt::format("constraint \"{}\" for relation \"{}\" already exists", to, table.name));
    }
    const auto rename = [&](auto& constraint) {
        if (constraint.name == from) constraint.name = to;
    };
    rename(table.primary_key);
    std::ranges::for_each(table.unique_keys, rename);
    std::ranges::for_each(table.foreign_keys, rename);
    std::ranges::for_each(table.checks, rename);
    return rebuild_table(builder, table, {});
}

Done rename_policy(Builder& builder, const PgQuery__RenameStmt& statement) {
    const int at = statement.relation->location;
    auto table = find_table(builder, relation_name(*statement.relation), at);
    if (!table) return std::unexpected(table.error());
    const auto named = [](std::string_view name) {
        return [name](const Policy& policy) { return policy.name == name; };
    };
    auto& policies = (*table)->policies;
    const auto policy = std::ranges::find_if(policies, named(text_of(statement.subname)));
    if (policy == policies.end()) {
        return refuse(at, "42704",
                      fmt::format("policy \"{}\" for table \"{}\" does not exist",
                                  statement.subname, (*table)->name));
    }
    if (std::ranges::any_of(policies, named(text_of(statement.newname)))) {
        return refuse(at, "42710",
                      fmt::format("policy \"{}\" for table \"{}\" already exists",
                                  statement.newname, (*table)->name));
    }
    policy->name = text_of(statement.newname);
    return {};
}

Done rename_index(Builder& builder, const PgQuery__RenameStmt& statement) {
    const RelationName from = relation_name(*statement.relation);
    const int at = statement.relation->location;
    for (auto& [name, table] : builder.schema.tables) {
        if (table.schema != from.first) continue;
        for (Index& index : table.indexes) {
            if (index.name != from.second) continue;
            const RelationName to{table.schema, text_of(statement.newname)};
            if (auto free = require_free_name(builder, to, at); !free) return free;
            const std::string tail = index_tail(table, index);
            unmake_index(builder, table, index);
            index.name = to.second;
            if (!index.search) index.sqlite_text = index_head(table, index) + tail;
            auto fresh = refresh_search_indexes(builder.schema, table, at);
            if (!fresh) return fresh;
            make_index(builder, table, index);
            return {};
        }
    }
    return refuse(at, "42P01", fmt::format("relation \"{}\" does not exist", shown_name(from)));
}

}  // namespace

Done rename(Builder& builder, const PgQuery__RenameStmt& statement) {
    switch (statement.rename_type) {
        case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
            return rename_table(builder, statement);
        case PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN:
            return rename_column(builder, statement);
        case PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT:
            return rename_constraint(builder, statement);
        case PG_QUERY__OBJECT_TYPE__OBJECT_POLICY:
            return rename_policy(builder, statement);
        case PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER:
            return rename_trigger(builder, statement);
        case PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION:
            return rename_function(builder, statement);
        case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX:
            return rename_index(builder, statement);
        default:
            return not_carried(
                -1, "this RENAME",
                "Tables, columns, constraints, indexes, policies, functions and triggers can be "
                "renamed.");
    }
}

}  // namespace dunlin::sql
