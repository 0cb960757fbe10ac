#include <fmt/format.h>

#include <algorithm>

#include "query/sql_builder.h"

namespace dunlin::query {

namespace {

/// A name of SQLite's row number that no column hides.
std::string_view row_number(const Table& table) {
    for (const std::string_view name : {"rowid", "oid", "_rowid_"}) {
        const bool taken = std::ranges::any_of(
            table.columns, [&](const Column& column) { return column.name == name; });
        if (!taken) return name;
    }
    return {};
}

Result<std::string> order_sql(const Table& table, const RestQuery& query, Parameters& parameters) {
    std::string out;
    for (const OrderItem& item : query.order) {
        const auto field = field_expression(table, item.field, parameters);
        if (!field) return std::unexpected(field.error());
        const auto sortable = check_sortable(field->type);
        if (!sortable) return std::unexpected(sortable.error());
        const bool is_enum = field->type.kind == TypeKind::Enum;
        out += is_enum ? enum_rank_sql(field->type, field->sql) : field->sql;
        out += item.descending ? " desc" : " asc";
        out += item.nulls_first.value_or(item.descending) ? " nulls first, " : " nulls last, ";
    }
    return out;
}

Result<void> check_range(const Table& table, const RestQuery& query) {
    if (query.order.empty()) {
        return std::unexpected(Error{ErrorCode::InvalidInput,
                                     "A 'limit' was applied without an explicit 'order'",
                                     "PGRST109", "", "Apply an 'order' using unique column(s)"});
    }
    if (!row_number(table).empty()) return {};
    return std::unexpected(sql_error("0A000", "limit is not supported on this table", "",
                                     "Select the rows by a filter on a key."));
}

/// ` where …` for the rows to change: those that match or, with a limit, the first ones of them.
/// Rows that the order leaves equal are taken in the order in which they were made.
Result<std::string> chosen_rows(const Table& table, const RestQuery& query,
                                const AccessConditions& access, Parameters& parameters) {
    auto where = where_sql(table, query, {access.visible, access.target}, parameters);
    if (!where || (!query.limit && !query.offset)) return where;
    const auto limited = check_range(table, query);
    if (!limited) return std::unexpected(limited.error());
    const auto order = order_sql(table, query, parameters);
    if (!order) return order;
    constexpr std::uint64_t all = 0x7fff'ffff'ffff'ffff;
    const auto number = [&](const std::optional<std::uint64_t>& given, std::uint64_t otherwise) {
        const std::uint64_t number = std::min(given.value_or(otherwise), all);
        return parameters.add(Value(static_cast<std::int64_t>(number)));
    };
    const std::string row = fmt::format("{}.{}", table_alias, row_number(table));
    return fmt::format(" where {} in (select {} from {} as {}{} order by {}{} limit {} offset {})",
                       row, row, quote_identifier(table.storage_name()), table_alias, *where,
                       *order, row, number(query.limit, all), number(query.offset, 0));
}

}  // namespace

Result<SqlText> update_sql(const Table& table, const RestQuery& query, RowValues values,
                           const AccessConditions& access) {
    const auto flat = refuse_relations(table, query);
    if (!flat) return std::unexpected(flat.error());
    Parameters parameters;
    std::string set;
    for (std::size_t i = 0; i < values.columns.size(); ++i) {
        set += fmt::format("{}{} = {}", set.empty() ? "" : ", ",
                           quote_identifier(table.columns[values.columns[i]].name),
                           parameters.add(std::move(values.values[i])));
    }
    const auto where = chosen_rows(table, query, access, parameters);
    if (!where) return std::unexpected(where.error());
    return SqlText{
        fmt::format("update {} as {} set {}{}{}", quote_identifier(table.storage_name()),
                    table_alias, set, *where, returning_sql(table, {access.check, access.visible})),
        parameters.take()};
}

Result<SqlText> delete_sql(const Table& table, const RestQuery& query,
                           const AccessConditions& access) {
    const auto flat = refuse_relations(table, query);
    if (!flat) return std::unexpected(flat.error());
    Parameters parameters;
    const auto where = chosen_rows(table, query, access, parameters);
    if (!where) return std::unexpected(where.error());
    return SqlText{fmt::format("delete from {} as {}{}{}", quote_identifier(table.storage_name()),
                               table_alias, *where, returning_sql(table, {})),
                   parameters.take()};
}

Result<SqlText> changed_rows_sql(const Table& table, const RestQuery& query,
                                 const AccessConditions& access) {
    const auto flat = refuse_relations(table, query);
    if (!flat) return std::unexpected(flat.error());
    Parameters parameters;
    const auto where = chosen_rows(table, query, access, parameters);
    if (!where) return std::unexpected(where.error());
    std::string columns;
    for (const Column& column : table.columns)
        columns += (columns.empty() ? "" : ", ") + column_sql(column);
    return SqlText{fmt::format("select {} from {} as {}{}", columns,
                               quote_identifier(table.storage_name()), table_alias, *where),
                   parameters.take()};
}

}  // namespace dunlin::query
