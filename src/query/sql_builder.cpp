#include "query/sql_builder.h"

#include <fmt/format.h>

#include <cmath>

#include "core/codec.h"

namespace dunlin::query {

namespace {

std::string doubled(std::string_view text, char quote) {
    std::string out(1, quote);
    for (const char c : text) {
        if (c == quote) out.push_back(quote);
        out.push_back(c);
    }
    out.push_back(quote);
    return out;
}

Result<Value> refuse_nan(Result<Value> value, const Type& type) {
    if (!value || !value->is_real() || !std::isnan(value->real())) return value;
    return std::unexpected(sql_error(
        "0A000", fmt::format("NaN is not supported in a value of type {}", sql_type_name(type)), "",
        "Use a numeric column, or null."));
}

Error no_relationship(const Table& table, const SelectItem& item) {
    return Error{
        ErrorCode::InvalidInput,
        fmt::format("Could not find a relationship between '{}' and '{}' in the schema cache",
                    table.name, item.relation),
        "PGRST200",
        fmt::format("Searched for a foreign key relationship between '{}' and '{}' in the schema "
                    "'{}', but no matches were found.",
                    table.name, item.relation, table.schema),
        "Embedding of related tables is not supported by this version."};
}

Error not_embedded(std::string_view relation) {
    return Error{
        ErrorCode::InvalidInput,
        fmt::format("'{}' is not an embedded resource in this request", relation), "PGRST108", "",
        fmt::format("Verify that '{}' is included in the 'select' query parameter.", relation)};
}

}  // namespace

std::string Parameters::add(Value value) {
    values_.push_back(std::move(value));
    return fmt::format("?{}", values_.size());
}

std::string quote_identifier(std::string_view name) {
    return doubled(name, '"');
}

std::string quote_literal(std::string_view text) {
    return doubled(text, '\'');
}

std::string column_sql(const Column& column) {
    return fmt::format("{}.{}", table_alias, quote_identifier(column.name));
}

Result<Value> read_value(const Type& type, std::string_view text) {
    return refuse_nan(codec::parse_text(type, text), type);
}

Result<Value> read_value(const Type& type, const boost::json::value& json) {
    return refuse_nan(codec::from_json(type, json), type);
}

Error unknown_column(const Table& table, std::string_view column) {
    return sql_error("42703", fmt::format("column {}.{} does not exist", table.name, column));
}

Error column_not_in_cache(const Table& table, std::string_view column) {
    return Error{ErrorCode::InvalidInput,
                 fmt::format("Could not find the '{}' column of '{}' in the schema cache", column,
                             table.name),
                 "PGRST204"};
}

Error no_operator(const Type& left, std::string_view op) {
    return sql_error(
        "42883",
        fmt::format("operator does not exist: {} {} unknown",
                    sql_type_name(
                        Type{.kind = left.kind, .array = left.array, .enum_name = left.enum_name}),
                    op),
        "",
        "No operator matches the given name and argument types. You might need to add "
        "explicit type casts.");
}

Result<void> refuse_relations(const Table& table, const RestQuery& query) {
    for (const SelectItem& item : query.select) {
        if (item.kind == SelectItem::Kind::Relation) {
            return std::unexpected(no_relationship(table, item));
        }
    }
    for (const Filter& filter : query.filters) {
        if (!filter.relation_path.empty()) {
            return std::unexpected(not_embedded(filter.relation_path.front()));
        }
    }
    for (const OrderItem& item : query.order) {
        if (!item.relation.empty()) return std::unexpected(not_embedded(item.relation));
    }
    if (!query.embedded.empty()) {
        const std::string& key = query.embedded.front().first;
        return std::unexpected(not_embedded(std::string_view(key).substr(0, key.find('.'))));
    }
    return {};
}

Result<void> refuse_range(const RestQuery& query, std::string_view command) {
    if (!query.limit && !query.offset) return {};
    return std::unexpected(
        sql_error("0A000", fmt::format("limit and offset are not supported on {}", command), "",
                  "Select the rows by a filter on a key."));
}

std::string returning_sql(const Table& table, const AccessConditions& access) {
    std::string out = " returning ";
    std::string row;
    for (const Column& column : table.columns) {
        const std::string name = quote_identifier(column.name);
        out += name + ", ";
        row += fmt::format("{}{} as {}", row.empty() ? "" : ", ", name, name);
    }
    // RETURNING does not know the alias of the table, but the conditions are written with it.
    const auto verdict = [&](const std::string& condition) {
        if (condition.empty()) return std::string("1");
        return fmt::format("(select ({}) from (select {}) as {})", condition, row, table_alias);
    };
    return fmt::format("{}{} as \"_allowed\", {} as \"_visible\"", out, verdict(access.check),
                       verdict(access.visible));
}

std::vector<OutputColumn> returned_columns(const Table& table) {
    std::vector<OutputColumn> columns;
    for (const Column& column : table.columns) columns.push_back({column.name, column.type});
    columns.push_back({"_allowed", Type{TypeKind::Bool}});
    columns.push_back({"_visible", Type{TypeKind::Bool}});
    return columns;
}

}  // namespace dunlin::query
