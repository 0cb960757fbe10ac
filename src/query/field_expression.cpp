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

namespace {

/// A column of the table wins over a function of its name.
Result<FieldExpression> named_value(const Scope& scope, const std::string& name) {
    const auto index = scope.table.find_column(name);
    if (index) {
        const Column& column = scope.table.columns[*index];
        return FieldExpression{column_sql(scope, column), column.type, &column, true};
    }
    if (scope.computed == nullptr || !*scope.computed)
        return std::unexpected(unknown_column(scope.table, name));
    auto computed = (*scope.computed)(scope.table, name, scope.alias);
    if (!computed) return std::unexpected(computed.error());
    if (!*computed) return std::unexpected(unknown_column(scope.table, name));
    auto& [sql, type] = **computed;
    // Unlike a column a computed value brings no order along.
    const std::string_view collation =
        type.kind == TypeKind::Char ? std::string_view() : collation_name(type);
    return FieldExpression{collation.empty() ? fmt::format("({})", sql)
                                             : fmt::format("({} collate {})", sql, collation),
                           type, nullptr, false};
}

}  // namespace

Result<FieldExpression> field_expression(const Scope& scope, const FieldPath& field,
                                         Parameters& parameters) {
    auto expression = named_value(scope, field.column);
    if (!expression) return expression;
    if (!field.path.empty()) expression->plain = false;
    for (const auto& step : field.path) {
        auto type = step_type(expression->type, step);
        if (!type) return std::unexpected(type.error());
        expression->type = std::move(*type);
        expression->sql =
            fmt::format("{}({}, {})", step.as_text ? "pg_json_get_text" : "pg_json_get",
                        expression->sql, parameters.add(step_value(step)));
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
