#include <fmt/format.h>

#include <algorithm>

#include "query/sql_builder.h"

namespace dunlin::query {

namespace {

/// The list of a select and what is needed to group it.
struct SelectList {
    std::string sql;
    std::vector<OutputColumn> columns;
    std::vector<std::string> group;  // ordinals of the plain columns
    std::vector<FieldPath> fields;   // of `group`
    bool counts = false;
};

void add_item(SelectList& list, std::string sql, OutputColumn column) {
    if (!list.sql.empty()) list.sql += ", ";
    list.sql += std::move(sql);
    list.columns.push_back(std::move(column));
}

void add_field(SelectList& list, std::string sql, OutputColumn column, FieldPath field) {
    add_item(list, std::move(sql), std::move(column));
    list.group.push_back(std::to_string(list.columns.size()));
    list.fields.push_back(std::move(field));
}

void add_every_column(SelectList& list, const Table& table) {
    for (const Column& column : table.columns) {
        if (column.hidden) continue;
        add_field(list, column_sql(column), {column.name, column.type}, {column.name});
    }
}

Result<void> add_selected(SelectList& list, const Table& table, const SelectItem& item,
                          Parameters& parameters) {
    if (item.kind == SelectItem::Kind::All) {
        add_every_column(list, table);
        return {};
    }
    auto column = output_column(table, item);
    if (!column) return std::unexpected(column.error());
    const auto cast = [&](std::string sql, const Type& type) {
        return item.cast.empty() ? sql : cast_sql(std::move(sql), type, column->type);
    };
    if (item.kind == SelectItem::Kind::Count) {
        list.counts = true;
        add_item(list, cast("count(*)", Type{TypeKind::Int8}), std::move(*column));
        return {};
    }
    const auto field = field_expression(table, item.field, parameters);
    if (!field) return std::unexpected(field.error());
    add_field(list, cast(field->sql, field->type), std::move(*column), item.field);
    return {};
}

Result<SelectList> select_list(const Table& table, const RestQuery& query, Parameters& parameters) {
    SelectList list;
    if (query.select.empty()) add_every_column(list, table);
    for (const SelectItem& item : query.select) {
        const auto done = add_selected(list, table, item, parameters);
        if (!done) return std::unexpected(done.error());
    }
    return list;
}

std::string group_by(const SelectList& list) {
    if (!list.counts || list.group.empty()) return {};
    return fmt::format(" group by {}", fmt::join(list.group, ", "));
}

Result<std::string> order_term(const Table& table, const OrderItem& item, Parameters& parameters) {
    const auto field = field_expression(table, item.field, parameters);
    if (!field) return std::unexpected(field.error());
    const auto sortable = check_sortable(field->type);
    if (!sortable) return std::unexpected(sortable.error());
    std::string out = field->sql;
    if (field->type.kind == TypeKind::Enum) out = enum_rank_sql(field->type, out);
    out += item.descending ? " desc" : " asc";
    // Without nulls an index serves the order as it is.
    if (field->plain && field->column->not_null) return out;
    return out + (item.nulls_first.value_or(item.descending) ? " nulls first" : " nulls last");
}

Result<std::string> order_by(const Table& table, const RestQuery& query, const SelectList& list,
                             Parameters& parameters) {
    std::string out;
    for (const OrderItem& item : query.order) {
        const bool grouped =
            std::find(list.fields.begin(), list.fields.end(), item.field) != list.fields.end();
        if (list.counts && !grouped) {
            return std::unexpected(sql_error(
                "42803",
                fmt::format("column \"{}.{}\" must appear in the GROUP BY clause or be used "
                            "in an aggregate function",
                            table.name, item.field.column)));
        }
        const auto term = order_term(table, item, parameters);
        if (!term) return term;
        out += (out.empty() ? " order by " : ", ") + *term;
    }
    return out;
}

std::string range_sql(const RestQuery& query, std::uint64_t limit_max, Parameters& parameters) {
    // SQLite's integers are signed.
    constexpr std::uint64_t integer_max = 0x7fff'ffff'ffff'ffff;
    const auto integer = [&](std::uint64_t number) {
        return parameters.add(Value(static_cast<std::int64_t>(std::min(number, integer_max))));
    };
    std::string out = " limit " + integer(std::min(query.limit.value_or(limit_max), limit_max));
    if (query.offset.value_or(0) > 0) out += " offset " + integer(*query.offset);
    return out;
}

std::string from_sql(const Table& table, const AccessConditions& access) {
    return fmt::format(
        " from {} as {}",
        access.relation.empty() ? quote_identifier(table.storage_name()) : access.relation,
        table_alias);
}

}  // namespace

Result<SqlText> select_sql(const Table& table, const RestQuery& query,
                           const AccessConditions& access, std::uint64_t limit_max) {
    const auto flat = refuse_relations(table, query);
    if (!flat) return std::unexpected(flat.error());
    Parameters parameters;
    auto list = select_list(table, query, parameters);
    if (!list) return std::unexpected(list.error());
    const auto where = where_sql(table, query, {access.visible}, parameters);
    if (!where) return std::unexpected(where.error());
    const auto order = order_by(table, query, *list, parameters);
    if (!order) return std::unexpected(order.error());
    const std::string range = range_sql(query, limit_max, parameters);
    SqlText text;
    text.sql = fmt::format("select {}{}{}{}{}{}", list->sql, from_sql(table, access), *where,
                           group_by(*list), *order, range);
    text.columns = std::move(list->columns);
    text.parameters = parameters.take();
    return text;
}

Result<SqlText> count_sql(const Table& table, const RestQuery& query,
                          const AccessConditions& access) {
    const auto flat = refuse_relations(table, query);
    if (!flat) return std::unexpected(flat.error());
    Parameters parameters;
    const auto list = select_list(table, query, parameters);
    if (!list) return std::unexpected(list.error());
    const bool grouped = list->counts;
    Parameters plain_parameters;  // an ungrouped count does not name the selected columns
    Parameters& used = grouped ? parameters : plain_parameters;
    const auto where = where_sql(table, query, {access.visible}, used);
    if (!where) return std::unexpected(where.error());
    SqlText text;
    text.sql = grouped ? fmt::format("select count(*) from (select {}{}{}{})", list->sql,
                                     from_sql(table, access), *where, group_by(*list))
                       : fmt::format("select count(*){}{}", from_sql(table, access), *where);
    text.columns = {{"count", Type{TypeKind::Int8}}};
    text.parameters = used.take();
    return text;
}

}  // namespace dunlin::query
