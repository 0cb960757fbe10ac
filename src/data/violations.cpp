#include "data/violations.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "core/codec.h"
#include "sql/sqlite_text.h"

namespace dunlin::data {

namespace json = boost::json;

namespace {

using Columns = std::vector<std::size_t>;

constexpr std::size_t rows_looked_at_max = 1000;

std::vector<const json::object*> objects_of(const json::value& rows) {
    std::vector<const json::object*> objects;
    if (rows.is_object()) objects.push_back(&rows.get_object());
    if (!rows.is_array()) return objects;
    for (const auto& row : rows.get_array()) {
        if (row.is_object() && objects.size() < rows_looked_at_max) objects.push_back(&row.get_object());
    }
    return objects;
}

/// The values of `columns` in a written row; nothing when one is missing or NULL.
std::optional<Row> key_values(const Table& table, const Columns& columns, const json::object& object) {
    Row values;
    for (const std::size_t column : columns) {
        const auto* given = object.if_contains(table.columns[column].name);
        if (given == nullptr) return std::nullopt;
        auto value = codec::from_json(table.columns[column].type, *given);
        if (!value || value->is_null()) return std::nullopt;
        values.push_back(std::move(*value));
    }
    return values;
}

std::optional<Row> key_values(const Columns& columns, const Row& row) {
    Row values;
    for (const std::size_t column : columns) {
        if (column >= row.size() || row[column].is_null()) return std::nullopt;
        values.push_back(row[column]);
    }
    return values;
}

/// `(a, b)=(1, 2)`
std::string key_text(const Table& table, const Columns& columns, const Row& values) {
    std::string names, texts;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Column& column = table.columns[columns[i]];
        names += (i > 0 ? ", " : "") + column.name;
        texts += (i > 0 ? ", " : "") + codec::to_text(column.type, values[i]);
    }
    return fmt::format("({})=({})", names, texts);
}

bool exists(engine::Session& session, const Table& table, const std::vector<std::string>& columns,
            const Row& values) {
    std::string sql = "select 1 from " + sql::quote_identifier(table.storage_name()) + " where ";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        sql += fmt::format("{}{} = ?{}", i > 0 ? " and " : "", sql::quote_identifier(columns[i]), i + 1);
    }
    const auto found = session.run({sql + " limit 1", values});
    return found && !found->rows.empty();
}

std::vector<std::string> names_of(const Table& table, const Columns& columns) {
    std::vector<std::string> names;
    for (const std::size_t column : columns) names.push_back(table.columns[column].name);
    return names;
}

/// The columns of the unique constraint that the message names.
Columns violated_key(const Table& table, std::string_view message) {
    const auto named = [&](const std::string& name) {
        return message.find("\"" + name + "\"") != message.npos;
    };
    if (named(table.primary_key.name)) return table.primary_key.columns;
    for (const Key& key : table.unique_keys) {
        if (named(key.name)) return key.columns;
    }
    for (const Index& index : table.indexes) {
        if (index.unique && named(index.name)) return index.columns;
    }
    return {};
}

Error explain_unique(engine::Session& session, const Table& table, const json::value& rows,
                     Error error) {
    const Columns columns = violated_key(table, error.message);
    if (columns.empty()) return error;
    std::set<std::string> seen;  // a key given twice in one request exists nowhere yet
    for (const json::object* object : objects_of(rows)) {
        const auto values = key_values(table, columns, *object);
        if (!values) continue;
        std::string text = key_text(table, columns, *values);
        if (!seen.insert(text).second || exists(session, table, names_of(table, columns), *values)) {
            error.details = "Key " + text + " already exists.";
            return error;
        }
    }
    return error;
}

Error explain_missing_parent(engine::Session& session, const Schema& schema, const Table& table,
                             const json::value& rows, Error error) {
    for (const json::object* object : objects_of(rows)) {
        for (const ForeignKey& key : table.foreign_keys) {
            const Table* target = schema.find(key.target_schema, key.target_table);
            const auto values = key_values(table, key.columns, *object);
            if (target == nullptr || !values) continue;
            if (exists(session, *target, key.target_columns, *values)) continue;
            error.message = fmt::format("insert or update on table \"{}\" violates foreign key constraint \"{}\"",
                                        table.name, key.name);
            error.details = fmt::format("Key {} is not present in table \"{}\".",
                                        key_text(table, key.columns, *values), target->name);
            return error;
        }
    }
    return error;
}

bool keeps_parent(const ForeignKey& key) {
    return key.on_delete == ForeignKeyAction::NoAction || key.on_delete == ForeignKeyAction::Restrict;
}

/// The columns of `parent` that `key` refers to.
Columns target_columns(const Table& parent, const ForeignKey& key) {
    Columns columns;
    for (const auto& name : key.target_columns) {
        if (const auto column = parent.find_column(name)) columns.push_back(*column);
    }
    return columns;
}

/// The first of `rows` that `child` still refers to through `key`, as details; "" when none.
std::string reference_found(engine::Session& session, const Table& parent, const Table& child,
                            const ForeignKey& key, const std::vector<Row>& rows) {
    const Columns columns = target_columns(parent, key);
    for (const Row& row : rows) {
        const auto values = key_values(columns, row);
        if (values && exists(session, child, names_of(child, key.columns), *values)) {
            return fmt::format("Key {} is still referenced from table \"{}\".",
                               key_text(parent, columns, *values), child.name);
        }
    }
    return {};
}

}  // namespace

Error explain_written(engine::Session& session, const Schema& schema, const Table& table,
                      const json::value& rows, Error error) {
    if (error.sqlstate == "23505" && error.details.empty()) {
        return explain_unique(session, table, rows, std::move(error));
    }
    if (error.sqlstate == "23503" && error.details.empty()) {
        return explain_missing_parent(session, schema, table, rows, std::move(error));
    }
    return error;
}

Error explain_referenced(engine::Session& session, const Schema& schema, const Table& table,
                         const std::vector<Row>& rows, Error error) {
    if (error.sqlstate != "23503") return error;
    for (const auto& [name, child] : schema.tables) {
        for (const ForeignKey& key : child.foreign_keys) {
            if (key.target_schema != table.schema || key.target_table != table.name) continue;
            if (!keeps_parent(key)) continue;
            std::string details = reference_found(session, table, child, key, rows);
            if (details.empty()) continue;
            error.message = fmt::format("update or delete on table \"{}\" violates foreign key constraint "
                                        "\"{}\" on table \"{}\"",
                                        table.name, key.name, child.name);
            error.details = std::move(details);
            return error;
        }
    }
    return error;
}

}  // namespace dunlin::data
