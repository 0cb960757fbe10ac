#include "query/sql_builder.h"

#include <fmt/format.h>

#include <algorithm>
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

}  // namespace

std::string Parameters::add(Value value) {
    values_.push_back(std::move(value));
    return fmt::format("?{}", values_.size());
}

std::string Parameters::add_count(std::uint64_t count) {
    constexpr std::uint64_t integer_max = 0x7fff'ffff'ffff'ffff;
    return add(Value(static_cast<std::int64_t>(std::min(count, integer_max))));
}

std::string quote_identifier(std::string_view name) {
    return doubled(name, '"');
}

std::string quote_literal(std::string_view text) {
    return doubled(text, '\'');
}

std::string column_sql(const Scope& scope, const Column& column) {
    return fmt::format("{}.{}", scope.alias, quote_identifier(column.name));
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
