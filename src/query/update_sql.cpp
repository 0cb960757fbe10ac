#include <fmt/format.h>

#include <algorithm>

#include "query/sql_builder.h"

namespace dunlin::query {

namespace {

Result<std::string> order_sql(const Scope& scope, const RestQuery& query, Parameters& parameters) {
    std::string out;
    for (const OrderItem& item : query.order) {
        if (!item.relation.empty()) {
            return std::unexpected(
                sql_error("0A000", "a limited write is not ordered by a related table"));
        }
        const auto field = field_expression(scope, item.field, parameters);
        if (!field) return std::unexpected(field.error());
        const auto key = sort_key(field->type, field->sql);
        if (!key) return std::unexpected(key.error());
        out += *key;
        out += item.descending ? " desc" : " asc";
        out += item.nulls_first.value_or(item.descending) ? " nulls first, " : " nulls last, ";
    }
    return out;
}

Result<void> require_row_number(const Table& table) {
    if (!table.row_number().empty()) return {};
    return std::unexpected(sql_error("0A000",
                                     "this is not supported on a table that uses all names of "
                                     "SQLite's row number",
                                     "", "Rename the column oid."));
}

Result<void> check_range(const Table& table, const RestQuery& query) {
    if (query.order.empty()) {
        return std::unexpected(Error{ErrorCode::InvalidInput,
                                     "A 'limit' was applied without an explicit 'order'",
                                     "PGRST109", "", "Apply an 'order' using unique column(s)"});
    }
    return require_row_number(table);
}

/// ` where …` for the rows to change: those that match or, with a limit, the first ones of them.
/// Rows that the order leaves equal are taken in the order in which they were made.
Result<std::string> chosen_rows(const Table& table, const RestQuery& query,
                                const AccessConditions& access, Parameters& parameters) {
    const Scope scope{table, table_alias, &access.computed, table.kind == RelationKind::Table};
    auto where = where_sql(scope, query, {access.visible, access.target}, parameters);
    if (!where || (!query.limit && !query.offset)) return where;
    const auto limited = check_range(table, query);
    if (!limited) return std::unexpected(limited.error());
    const auto order = order_sql(scope, query, parameters);
    if (!order) return order;
    constexpr std::uint64_t all = 0x7fff'ffff'ffff'ffff;
    const auto number = [&](const std::optional<std::uint64_t>& given, std::uint64_t otherwise) {
        const std::uint64_t number = std::min(given.value_or(otherwise), all);
        return parameters.add(Value(static_cast<std::int64_t>(number)));
    };
    const std::string row = fmt::format("{}.{}", table_alias, table.row_number());
    return fmt::format(" where {} in (select {} from {} as {}{} order by {}{} limit {} offset {})",
                       row, row, quote_identifier(table.storage_name()), table_alias, *where,
                       *order, row, number(query.limit, all), number(query.offset, 0));
}

/// WITH CHECK asked before a row is written. SQLite finds all rows before it changes the first when
/// a subquery chooses them, so the check sees the table as it was; CASE keeps it from being asked
/// of rows that the statement does not touch.
std::string checked_before(const Table& table, const RowValues& values, const std::string& where,
                           const AccessConditions& access) {
    const std::string row = fmt::format("{}.{}", table_alias, table.row_number());
    const std::string chosen =
        fmt::format("{} in (select {} from {} as {}{})", row, row,
                    quote_identifier(table.storage_name()), table_alias, where);
    const auto new_value = [&](std::size_t i) {
        const auto given = std::ranges::find(values.columns, i);
        if (given == values.columns.end()) return column_sql({table}, table.columns[i]);
        return fmt::format("?{}", given - values.columns.begin() + 1);
    };
    std::string check = condition_over_row(table, access.check_before, new_value);
    if (!access.visible.empty())
        check += " and " + condition_over_row(table, access.visible, new_value);
    return fmt::format(" where {} and case when {} then pg_check_new_row({}, {}, null) end", chosen,
                       chosen, check, quote_literal(table.name));
}

}  // namespace

Result<SqlText> update_sql(const Table& table, const RestQuery& query, RowValues values,
                           const AccessConditions& access) {
    Parameters parameters;
    std::string set;
    for (std::size_t i = 0; i < values.columns.size(); ++i) {
        set += fmt::format("{}{} = {}", set.empty() ? "" : ", ",
                           quote_identifier(table.columns[values.columns[i]].name),
                           parameters.add(std::move(values.values[i])));
    }
    auto where = chosen_rows(table, query, access, parameters);
    if (!where) return std::unexpected(where.error());
    if (!access.check_before.empty()) {
        const auto numbered = require_row_number(table);
        if (!numbered) return std::unexpected(numbered.error());
        *where = checked_before(table, values, *where, access);
    }
    const bool judged = !access.check_before.empty();
    const std::string check = judged ? "" : access.check;
    const std::string visible = judged ? "" : access.visible;
    return SqlText{fmt::format("update {} as {} set {}{}{}", quote_identifier(table.storage_name()),
                               table_alias, set, *where, returning_sql(table, {check, visible})),
                   parameters.take()};
}

Result<SqlText> delete_sql(const Table& table, const RestQuery& query,
                           const AccessConditions& access) {
    Parameters parameters;
    const auto where = chosen_rows(table, query, access, parameters);
    if (!where) return std::unexpected(where.error());
    return SqlText{fmt::format("delete from {} as {}{}{}", quote_identifier(table.storage_name()),
                               table_alias, *where, returning_sql(table, {})),
                   parameters.take()};
}

Result<SqlText> changed_rows_sql(const Table& table, const RestQuery& query,
                                 const AccessConditions& access) {
    Parameters parameters;
    const auto where = chosen_rows(table, query, access, parameters);
    if (!where) return std::unexpected(where.error());
    std::string columns;
    for (const Column& column : table.columns)
        columns += (columns.empty() ? "" : ", ") + column_sql({table}, column);
    return SqlText{fmt::format("select {} from {} as {}{}", columns,
                               quote_identifier(table.storage_name()), table_alias, *where),
                   parameters.take()};
}

}  // namespace dunlin::query
