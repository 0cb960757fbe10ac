#include <fmt/format.h>

#include <algorithm>

#include "sql/ddl_index.h"
#include "sql/ddl_table.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

/// A number once given is not given again, also after the row is gone.
void keep_last_number(Builder& builder, const Table& table, const std::string& making) {
    bool numbered = false;
    for (std::size_t i = 0; i < table.columns.size(); ++i) numbered |= is_row_number(table, i);
    if (!numbered) return;
    const std::string to = quote_literal(Value(making));
    builder.run("DELETE FROM sqlite_sequence WHERE name = " + to);
    builder.run(
        fmt::format("INSERT INTO sqlite_sequence (name, seq) SELECT {}, seq FROM sqlite_sequence "
                    "WHERE name = {}",
                    to, quote_literal(Value(table.storage_name()))));
}

bool reads_column(const Index& index, const std::string& column) {
    return index.search &&
           std::ranges::find(index.search->columns, column) != index.search->columns.end();
}

}  // namespace

Done rebuild_table(Builder& builder, const Table& table, const Copy& copy) {
    const std::string name = table.storage_name();
    const std::string making = "_dunlin_rebuild_" + name;
    auto create = create_table_text(builder.schema, table, making);
    if (!create) return std::unexpected(create.error());
    std::vector<std::string> columns;
    std::vector<std::string> values;
    for (const Column& column : table.columns) {
        if (!column.generated_text.empty()) continue;
        if (std::ranges::find(copy.added, column.name) != copy.added.end()) continue;
        const auto source = copy.sources.find(column.name);
        columns.push_back(quote_identifier(column.name));
        values.push_back(source == copy.sources.end() ? columns.back() : source->second);
    }
    // SQLite refuses to rename a table while a view names one that is gone.
    auto views = drop_views_over(builder, {table.schema, table.name});
    builder.run(std::move(*create));
    if (!columns.empty()) {
        builder.run(fmt::format("INSERT INTO {} ({}) SELECT {} FROM {} ORDER BY rowid",
                                quote_identifier(making), join(columns, ", "), join(values, ", "),
                                quote_identifier(name)));
    }
    keep_last_number(builder, table, making);
    // Row numbers may change with the table, so what has them goes with it.
    unmake_search_indexes(builder, table);
    builder.run("DROP TABLE " + quote_identifier(name));
    // References of other tables name the old table by its text, so this brings them back.
    builder.run(fmt::format("ALTER TABLE {} RENAME TO {}", quote_identifier(making),
                            quote_identifier(name)));
    for (const Index& index : table.indexes) make_index(builder, table, index);
    return restore_views(builder, std::move(views));
}

void remove_column(Builder& builder, Table& table, std::size_t column) {
    const std::string name = table.columns[column].name;
    for (const Index& index : table.indexes) {
        if (reads_column(index, name)) unmake_index(builder, table, index);
    }
    const auto has = [&](const auto& constraint) {
        return std::ranges::find(constraint.columns, column) != constraint.columns.end();
    };
    if (has(table.primary_key)) table.primary_key = {};
    std::erase_if(table.unique_keys, has);
    std::erase_if(table.foreign_keys, has);
    std::erase_if(table.checks,
                  [&](const CheckConstraint& check) { return mentions(check.text, name); });
    const std::string quoted = quote_identifier(name);
    std::erase_if(table.indexes, [&](const Index& index) {
        return index_tail(table, index).contains(quoted) || reads_column(index, name);
    });
    const auto shift = [&](std::vector<std::size_t>& columns) {
        for (std::size_t& other : columns) other -= other > column ? 1 : 0;
    };
    shift(table.primary_key.columns);
    for (Key& key : table.unique_keys) shift(key.columns);
    for (ForeignKey& key : table.foreign_keys) shift(key.columns);
    for (Index& index : table.indexes) shift(index.columns);
    for (Trigger& trigger : table.triggers) shift(trigger.update_of);
    table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(column));
}

}  // namespace dunlin::sql
