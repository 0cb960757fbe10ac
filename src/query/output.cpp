#include <fmt/format.h>

#include "core/functions/type_spec.h"
#include "query/sql_builder.h"

namespace dunlin::query {

namespace {

/// `::cast`, or the type itself when there is none.
Result<Type> type_after(const std::string& cast, const Type& type) {
    return cast.empty() ? Result<Type>(type) : cast_type(cast);
}

}  // namespace

std::string enum_rank_sql(const Type& type, std::string_view sql) {
    std::string out = fmt::format("case {}", sql);
    for (std::size_t i = 0; i < type.labels.size(); ++i) {
        out += fmt::format(" when {} then {}", quote_literal(type.labels[i]), i);
    }
    return out + " end";
}

Result<std::string> sort_key(const Type& type, std::string sql) {
    if (type.array) {
        return std::unexpected(sql_error(
            "0A000",
            fmt::format("ordering by a value of type {} is not supported", sql_type_name(type))));
    }
    if (type.kind == TypeKind::Json) {
        return std::unexpected(
            sql_error("42883", "could not identify an ordering operator for type json"));
    }
    if (type.kind == TypeKind::Enum) return enum_rank_sql(type, sql);
    // The text of a jsonb value is compared by its bytes everywhere else.
    const std::string_view collation =
        type.kind == TypeKind::Jsonb ? "pg_jsonb" : collation_name(type);
    return collation.empty() ? sql : fmt::format("{} collate {}", sql, collation);
}

Result<Type> cast_type(std::string_view name) {
    Type type;
    std::string_view element = name;
    if (element.ends_with("[]")) {
        type.array = true;
        element.remove_suffix(2);
    }
    if (!type_kind_from_name(element, type.kind)) {
        return std::unexpected(sql_error("42704", fmt::format("type \"{}\" does not exist", name)));
    }
    return type;
}

Result<OutputColumn> output_column(const SelectItem& item, const Type& field_type) {
    const auto type = type_after(item.cast, field_type);
    if (!type) return std::unexpected(type.error());
    return OutputColumn{item.alias.empty() ? field_name(item.field) : item.alias, *type};
}

std::string cast_sql(std::string sql, const Type& from, const Type& to) {
    return fmt::format("pg_cast({}, {}, {})", sql, quote_literal(functions::type_spec(from)),
                       quote_literal(functions::type_spec(to)));
}

}  // namespace dunlin::query
