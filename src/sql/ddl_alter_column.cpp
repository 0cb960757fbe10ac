#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/ddl_alter.h"
#include "sql/ddl_index.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

/// An index over an expression or with a condition keeps SQLite text that fits the old type only.
Done require_plain_indexes(const Alteration& change, const std::string& column) {
    for (const Index& index : change.table.indexes) {
        const std::string tail = index_tail(change.table, index);
        const auto from = index.columns.empty() ? 0 : tail.find(" WHERE ");
        if (from == tail.npos || tail.find(quote_identifier(column), from) == tail.npos) continue;
        return refuse(
            change.offset, "2BP01",
            fmt::format("cannot alter type of column \"{}\" because index \"{}\" depends on it",
                        column, index.name),
            "Drop the index first and create it again after the change.");
    }
    return {};
}

}  // namespace

Done alter_type(Alteration& change, const PgQuery__AlterTableCmd& command) {
    auto index = change.column(command.name);
    if (!index) return std::unexpected(index.error());
    if (auto plain = require_plain_indexes(change, text_of(command.name)); !plain) return plain;
    const auto& definition = *command.def->column_def;
    auto type = resolve_type(change.builder.schema, *definition.type_name);
    if (!type) return std::unexpected(type.error());
    Column& column = change.table.columns[*index];
    Parsed<Expression> value = Expression{};
    if (definition.raw_default != nullptr) {
        value = analyze_expression(change.builder.schema, &change.table, *definition.raw_default,
                                   &*type);
        if (!value) return std::unexpected(value.error());
    } else {
        auto old =
            analyze_expression(change.builder.schema, &change.table, quote_identifier(column.name));
        if (!old) return std::unexpected(old.error());
        auto typed = assign(std::move(*old), *type);
        if (!typed) {
            return refuse(change.offset, "42804",
                          fmt::format("column \"{}\" cannot be cast automatically to type {}",
                                      column.name, sql_type_name(*type)),
                          fmt::format("You might need to specify \"USING {}::{}\".", column.name,
                                      sql_type_name(*type)));
        }
        value = std::move(*typed);
    }
    change.copy.sources[column.name] = sqlite_text(*value, "");
    column.type = std::move(*type);
    change.rebuild = true;
    return {};
}

Done set_column_default(Alteration& change, const PgQuery__AlterTableCmd& command) {
    auto index = change.column(command.name);
    if (!index) return std::unexpected(index.error());
    change.rebuild = true;
    return set_default(change.builder, change.table.columns[*index], command.def);
}

Done set_nulls(Alteration& change, const PgQuery__AlterTableCmd& command, Nulls nulls) {
    auto index = change.column(command.name);
    if (!index) return std::unexpected(index.error());
    const auto& key = change.table.primary_key.columns;
    if (nulls == Nulls::Allowed && std::ranges::find(key, *index) != key.end()) {
        return refuse(change.offset, "42P16",
                      fmt::format("column \"{}\" is in a primary key", command.name));
    }
    change.table.columns[*index].not_null = nulls == Nulls::Refused;
    change.rebuild = true;
    return {};
}

Done drop_identity(Alteration& change, const PgQuery__AlterTableCmd& command) {
    auto index = change.column(command.name);
    if (!index) return std::unexpected(index.error());
    change.table.columns[*index].identity = IdentityColumn::None;
    change.rebuild = true;
    return {};
}

Done add_identity(Alteration& change, const PgQuery__AlterTableCmd& command) {
    auto index = change.column(command.name);
    if (!index) return std::unexpected(index.error());
    Column& column = change.table.columns[*index];
    change.rebuild = true;
    if (!is_integer(column.type)) {
        return refuse(change.offset, "22023",
                      "identity column type must be smallint, integer, or bigint");
    }
    const bool always = text_of(command.def->constraint->generated_when) == "a";
    column.identity = always ? IdentityColumn::Always : IdentityColumn::ByDefault;
    return {};
}

Done drop_expression(Alteration& change, const PgQuery__AlterTableCmd& command) {
    auto index = change.column(command.name);
    if (!index) return std::unexpected(index.error());
    change.table.columns[*index].generated_text.clear();
    change.rebuild = true;
    return {};
}

}  // namespace dunlin::sql
