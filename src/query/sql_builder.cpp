#include "query/sql_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/codec.h"

namespace dunlin::query {

namespace {

std::string doubled(std::string_view text, char quote) {
    std::string out(1, quote);
    if (!text.contains(quote)) return out.append(text) += quote;
    for (const char c : text) {
        if (c == quote) out.push_back(quote);
        out.push_back(c);
    }
    out.push_back(quote);
    return out;
}

/// RETURNING does not know the alias of the table, but conditions are written with it.
std::string verdict(const Table& table, std::string_view condition) {
    if (condition.empty()) return "1";
    return condition_over_row(
        table, condition, [&](std::size_t i) { return quote_identifier(table.columns[i].name); });
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
    return "?" + std::to_string(values_.size());
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
    return std::string(scope.alias).append(1, '.') += quote_identifier(column.name);
}

Result<Value> read_value(const Type& type, std::string_view text) {
    return refuse_nan(codec::parse_text(type, text), type);
}

Result<Value> read_json(const Type& type, std::string_view json) {
    return refuse_nan(codec::from_json_text(type, json), type);
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

std::string name_list(const Table& table, const std::vector<std::size_t>& columns) {
    std::string out;
    for (const std::size_t column : columns) {
        if (!out.empty()) out += ", ";
        out += quote_identifier(table.columns[column].name);
    }
    return out;
}

std::string condition_over_row(const Table& table, std::string_view condition,
                               const std::function<std::string(std::size_t)>& value_of) {
    std::string row;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        // Most conditions look at one or two columns, and the text is made for every write.
        if (!condition.contains(table.columns[i].name)) continue;
        row += row.empty() ? "" : ", ";
        row += value_of(i) + " as " + quote_identifier(table.columns[i].name);
    }
    if (row.empty()) row = "1";
    return fmt::format("(select ({}) from (select {}) as {})", condition, row, table_alias);
}

std::string returning_sql(const Table& table, const std::vector<std::string_view>& conditions) {
    std::string out = " returning ";
    for (const Column& column : table.columns) out += quote_identifier(column.name) + ", ";
    for (const std::string_view condition : conditions) out += verdict(table, condition) + ", ";
    out.resize(out.size() - 2);
    return out;
}

std::string returning_verdicts(const Table& table,
                               const std::vector<std::string_view>& conditions) {
    if (std::ranges::all_of(conditions, &std::string_view::empty)) return {};
    std::string out;
    for (const std::string_view condition : conditions)
        out += (out.empty() ? " returning " : ", ") + verdict(table, condition);
    return out;
}

void add_condition(std::string& where, std::string_view condition) {
    if (condition.empty()) return;
    where += where.empty() ? " where " : " and ";
    where += fmt::format("({})", condition);
}

Result<std::string> where_sql(const Scope& scope, const RestQuery& query,
                              const std::vector<std::string_view>& conditions,
                              Parameters& parameters) {
    std::string where;
    for (const std::string_view condition : conditions) add_condition(where, condition);
    for (const Filter& filter : query.filters) {
        if (!filter.relation_path.empty()) continue;
        const auto sql = filter_sql(scope, filter, parameters, {});
        if (!sql) return sql;
        add_condition(where, *sql);
    }
    return where;
}

}  // namespace dunlin::query
