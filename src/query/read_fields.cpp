#include "query/read_fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/check.h"
#include "core/functions.h"
#include "core/functions/type_spec.h"

namespace dunlin::query {

namespace {

Error cannot_group(const ReadTree& child) {
    return sql_error("0A000",
                     fmt::format("embedding the rows of '{}' in a select with aggregates is not "
                                 "supported",
                                 child.name),
                     "", "Ask for the aggregates in a request of their own.");
}

/// A cast of the value that a count() of no rows has.
Value cast_of(const Value& value, const Type& from, const Type& to) {
    const auto* function = find_scalar_function("pg_cast");
    CHECK(function != nullptr);
    const Value arguments[] = {value, Value(functions::type_spec(from)),
                               Value(functions::type_spec(to))};
    return function->call(arguments, {}).value_or(Value());
}

Result<void> check_groupable(const Type& type) {
    if (type.array || type.kind != TypeKind::Json) return {};
    return std::unexpected(
        sql_error("42883", "could not identify an equality operator for type json"));
}

}  // namespace

std::size_t FieldList::add_output(std::string sql, std::optional<std::size_t> column) {
    outputs_.push_back(std::move(sql));
    columns_.push_back(column);
    empty_values.emplace_back();
    return outputs_.size() - 1;
}

std::size_t FieldList::add_grouped(std::string sql, std::optional<std::size_t> column) {
    groups_.push_back(outputs_.size());
    return add_output(std::move(sql), column);
}

std::optional<std::vector<std::size_t>> FieldList::plain_columns() const {
    std::vector<std::size_t> columns;
    for (const auto& column : columns_) {
        if (!column) return std::nullopt;
        columns.push_back(*column);
    }
    return columns;
}

void FieldList::add_every_column(const Scope& scope, const Place& place,
                                 std::vector<ReadField>& into) {
    const std::size_t count = scope.table.columns.size();
    into.reserve(into.size() + count);
    outputs_.reserve(outputs_.size() + count);
    for (std::size_t i = 0; i < count; ++i) {
        const Column& column = scope.table.columns[i];
        if (column.hidden) continue;
        const std::size_t at = add_grouped(place(column_sql(scope, column)), i);
        into.push_back({.name = column.name, .type = column.type, .column = at});
    }
}

Result<void> FieldList::add_items(const PlanChild& plan_child) {
    plan_child_ = &plan_child;
    const Place here = [](std::string expression) { return expression; };
    return add_tree(tree_, here, fields);
}

Result<void> FieldList::add_tree(const ReadTree& tree, const Place& place,
                                 std::vector<ReadField>& into) {
    std::size_t relation = 0;
    for (const SelectItem& item : *tree.items) {
        const auto added = item.kind == SelectItem::Kind::Relation
                               ? add_relation(tree.children[relation++], tree.alias, place, into)
                               : add_item(tree, item, place, into);
        if (!added) return added;
    }
    return {};
}

Result<void> FieldList::add_item(const ReadTree& tree, const SelectItem& item, const Place& place,
                                 std::vector<ReadField>& into) {
    if (item.kind == SelectItem::Kind::All) {
        add_every_column(tree.scope(), place, into);
        if (!grouped_ || &tree != &tree_) return {};
        for (const Column& column : tree.table->columns)
            group_fields_.emplace_back("", FieldPath{column.name});
        return {};
    }
    return is_aggregate(*tree.table, item) ? add_aggregate(tree, item, place, into)
                                           : add_field(tree, item, place, into);
}

Result<void> FieldList::add_field(const ReadTree& tree, const SelectItem& item, const Place& place,
                                  std::vector<ReadField>& into) {
    const auto field = field_expression(tree.scope(), item.field, parameters_);
    if (!field) return std::unexpected(field.error());
    const auto column = output_column(item, field->type);
    if (!column) return std::unexpected(column.error());
    if (grouped_) {
        const auto groupable = check_groupable(field->type);
        if (!groupable) return groupable;
        group_fields_.emplace_back(&tree == &tree_ ? "" : tree.name, item.field);
    }
    std::string sql = place(field->sql);
    std::optional<std::size_t> plain;
    if (field->plain && item.cast.empty()) plain = tree.table->find_column(item.field.column);
    if (!item.cast.empty()) sql = cast_sql(std::move(sql), field->type, column->type);
    const std::size_t at = add_grouped(std::move(sql), plain);
    into.push_back({.name = column->name, .type = column->type, .column = at});
    return {};
}

Result<void> FieldList::add_aggregate(const ReadTree& tree, const SelectItem& item,
                                      const Place& place, std::vector<ReadField>& into) {
    AggregateSql aggregate{"", Type{TypeKind::Int8}};
    const bool counts_rows = item.aggregate.empty();  // count() or the older count
    const std::string function = counts_rows ? "count" : item.aggregate;
    if (counts_rows) {
        aggregate.sql = &tree == &tree_ ? "count(*)" : fmt::format("count({})", place("1"));
    } else {
        const auto field = field_expression(tree.scope(), item.field, parameters_);
        if (!field) return std::unexpected(field.error());
        const auto argument = output_column(item, field->type);
        if (!argument) return std::unexpected(argument.error());
        std::string sql = place(field->sql);
        if (!item.cast.empty()) sql = cast_sql(std::move(sql), field->type, argument->type);
        auto made = aggregate_sql(function, sql, argument->type);
        if (!made) return std::unexpected(made.error());
        aggregate = std::move(*made);
    }
    const std::string& cast = counts_rows ? item.cast : item.aggregate_cast;
    Type type = aggregate.type;
    Value empty = function == "count" ? Value(std::int64_t{0}) : Value();
    if (!cast.empty()) {
        const auto wanted = cast_type(cast);
        if (!wanted) return std::unexpected(wanted.error());
        aggregate.sql = cast_sql(std::move(aggregate.sql), type, *wanted);
        if (!empty.is_null()) empty = cast_of(empty, type, *wanted);
        type = *wanted;
    }
    const std::size_t at = add_output(std::move(aggregate.sql));
    empty_values[at] = std::move(empty);
    into.push_back(
        {.name = item.alias.empty() ? function : item.alias, .type = type, .column = at});
    return {};
}

Result<void> FieldList::add_relation(const ReadTree& child, const std::string& parent_alias,
                                     const Place& place, std::vector<ReadField>& into) {
    if (is_empty(child)) return {};
    if (grouped_) return add_inline(child, parent_alias, place, into);
    const auto embedded = embed(child);
    if (!embedded) return embedded;
    const std::size_t at = children.size() - 1;
    const ReadNode& node = children.back();
    if (!child.spread) {
        into.push_back({.kind = ReadField::Kind::Embedded, .name = child.name, .child = at});
        return {};
    }
    for (std::size_t i = 0; i < node.fields.size(); ++i) {
        into.push_back({.kind = ReadField::Kind::Spread,
                        .name = node.fields[i].name,
                        .child = at,
                        .child_field = i});
    }
    return {};
}

/// The child's statement needs the key of each row of this one.
Result<void> FieldList::embed(const ReadTree& child) {
    auto node = (*plan_child_)(child);
    if (!node) return std::unexpected(node.error());
    node->to_one = child.to_one();
    const auto add_column = [&](std::size_t source) {
        const std::string sql = column_sql(tree_.scope(), tree_.table->columns[source]);
        const auto known = std::find(outputs_.begin(), outputs_.end(), sql);
        node->parent_columns.push_back(known != outputs_.end()
                                           ? static_cast<std::size_t>(known - outputs_.begin())
                                           : add_output(sql, source));
    };
    node->keyed_by_row = child.function.has_value();
    if (node->keyed_by_row) {
        for (std::size_t i = 0; i < tree_.table->columns.size(); ++i) {
            if (!tree_.table->columns[i].hidden) add_column(i);
        }
    } else {
        for (const auto& [source, target] : child.relationship->columns) add_column(source);
    }
    children.push_back(std::move(*node));
    return {};
}

/// Rows are grouped by what a to-one relation shows, so it is looked up within the statement.
Result<void> FieldList::add_inline(const ReadTree& child, const std::string& parent_alias,
                                   const Place& place, std::vector<ReadField>& into) {
    if (!child.to_one() || (!child.spread && is_grouped(child)))
        return std::unexpected(cannot_group(child));
    const auto inside = place_in(child, parent_alias, place);
    if (!inside) return std::unexpected(inside.error());
    if (child.spread) return add_tree(child, *inside, into);
    ReadField object{.kind = ReadField::Kind::Object, .name = child.name};
    object.column = add_grouped((*inside)("1"));
    const auto added = add_tree(child, *inside, object.members);
    if (added) into.push_back(std::move(object));
    return added;
}

Result<FieldList::Place> FieldList::place_in(const ReadTree& child, const std::string& parent_alias,
                                             const Place& place) {
    auto where = tree_where(child, join_sql(child, parent_alias), parameters_);
    if (!where) return std::unexpected(where.error());
    std::string from = fmt::format("{} as {}{}", child.source.relation, child.alias, *where);
    return [from = std::move(from), place](std::string expression) {
        return place(fmt::format("(select {} from {})", expression, from));
    };
}

}  // namespace dunlin::query
