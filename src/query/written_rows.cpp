#include <algorithm>
#include <numeric>
#include <utility>

#include "core/check.h"
#include "core/codec.h"
#include "core/functions.h"
#include "core/functions/type_spec.h"
#include "query/sql_builder.h"

namespace dunlin::query {

namespace {

Result<Value> call(std::string_view name, const std::vector<Value>& arguments) {
    const auto* function = find_scalar_function(name);
    CHECK(function != nullptr);
    return function->call(arguments, FunctionContext{});
}

/// The value of a field in a full row, by the functions that the SQL form calls.
Result<Value> field_value(const FieldPath& field, const Value& column) {
    Value value = column;
    for (const auto& step : field.path) {
        auto result =
            call(step.as_text ? "pg_json_get_text" : "pg_json_get", {value, step_value(step)});
        if (!result) return result;
        value = std::move(*result);
    }
    return value;
}

void write_key(std::string_view name, bool first, std::string& out) {
    if (!first) out.push_back(',');
    codec::write_json_string(name, out);
    out.push_back(':');
}

void write_columns(const Table& table, const Row& row, bool first, std::string& out) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (table.columns[i].hidden) continue;
        write_key(table.columns[i].name, std::exchange(first, false), out);
        codec::write_json(table.columns[i].type, row[i], out);
    }
}

Result<void> write_item(const Table& table, const SelectItem& item, const Row& row, bool first,
                        std::string& out) {
    if (item.kind == SelectItem::Kind::All) {
        write_columns(table, row, first, out);
        return {};
    }
    if (item.kind == SelectItem::Kind::Count) {
        return std::unexpected(sql_error("0A000", "count() of written rows is not supported", "",
                                         "Prefer: count=exact gives their number."));
    }
    const auto column = output_column(table, item);
    if (!column) return std::unexpected(column.error());
    const auto field = field_type(table, item.field);
    if (!field) return std::unexpected(field.error());
    auto value = field_value(item.field, row[field->column]);
    if (value && !item.cast.empty()) {
        value = call("pg_cast", {*value, Value(functions::type_spec(field->type)),
                                 Value(functions::type_spec(column->type))});
    }
    if (!value) return std::unexpected(value.error());
    write_key(column->name, first, out);
    codec::write_json(column->type, *value, out);
    return {};
}

/// One term of the order with the value of every row.
struct SortKey {
    Type type;
    bool descending = false;
    bool nulls_first = false;
    std::vector<Value> values;

    int compare(std::size_t left, std::size_t right) const {
        const Value& l = values[left];
        const Value& r = values[right];
        if (l.is_null() && r.is_null()) return 0;
        if (l.is_null() || r.is_null()) return l.is_null() == nulls_first ? -1 : 1;
        const int order = codec::compare(type, l, r);
        return descending ? -order : order;
    }
};

Result<SortKey> sort_key(const Table& table, const OrderItem& item, const std::vector<Row>& rows) {
    const auto field = field_type(table, item.field);
    if (!field) return std::unexpected(field.error());
    const auto sortable = check_sortable(field->type);
    if (!sortable) return std::unexpected(sortable.error());
    SortKey key{field->type, item.descending, item.nulls_first.value_or(item.descending), {}};
    for (const Row& row : rows) {
        auto value = field_value(item.field, row[field->column]);
        if (!value) return std::unexpected(value.error());
        key.values.push_back(std::move(*value));
    }
    return key;
}

}  // namespace

Result<void> write_selected_json(const Table& table, const RestQuery& query, const Row& row,
                                 std::string& out) {
    const auto flat = refuse_relations(table, query);
    if (!flat) return flat;
    out.push_back('{');
    if (query.select.empty()) write_columns(table, row, true, out);
    for (std::size_t i = 0; i < query.select.size(); ++i) {
        const auto done = write_item(table, query.select[i], row, i == 0, out);
        if (!done) return done;
    }
    out.push_back('}');
    return {};
}

Result<void> sort_rows(const Table& table, const RestQuery& query, std::vector<Row>& rows) {
    if (query.order.empty()) return {};
    std::vector<SortKey> keys;
    for (const OrderItem& item : query.order) {
        auto key = sort_key(table, item, rows);
        if (!key) return std::unexpected(key.error());
        keys.push_back(std::move(*key));
    }
    std::vector<std::size_t> order(rows.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        for (const SortKey& key : keys) {
            const int relation = key.compare(left, right);
            if (relation != 0) return relation < 0;
        }
        return left < right;
    });
    std::vector<Row> sorted;
    for (const std::size_t i : order) sorted.push_back(std::move(rows[i]));
    rows = std::move(sorted);
    return {};
}

}  // namespace dunlin::query
