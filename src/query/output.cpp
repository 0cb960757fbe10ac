#include <fmt/format.h>

#include "core/codec.h"
#include "query/sql_builder.h"
#include "query/value_cast.h"

namespace dunlin::query {

namespace {

Error no_aggregates() {
    return Error{ErrorCode::InvalidInput, "Use of aggregate functions is not allowed", "PGRST123",
                 "", "Only count() of rows is supported by this version."};
}

Result<OutputColumn> with_cast(OutputColumn column, const std::string& cast) {
    if (cast.empty()) return column;
    const auto type = cast_type(cast);
    if (!type) return std::unexpected(type.error());
    column.cast_from = std::move(column.type);
    column.type = *type;
    return column;
}

}  // namespace

std::string enum_rank_sql(const Type& type, std::string_view sql) {
    std::string out = fmt::format("case {}", sql);
    for (std::size_t i = 0; i < type.labels.size(); ++i) {
        out += fmt::format(" when {} then {}", quote_literal(type.labels[i]), i);
    }
    return out + " end";
}

Result<void> check_sortable(const Type& type) {
    if (type.kind == TypeKind::Json) {
        return std::unexpected(
            sql_error("42883", "could not identify an ordering operator for type json"));
    }
    if (!type.array && type.kind != TypeKind::Jsonb) return {};
    return std::unexpected(sql_error(
        "0A000",
        fmt::format("ordering by a value of type {} is not supported", sql_type_name(type)), "",
        "Order by the text of a member: column->>key."));
}

Result<OutputColumn> output_column(const Table& table, const SelectItem& item) {
    if (!item.aggregate.empty()) return std::unexpected(no_aggregates());
    if (item.kind == SelectItem::Kind::Count) {
        return with_cast({item.alias.empty() ? "count" : item.alias, Type{TypeKind::Int8}},
                         item.cast);
    }
    const auto field = field_type(table, item.field);
    if (!field) return std::unexpected(field.error());
    return with_cast({item.alias.empty() ? field_name(item.field) : item.alias, field->type},
                     item.cast);
}

Result<void> write_column_json(const OutputColumn& column, const Value& value, std::string& out) {
    if (!column.cast_from) {
        codec::write_json(column.type, value, out);
        return {};
    }
    const auto cast = cast_value(*column.cast_from, column.type, value);
    if (!cast) return std::unexpected(cast.error());
    codec::write_json(column.type, *cast, out);
    return {};
}

Result<void> write_row_json(const std::vector<OutputColumn>& columns, const Row& row,
                            std::string& out) {
    out.push_back('{');
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) out.push_back(',');
        codec::write_json_string(columns[i].name, out);
        out.push_back(':');
        const auto done = write_column_json(columns[i], row[i], out);
        if (!done) return done;
    }
    out.push_back('}');
    return {};
}

}  // namespace dunlin::query
