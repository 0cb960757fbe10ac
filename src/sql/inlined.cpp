#include "sql/inlined.h"

#include <algorithm>

#include "sql/analyzer.h"

namespace dunlin::sql {

namespace {

/// The row of `table` around, as relation 0, without the columns that its reader may not see.
RowValue row_around(const Table& table) {
    RowValue row{.table = &table};
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (table.columns[i].hidden) continue;
        row.names.push_back(table.columns[i].name);
        row.values.push_back({.kind = Expression::Kind::Column,
                              .type = table.columns[i].type,
                              .name = table.columns[i].name,
                              .column = i});
    }
    return row;
}

}  // namespace

const Function* function_over(const Schema& schema, const Table& table, std::string_view name) {
    const auto overloads = schema.functions.find({table.schema, std::string(name)});
    if (overloads == schema.functions.end()) return nullptr;
    const auto over = [&](const Function& function) {
        return function.parameters.size() == 1 &&
               function.parameters[0].row_table == table.storage_name();
    };
    const auto found = std::ranges::find_if(overloads->second, over);
    return found == overloads->second.end() ? nullptr : &*found;
}

Result<std::optional<Expression>> computed_column(const Schema& schema, const Table& table,
                                                  std::string_view name) {
    const Function* function = function_over(schema, table, name);
    if (function == nullptr || function->returns_set || function->result != FunctionResult::Scalar)
        return std::optional<Expression>();
    auto value = Analyzer(schema).inlined(*function, {row_around(table)}, -1);
    if (!value) return std::unexpected(value.error().error);
    return std::optional(std::move(*value));
}

Result<std::optional<ComputedRelation>> computed_relation(const Schema& schema, const Table& table,
                                                          std::string_view name) {
    const Function* function = function_over(schema, table, name);
    if (function == nullptr || function->result != FunctionResult::Row)
        return std::optional<ComputedRelation>();
    auto rows = Analyzer(schema).inlined_rows(*function, {row_around(table)}, -1);
    if (!rows) return std::unexpected(rows.error().error);
    return std::optional(ComputedRelation{.target = schema.find_storage(function->result_table),
                                          .single = !function->returns_set || function->single_row,
                                          .query = std::move(*rows)});
}

Result<std::optional<Query>> inlined_query(const Schema& schema, const Function& function) {
    if (function.language != FunctionLanguage::Sql || function.strict ||
        function.result == FunctionResult::Void || function.result == FunctionResult::Trigger)
        return std::optional<Query>();
    const auto tree = parse(function.body);
    if (!tree || tree->statements().size() != 1 ||
        tree->statements()[0]->stmt->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
        return std::optional<Query>();
    std::vector<RowOrValue> given;
    std::size_t index = 0;
    for (const Parameter& parameter : function.parameters) {
        if (!parameter.row_table.empty()) return std::optional<Query>();
        given.emplace_back(Expression{
            .kind = Expression::Kind::Variable, .type = parameter.type, .column = index++});
    }
    auto rows = Analyzer(schema).inlined_rows(function, std::move(given), -1);
    if (!rows) return std::unexpected(rows.error().error);
    return std::optional(std::move(*rows));
}

}  // namespace dunlin::sql
