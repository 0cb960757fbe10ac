#include <fmt/format.h>

#include "query/sql_builder.h"

namespace dunlin::query {

namespace {

bool is_json(const Type& type) {
    return !type.array && (type.kind == TypeKind::Json || type.kind == TypeKind::Jsonb);
}

/// What `type -> step` gives. PostgREST sees an array as its JSON form.
Result<Type> step_type(const Type& type, const FieldPath::Step& step) {
    if (!is_json(type) && !type.array) {
        return std::unexpected(no_operator(type, step.as_text ? "->>" : "->"));
    }
    if (step.as_text) return Type{TypeKind::Text};
    return Type{type.kind == TypeKind::Json ? TypeKind::Json : TypeKind::Jsonb};
}

}  // namespace

Value step_value(const FieldPath::Step& step) {
    if (!step.index) return Value(step.key);
    const auto index = read_value(Type{TypeKind::Int4}, step.key);
    return index ? *index : Value(std::int64_t{0x7fffffff});
}

Result<FieldType> field_type(const Table& table, const FieldPath& field) {
    const auto index = table.find_column(field.column);
    if (!index) return std::unexpected(unknown_column(table, field.column));
    FieldType found{*index, table.columns[*index].type};
    for (const auto& step : field.path) {
        const auto type = step_type(found.type, step);
        if (!type) return std::unexpected(type.error());
        found.type = *type;
    }
    return found;
}

Result<FieldExpression> field_expression(const Scope& scope, const FieldPath& field,
                                         Parameters& parameters) {
    const auto found = field_type(scope.table, field);
    if (!found) return std::unexpected(found.error());
    const Column& column = scope.table.columns[found->column];
    FieldExpression expression{column_sql(scope, column), found->type, &column, field.path.empty()};
    for (const auto& step : field.path) {
        expression.sql =
            fmt::format("{}({}, {})", step.as_text ? "pg_json_get_text" : "pg_json_get",
                        expression.sql, parameters.add(step_value(step)));
    }
    return expression;
}

std::string field_name(const FieldPath& field) {
    for (auto step = field.path.rbegin(); step != field.path.rend(); ++step) {
        if (!step->index) return step->key;
    }
    return field.column;
}

}  // namespace dunlin::query
