#include "server/explained_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "core/codec.h"
#include "core/nearest_name.h"
#include "sql/expression.h"
#include "sql/sqlite_text.h"

namespace dunlin::server {

namespace json = boost::json;

namespace {

std::unexpected<Error> refused(std::string message, std::string hint) {
    return std::unexpected(
        Error{ErrorCode::InvalidInput, std::move(message), "", "", std::move(hint)});
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t to = std::min(text.find(',', from), text.size());
        parts.push_back(text.substr(from, to - from));
        from = to + 1;
    }
    return parts;
}

std::string key_names(const Table& table) {
    std::vector<std::string> names;
    for (const std::size_t column : table.primary_key.columns)
        names.push_back(table.columns[column].name);
    return fmt::format("{}", fmt::join(names, ","));
}

/// The default of a column as SQLite text.
Result<std::string> default_sql(const Schema& schema, const Column& column) {
    if (column.default_text.empty()) return std::string("null");
    const auto value = sql::analyze_expression(schema, nullptr, column.default_text, &column.type);
    if (!value) return std::unexpected(value.error().error);
    return sql::sqlite_text(*value, "");
}

Result<json::object> read_object(std::string_view text) {
    boost::system::error_code failure;
    auto value = json::parse(text, failure);
    constexpr const char* form = "Write it as --values '{\"column\": value}'.";
    if (failure) return refused("the values are not JSON: " + failure.message(), form);
    if (!value.is_object()) return refused("the values are not a JSON object", form);
    return std::move(value.get_object());
}

}  // namespace

Result<const Table*> find_explained(const Schema& schema, std::string_view schema_name,
                                    std::string_view name) {
    if (const Table* table = schema.find(schema_name, name)) return table;
    std::vector<std::string> names;
    for (const auto& [key, table] : schema.tables) {
        if (key.first == schema_name) names.push_back(key.second);
    }
    const std::string nearest = nearest_name(name, names);
    std::string hint = fmt::format("Perhaps you meant {}.", nearest);
    if (nearest.empty()) hint = fmt::format("The tables are: {}.", fmt::join(names, ", "));
    if (names.empty()) hint = fmt::format("The schema {} has no tables.", schema_name);
    return std::unexpected(Error{ErrorCode::NotFound,
                                 fmt::format("there is no table {}.{}", schema_name, name), "", "",
                                 std::move(hint)});
}

Result<ExplainedRow> row_by_key(const Table& table, std::string_view key) {
    if (key.empty()) return ExplainedRow{};
    const auto& columns = table.primary_key.columns;
    if (columns.empty()) {
        return refused(fmt::format("{} has no primary key to find a row by", table.name),
                       "Leave --row out.");
    }
    const auto parts = columns.size() == 1 ? std::vector{key} : split(key);
    if (parts.size() != columns.size()) {
        return refused(
            fmt::format("the primary key of {} has {} columns", table.name, columns.size()),
            fmt::format("Write --row with the values of {}.", key_names(table)));
    }
    ExplainedRow row{
        .source = fmt::format("{} as t where ", sql::quote_identifier(table.storage_name()))};
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Column& column = table.columns[columns[i]];
        auto value = codec::parse_text(column.type, parts[i]);
        if (!value) return std::unexpected(value.error());
        row.source += fmt::format("{}t.{} = ?{}", i > 0 ? " and " : "",
                                  sql::quote_identifier(column.name), i + 1);
        row.parameters.push_back(std::move(*value));
    }
    return row;
}

Result<ExplainedRow> row_of_values(const Schema& schema, const Table& table,
                                   const ExplainedRow& old_row, std::string_view values) {
    if (values.empty()) return ExplainedRow{};
    const auto object = read_object(values);
    if (!object) return std::unexpected(object.error());
    for (const auto& [name, value] : *object) {
        if (std::ranges::find(table.columns, name, &Column::name) != table.columns.end()) continue;
        return refused(fmt::format("{} has no column {}", table.name, std::string_view(name)),
                       "Write the columns as the table has them.");
    }
    const bool is_update = !old_row.source.empty();
    ExplainedRow row{.source = "(select ", .parameters = old_row.parameters};
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        const std::string name = sql::quote_identifier(column.name);
        Result<std::string> text = "t." + name;
        if (const auto* given = object->if_contains(column.name)) {
            auto value = codec::from_json(column.type, *given);
            if (!value) return std::unexpected(value.error());
            row.parameters.push_back(std::move(*value));
            text = fmt::format("?{}", row.parameters.size());
        } else if (!is_update) {
            text = default_sql(schema, column);
        }
        if (!text) return std::unexpected(text.error());
        row.source += fmt::format("{}{} as {}", i > 0 ? ", " : "", *text, name);
    }
    row.source += is_update ? " from " + old_row.source + ") as t" : ") as t";
    return row;
}

}  // namespace dunlin::server
