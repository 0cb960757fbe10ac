#include "engine/sqlite/foreign_keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/codec.h"
#include "engine/sqlite/errors.h"

namespace dunlin::engine::sqlite {

namespace {

constexpr std::size_t changes_examined_max = 1'000;

std::string identifier(std::string_view name) {
    std::string text = "\"";
    for (const char c : name) text.append(c == '"' ? 2 : 1, c);
    return text + '"';
}

std::vector<std::string> names_of(const Table& table, const std::vector<std::size_t>& columns) {
    std::vector<std::string> names;
    for (const std::size_t column : columns) names.push_back(table.columns[column].name);
    return names;
}

const Table* target_of(const Schema& schema, const ForeignKey& key) {
    return schema.find(key.target_schema, key.target_table);
}

/// Whether `table` has a row whose `columns` have these values.
bool has_row(Connection& connection, const Table& table, const std::vector<std::string>& columns,
             const Row& values) {
    std::vector<std::string> conditions;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        conditions.push_back(fmt::format("{} = ?{}", identifier(columns[i]), i + 1));
    }
    const auto found = connection.query(
        {fmt::format("select 1 from {} where {} limit 1", identifier(table.storage_name()),
                     fmt::join(conditions, " and ")),
         values});
    return found && !found->rows.empty();
}

/// The values of the columns; empty when one is NULL or missing, which no foreign key looks at.
Row values_of(const Row& row, const std::vector<std::size_t>& columns) {
    Row values;
    for (const std::size_t column : columns) {
        if (column >= row.size() || row[column].is_null()) return {};
        values.push_back(row[column]);
    }
    return values;
}

std::optional<Error> find_missing_target(Connection& connection, const Schema& schema,
                                         const Table& table, const RowChange& change) {
    for (const ForeignKey& key : table.foreign_keys) {
        const Table* target = target_of(schema, key);
        const Row values = values_of(change.new_row, key.columns);
        if (target == nullptr || values.empty()) continue;
        if (has_row(connection, *target, key.target_columns, values)) continue;
        return sql_error("23503",
                         fmt::format("insert or update on table \"{}\" violates foreign key "
                                     "constraint \"{}\"",
                                     table.name, key.name),
                         fmt::format("{} is not present in table \"{}\".",
                                     key_text(table, key.columns, change.new_row), target->name));
    }
    return std::nullopt;
}

/// Whether a row of `child` still needs the key that `change` took away from `table`.
bool is_still_referenced(Connection& connection, const Table& child, const ForeignKey& key,
                         const Table& table, const std::vector<std::size_t>& target_columns,
                         const RowChange& change) {
    const Row values = values_of(change.old_row, target_columns);
    if (values.empty() || values == values_of(change.new_row, target_columns)) return false;
    if (!has_row(connection, child, names_of(child, key.columns), values)) return false;
    const auto action = change.kind == ChangeKind::Delete ? key.on_delete : key.on_update;
    return action == ForeignKeyAction::Restrict ||
           !has_row(connection, table, key.target_columns, values);
}

std::optional<Error> find_reference(Connection& connection, const Schema& schema,
                                    const Table& table, const RowChange& change) {
    for (const auto& [name, child] : schema.tables) {
        for (const ForeignKey& key : child.foreign_keys) {
            if (target_of(schema, key) != &table) continue;
            std::vector<std::size_t> columns;
            for (const auto& column : key.target_columns) {
                const auto found = table.find_column(column);
                if (found) columns.push_back(*found);
            }
            if (!is_still_referenced(connection, child, key, table, columns, change)) continue;
            return sql_error("23503",
                             fmt::format("update or delete on table \"{}\" violates foreign key "
                                         "constraint \"{}\" on table \"{}\"",
                                         table.name, key.name, child.name),
                             fmt::format("{} is still referenced from table \"{}\".",
                                         key_text(table, columns, change.old_row), child.name));
        }
    }
    return std::nullopt;
}

}  // namespace

std::string key_text(const Table& table, const std::vector<std::size_t>& columns, const Row& row) {
    std::vector<std::string> values;
    for (const std::size_t column : columns) {
        values.push_back(codec::to_text(table.columns[column].type, row[column]));
    }
    return fmt::format("Key ({})=({})", fmt::join(names_of(table, columns), ", "),
                       fmt::join(values, ", "));
}

std::optional<Error> find_broken_key(Connection& connection, const Schema& schema,
                                     std::span<const RowChange> changes) {
    for (const RowChange& change : changes.first(std::min(changes.size(), changes_examined_max))) {
        const Table* table = schema.find_storage(change.table);
        if (table == nullptr) continue;
        auto broken = find_missing_target(connection, schema, *table, change);
        if (!broken && !change.old_row.empty()) {
            broken = find_reference(connection, schema, *table, change);
        }
        if (broken) return broken;
    }
    return std::nullopt;
}

Result<void> check_all_keys(Connection& connection) {
    const auto broken = connection.query(
        {"select \"table\", \"parent\", fkid from pragma_foreign_key_check limit 1"});
    if (!broken) return std::unexpected(translate(broken.error(), nullptr));
    if (broken->rows.empty()) return {};
    const Row& first = broken->rows.front();
    const std::string table = first[0].text();
    const auto key =
        connection.query({"select \"from\" from pragma_foreign_key_list(?1) where id = ?2 "
                          "order by seq",
                          {first[0], first[2]}});
    std::vector<std::string> columns;
    if (key) {
        for (const Row& row : key->rows) columns.push_back(row[0].text());
    }
    return std::unexpected(
        sql_error("23503",
                  fmt::format("insert or update on table \"{0}\" violates foreign key constraint "
                              "\"{0}_{1}_fkey\"",
                              relation_name(table), fmt::join(columns, "_")),
                  fmt::format("Key ({}) of a row is not present in table \"{}\".",
                              fmt::join(columns, ", "), relation_name(first[1].text()))));
}

}  // namespace dunlin::engine::sqlite
