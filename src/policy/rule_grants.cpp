// What GRANT allows a role: its view of the schema, and what it is refused before any row is asked
// for.
#include <fmt/format.h>

#include <algorithm>

#include "policy/expression_walk.h"
#include "policy/rules.h"

namespace dunlin::policy {

namespace {

RightSet right_of(Command command) {
    switch (command) {
        case Command::Select:
            return rights::select;
        case Command::Insert:
            return rights::insert;
        case Command::Update:
            return rights::update;
        case Command::Delete:
            return rights::remove;
        case Command::All:
            break;
    }
    return rights::all;
}

bool holds(const Table& table, const Column& column, RightSet right, Role role) {
    return ((table.granted.of(role) | column.granted.of(role)) & right) != 0;
}

Error permission_denied(const Table& table) {
    return sql_error("42501",
                     fmt::format("permission denied for {} {}",
                                 table.kind == RelationKind::View ? "view" : "table", table.name));
}

bool is_unrestricted(const Schema& schema, Role role) {
    return std::ranges::all_of(schema.tables, [&](const auto& entry) {
        return (entry.second.granted.of(role) & rights::all) == rights::all;
    });
}

Schema restricted(const Schema& schema, Role role) {
    Schema seen = schema;
    for (auto& [name, table] : seen.tables) {
        for (Column& column : table.columns) {
            column.hidden = !holds(table, column, rights::select, role);
            column.insertable = holds(table, column, rights::insert, role);
            column.updatable = holds(table, column, rights::update, role);
        }
    }
    return seen;
}

}  // namespace

bool holds_any(const Table& table, RightSet right, Role role) {
    return (table.granted.of(role) & right) != 0 ||
           std::ranges::any_of(table.columns, [&](const Column& column) {
               return holds(table, column, right, role);
           });
}

/// What the subqueries of `rule` read with the caller's rights, PostgreSQL's way: each table with
/// the columns that the subquery names, then the policies of that table.
std::optional<Error> AccessRules::Rules::denied_inside(const sql::Expression& rule,
                                                       Role role) const {
    for (const ReadRelation& read : relations_of(rule)) {
        if (read.reads == Reads::AsOwner) continue;
        if (auto denied = denied_reading(read, role)) return denied;
    }
    return std::nullopt;
}

std::optional<Error> AccessRules::Rules::denied_reading(const ReadRelation& read, Role role) const {
    const Table& table = *read.table;
    const bool readable = holds_any(table, rights::select, role) &&
                          std::ranges::all_of(read.columns, [&](std::size_t column) {
                              return holds(table, table.columns[column], rights::select, role);
                          });
    if (!readable) return permission_denied(table);
    if (table.kind == RelationKind::Table)
        return denied_inside(rule(table, Command::Select, role, Side::Using), role);
    return denied_behind(table, role);
}

std::optional<Error> AccessRules::Rules::denied_behind(const Table& view, Role role) const {
    for (const ReadRelation& read : relations_of(views.at(&view))) {
        const bool invoker_inside =
            read.table->kind == RelationKind::View && read.table->security_invoker;
        if (!asks_caller(view, read) || !(view.security_invoker || invoker_inside)) continue;
        if (auto denied = denied_reading(read, role)) return denied;
    }
    return std::nullopt;
}

std::optional<Error> AccessRules::Rules::denial(const Table& table, Command command,
                                                Role role) const {
    if (!holds_any(table, right_of(command), role)) return permission_denied(table);
    if (table.kind == RelationKind::View) return denied_behind(table, role);
    for (const Side side : {Side::Using, Side::Check}) {
        const bool asked = side == Side::Using
                               ? command != Command::Insert
                               : command == Command::Insert || command == Command::Update;
        if (!asked) continue;
        if (auto denied = denied_inside(rule(table, command, role, side), role)) return denied;
    }
    return std::nullopt;
}

void AccessRules::Rules::apply_grants() {
    for (const Role role : every_role) {
        if (is_unrestricted(*schema, role)) continue;
        role_schemas.emplace(role, restricted(*schema, role));
        for (const auto& [name, table] : schema->tables) {
            for (const Command command :
                 {Command::Select, Command::Insert, Command::Update, Command::Delete}) {
                auto denied = denial(table, command, role);
                if (!denied) continue;
                denials.emplace(std::tuple{table.storage_name(), command, role},
                                std::move(*denied));
            }
        }
    }
}

}  // namespace dunlin::policy
