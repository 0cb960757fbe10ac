// ON DELETE and ON UPDATE in migrations. They run without SQLite's foreign keys, because a table
// that is made anew would take its referring rows along; what breaks a key is found at the end.
#include <fmt/format.h>

#include <algorithm>

#include "sql/ddl_table.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

/// `c.a = p.x and …` between a referring row and the one that it refers to.
std::string match_text(const Table& child, const ForeignKey& key) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
        parts.push_back(fmt::format("c.{} = p.{}",
                                    quote_identifier(child.columns[key.columns[i]].name),
                                    quote_identifier(key.target_columns[i])));
    }
    return join(parts, " and ");
}

/// The rows `c` of the child that refer to a row that is gone.
std::string orphan_text(const Table& child, const ForeignKey& key) {
    std::string given;
    for (const std::size_t column : key.columns) {
        given += fmt::format("c.{} is not null and ", quote_identifier(child.columns[column].name));
    }
    return fmt::format("{}not exists (select 1 from {} as p where {})", given,
                       quote_identifier(storage_name({key.target_schema, key.target_table})),
                       match_text(child, key));
}

/// A table that refers to itself: the rows below those that are gone, however deep.
std::string delete_below_text(const Table& table, const ForeignKey& key) {
    const std::string name = quote_identifier(table.storage_name());
    return fmt::format(
        "delete from {0} where rowid in (with recursive gone (number) as (select c.rowid from {0} "
        "as c where {1} "
        "union select c.rowid from {0} as c join {0} as p on {2} join gone on p.rowid = "
        "gone.number) "
        "select number from gone)",
        name, orphan_text(table, key), match_text(table, key));
}

Parsed<std::string> reset_text(const Schema& schema, const Table& child, const ForeignKey& key) {
    std::vector<std::string> sets;
    for (const std::size_t index : key.columns) {
        const Column& column = child.columns[index];
        auto value = key.on_delete == ForeignKeyAction::SetDefault ? default_value(schema, column)
                                                                   : Parsed<std::string>("null");
        if (!value) return value;
        sets.push_back(quote_identifier(column.name) + " = " + *value);
    }
    return fmt::format("update {} as c set {} where {}", quote_identifier(child.storage_name()),
                       join(sets, ", "), orphan_text(child, key));
}

Done act(Builder& builder, const Table& child, const ForeignKey& key,
         std::vector<const Table*>& above) {
    if (key.on_delete == ForeignKeyAction::NoAction || key.on_delete == ForeignKeyAction::Restrict)
        return {};
    if (key.on_delete != ForeignKeyAction::Cascade) {
        auto text = reset_text(builder.schema, child, key);
        if (!text) return std::unexpected(text.error());
        builder.run(std::move(*text));
        return {};
    }
    if (&child == above.back()) {
        builder.run(delete_below_text(child, key));
        return {};
    }
    if (std::ranges::find(above, &child) != above.end())
        return {};  // a circle: the check at the end tells
    builder.run(fmt::format("delete from {} as c where {}", quote_identifier(child.storage_name()),
                            orphan_text(child, key)));
    above.push_back(&child);
    auto done = run_delete_actions(builder, above);
    above.pop_back();
    return done;
}

}  // namespace

Done run_delete_actions(Builder& builder, std::vector<const Table*>& above) {
    const Table& target = *above.back();
    for (const bool itself : {true, false}) {  // the rows below first: others may refer to them
        for (const auto& [name, child] : builder.schema.tables) {
            if ((&child == &target) != itself) continue;
            for (const ForeignKey& key : child.foreign_keys) {
                if (!refers_to(key, target)) continue;
                if (auto done = act(builder, child, key, above); !done) return done;
            }
        }
    }
    return {};
}

Done require_no_update_action(const Builder& builder, const Table& target, std::string_view column,
                              int offset) {
    for (const auto& [name, child] : builder.schema.tables) {
        for (const ForeignKey& key : child.foreign_keys) {
            const bool acts = key.on_update != ForeignKeyAction::NoAction &&
                              key.on_update != ForeignKeyAction::Restrict;
            if (!acts || !refers_to(key, target) ||
                std::ranges::find(key.target_columns, column) == key.target_columns.end()) {
                continue;
            }
            return not_carried(
                offset,
                fmt::format("updating the key \"{}\" that \"{}\" follows", column, key.name),
                "Drop the foreign key first and add it again after the change.");
        }
    }
    return {};
}

}  // namespace dunlin::sql
