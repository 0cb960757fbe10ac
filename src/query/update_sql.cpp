#include <fmt/format.h>

#include <boost/json/object.hpp>

#include "query/body.h"
#include "query/sql_builder.h"

namespace dunlin::query {

namespace json = boost::json;

namespace {

Result<void> check_write(const Table& table, const RestQuery& query, std::string_view command) {
    const auto flat = refuse_relations(table, query);
    if (!flat) return flat;
    return refuse_range(query, command);
}

/// `"a" = ?1, …`
Result<std::string> set_list(const Table& table, const std::vector<std::size_t>& columns,
                             const json::object& values, Parameters& parameters) {
    std::string out;
    for (const std::size_t index : columns) {
        const Column& column = table.columns[index];
        auto value = updatable_value(table, column, values.if_contains(column.name));
        if (!value) return std::unexpected(value.error());
        out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", quote_identifier(column.name),
                           parameters.add(std::move(*value)));
    }
    return out;
}

}  // namespace

Result<SqlText> update_sql(const Table& table, const RestQuery& query, const json::value& values,
                           const AccessConditions& access) {
    const auto allowed = check_write(table, query, "UPDATE");
    if (!allowed) return std::unexpected(allowed.error());
    const auto objects = body_objects(values);
    if (!objects) return std::unexpected(objects.error());
    if (objects->size() > 1) {
        return std::unexpected(Error{ErrorCode::InvalidInput, "Empty or invalid json", "PGRST102",
                                     "", "Send one object with the new values."});
    }
    const auto columns = given_columns(table, Command::Update, query, *objects);
    if (!columns) return std::unexpected(columns.error());
    if (objects->empty() || columns->empty()) return SqlText{};

    Parameters parameters;
    const auto set = set_list(table, *columns, *objects->front(), parameters);
    if (!set) return std::unexpected(set.error());
    const auto where = where_sql(table, query, {access.visible, access.target}, parameters);
    if (!where) return std::unexpected(where.error());
    return SqlText{fmt::format("update {} as {} set {}{}{}", quote_identifier(table.storage_name()),
                               table_alias, *set, *where, returning_sql(table, access)),
                   parameters.take(), returned_columns(table)};
}

Result<SqlText> delete_sql(const Table& table, const RestQuery& query,
                           const AccessConditions& access) {
    const auto allowed = check_write(table, query, "DELETE");
    if (!allowed) return std::unexpected(allowed.error());
    Parameters parameters;
    const auto where = where_sql(table, query, {access.visible, access.target}, parameters);
    if (!where) return std::unexpected(where.error());
    SqlText text;
    text.sql = fmt::format("delete from {} as {}{} returning ",
                           quote_identifier(table.storage_name()), table_alias, *where);
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (i > 0) text.sql += ", ";
        text.sql += quote_identifier(table.columns[i].name);
        text.columns.push_back({table.columns[i].name, table.columns[i].type});
    }
    text.parameters = parameters.take();
    return text;
}

}  // namespace dunlin::query
