#include "query/given_rows.h"

#include <fmt/format.h>

#include "query/sql_builder.h"

namespace dunlin::query {

namespace {

/// One column out of the array that stands for a row. A value in JSON brings no collation along.
std::string given_column(const Column& column, std::size_t index, std::string_view array) {
    const bool numeric = column.type.kind == TypeKind::Numeric && !column.type.array;
    return fmt::format(R"({}{} as {})",
                       decoded(column.type, fmt::format("({} ->> {})", array, index)),
                       numeric ? " collate pg_numeric" : "", quote_identifier(column.name));
}

std::string given_columns(const Table& table, std::string_view array) {
    std::string columns;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        columns += (i == 0 ? "" : ", ") + given_column(table.columns[i], i, array);
    return columns;
}

/// As given_column() reads it back.
std::string encoded(const Column& column) {
    const std::string name = quote_identifier(column.name);
    if (decoded(column.type, "") != "")
        return fmt::format("iif({0} is null, null, hex({0}))", name);
    const TypeKind kind = column.type.kind;
    // JSON inside of JSON would lose its own text.
    if (column.type.array || kind == TypeKind::Json || kind == TypeKind::Jsonb)
        return fmt::format("({} || '')", name);
    return name;
}

/// The rows for `parent_alias` as one JSON array: SQLite lets only the argument of a table function
/// depend on the row beside it.
std::string rows_json(const ComputedRelation& relation, std::string_view parent_alias) {
    std::string values;
    for (const Column& column : relation.target->columns)
        values += (values.empty() ? "" : ", ") + encoded(column);
    return fmt::format("(select json_group_array(json_array({})) from ({}))", values,
                       relation.rows(parent_alias));
}

}  // namespace

std::string decoded(const Type& type, std::string value) {
    return type.kind == TypeKind::Bytea && !type.array ? "unhex(" + value + ")" : value;
}

std::string given_rows(const Table& table) {
    return fmt::format("(select {} from json_each(?1))", given_columns(table, "value"));
}

std::string correlated_rows(const ComputedRelation& relation, std::string_view parent_alias,
                            std::string_view alias) {
    const std::string rows = fmt::format("{}v", alias);
    return fmt::format("(select {} from json_each({}) as {})",
                       given_columns(*relation.target, rows + ".value"),
                       rows_json(relation, parent_alias), rows);
}

std::string keyed_rows(const ComputedRelation& relation, const Table& parent,
                       std::string_view alias) {
    std::string columns;
    std::size_t index = 0;
    for (const Column& column : parent.columns) {
        if (!column.hidden) columns += ", " + given_column(column, index++, "value");
    }
    const std::string parents = fmt::format("{}p", alias), rows = fmt::format("{}v", alias);
    return fmt::format(
        "(select {0}.{1}, {2} from (select \"key\" as {1}{3} from json_each(?1)) as {0} "
        "cross join json_each({4}) as {5})",
        parents, parent_place, given_columns(*relation.target, rows + ".value"), columns,
        rows_json(relation, parents), rows);
}

}  // namespace dunlin::query
