#include <fmt/format.h>

#include <algorithm>

#include "sql/ddl_table.h"

namespace dunlin::sql {

namespace {

/// "t_a_b_key" of the columns of a key, in its parts.
DefaultName base_name(const Table& table, const std::vector<std::size_t>& columns,
                      std::string_view label) {
    DefaultName name{table.name, "", std::string(label)};
    for (const std::size_t column : columns)
        name.columns += (name.columns.empty() ? "" : "_") + table.columns[column].name;
    return name;
}

Parsed<std::string> constraint_name(const Builder& builder, const Table& table,
                                    const PgQuery__Constraint& constraint,
                                    const DefaultName& fallback) {
    if (!given(constraint.conname)) return free_constraint_name(builder, table, fallback);
    if (has_constraint(table, constraint.conname)) {
        return refuse(constraint.location, "42710",
                      fmt::format("constraint \"{}\" for relation \"{}\" already exists",
                                  constraint.conname, table.name));
    }
    return std::string(constraint.conname);
}

Parsed<std::vector<std::size_t>> key_columns(const Table& table,
                                             const PgQuery__Constraint& constraint,
                                             PgQuery__Node* const* nodes, std::size_t count,
                                             std::optional<std::size_t> column) {
    if (column) return std::vector<std::size_t>{*column};
    return find_columns(table, nodes, count, constraint.location);
}

Done require_simple_key(const PgQuery__Constraint& constraint) {
    if (given(constraint.indexname)) {
        return not_carried(constraint.location, "a constraint USING INDEX",
                           "Name the columns of the constraint.");
    }
    if (constraint.nulls_not_distinct != 0) {
        return not_carried(constraint.location, "NULLS NOT DISTINCT", "Make the columns NOT NULL.");
    }
    if (constraint.deferrable != 0 || constraint.initdeferred != 0) {
        return not_carried(constraint.location, "a deferrable key",
                           "Leave DEFERRABLE out: keys are checked by each statement.");
    }
    return {};
}

Done add_key(Builder& builder, Table& table, const PgQuery__Constraint& constraint,
             std::optional<std::size_t> column) {
    if (auto simple = require_simple_key(constraint); !simple) return simple;
    auto columns = key_columns(table, constraint, constraint.keys, constraint.n_keys, column);
    if (!columns) return std::unexpected(columns.error());
    const bool primary = constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY;
    if (primary && !table.primary_key.columns.empty()) {
        return refuse(
            constraint.location, "42P16",
            fmt::format("multiple primary keys for table \"{}\" are not allowed", table.name));
    }
    auto name =
        constraint_name(builder, table, constraint,
                        primary ? base_name(table, {}, "pkey") : base_name(table, *columns, "key"));
    if (!name) return std::unexpected(name.error());
    if (!primary) {
        table.unique_keys.push_back({std::move(*name), std::move(*columns)});
        return {};
    }
    for (const std::size_t index : *columns) table.columns[index].not_null = true;
    table.primary_key = {std::move(*name), std::move(*columns)};
    return {};
}

Done add_check(Builder& builder, Table& table, const PgQuery__Constraint& constraint) {
    auto expression =
        analyze_expression(builder.schema, &table, *constraint.raw_expr, &bool_type());
    if (!expression) return std::unexpected(expression.error());
    if (auto plain = require_plain(*expression, constraint.location, "a check constraint", false);
        !plain)
        return plain;
    const std::string text = deparse_expression(*constraint.raw_expr);
    // PostgreSQL names a check after its column when it uses just one, however it was written.
    std::vector<std::size_t> used;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (mentions(text, table.columns[i].name)) used.push_back(i);
    }
    if (used.size() != 1) used.clear();
    auto name = constraint_name(builder, table, constraint, base_name(table, used, "check"));
    if (!name) return std::unexpected(name.error());
    table.checks.push_back({std::move(*name), text});
    return {};
}

ForeignKeyAction action_of(const char* code) {
    switch (given(code) ? *code : 'a') {
        case 'r':
            return ForeignKeyAction::Restrict;
        case 'c':
            return ForeignKeyAction::Cascade;
        case 'n':
            return ForeignKeyAction::SetNull;
        case 'd':
            return ForeignKeyAction::SetDefault;
        default:
            return ForeignKeyAction::NoAction;
    }
}

bool comparable(const Type& left, const Type& right) {
    if (left.array != right.array) return false;
    if ((is_integer(left) && is_integer(right)) || (is_text(left) && is_text(right))) return true;
    return left.kind == right.kind && left.enum_name == right.enum_name;
}

/// The columns of the target that the key points to, checked to be a key of the same types.
Done find_targets(const Table& table, const Table& target, const PgQuery__Constraint& constraint,
                  ForeignKey& key) {
    auto columns =
        constraint.n_pk_attrs > 0
            ? find_columns(target, constraint.pk_attrs, constraint.n_pk_attrs, constraint.location)
            : Parsed<std::vector<std::size_t>>(target.primary_key.columns);
    if (!columns) return std::unexpected(columns.error());
    if (columns->empty()) {
        return refuse(
            constraint.location, "42704",
            fmt::format("there is no primary key for referenced table \"{}\"", target.name));
    }
    if (columns->size() != key.columns.size()) {
        return refuse(constraint.location, "42830",
                      "number of referencing and referenced columns for foreign key disagree");
    }
    if (!is_unique(target, *columns)) {
        return refuse(
            constraint.location, "42830",
            fmt::format(
                "there is no unique constraint matching given keys for referenced table \"{}\"",
                target.name));
    }
    for (std::size_t i = 0; i < columns->size(); ++i) {
        const Column& to = target.columns[(*columns)[i]];
        const Column& from = table.columns[key.columns[i]];
        if (!comparable(from.type, to.type)) {
            return refuse(
                constraint.location, "42804",
                fmt::format("key columns \"{}\" and \"{}\" are of incompatible types: {} and {}",
                            from.name, to.name, sql_type_name(from.type), sql_type_name(to.type)));
        }
        key.target_columns.push_back(to.name);
    }
    return {};
}

Done add_foreign_key(Builder& builder, Table& table, const PgQuery__Constraint& constraint,
                     std::optional<std::size_t> column) {
    auto columns =
        key_columns(table, constraint, constraint.fk_attrs, constraint.n_fk_attrs, column);
    if (!columns) return std::unexpected(columns.error());
    if (text_of(constraint.fk_matchtype) == "f" && columns->size() > 1) {
        return not_carried(constraint.location, "MATCH FULL", "Make the columns NOT NULL.");
    }
    if (constraint.n_fk_del_set_cols > 0) {
        return not_carried(constraint.location, "SET NULL with a column list",
                           "Use ON DELETE SET NULL.");
    }
    const RelationName target_name = relation_name(*constraint.pktable);
    const Table* target = &table;
    if (target_name != RelationName{table.schema, table.name}) {
        auto found = find_table(builder, target_name, constraint.pktable->location);
        if (!found) return std::unexpected(found.error());
        target = *found;
    }
    ForeignKey key{.name = {},
                   .columns = *columns,
                   .target_schema = target_name.first,
                   .target_table = target_name.second,
                   .target_columns = {}};
    if (auto found = find_targets(table, *target, constraint, key); !found) return found;
    auto name = constraint_name(builder, table, constraint, base_name(table, *columns, "fkey"));
    if (!name) return std::unexpected(name.error());
    key.name = std::move(*name);
    key.on_delete = action_of(constraint.fk_del_action);
    key.on_update = action_of(constraint.fk_upd_action);
    key.deferred = constraint.initdeferred != 0;
    table.foreign_keys.push_back(std::move(key));
    return {};
}

}  // namespace

Done add_constraint(Builder& builder, Table& table, const PgQuery__Constraint& constraint,
                    std::optional<std::size_t> column) {
    if (constraint.skip_validation != 0) {
        builder.note("NOT VALID has no effect: existing rows are checked");
    }
    switch (constraint.contype) {
        case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
        case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
            return add_key(builder, table, constraint, column);
        case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
            return add_check(builder, table, constraint);
        case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
            return add_foreign_key(builder, table, constraint, column);
        case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION:
            return not_carried(constraint.location, "EXCLUDE",
                               "Use a unique index, or check the overlap in the application.");
        default:
            return {};  // Said of the column itself (add_column).
    }
}

}  // namespace dunlin::sql
