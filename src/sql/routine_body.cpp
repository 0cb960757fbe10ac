#include "sql/routine_body.h"

#include <fmt/format.h>

#include "sql/analyzer.h"

namespace dunlin::sql {

Parsed<SyntaxTree> parse_sql_body(const Function& function) {
    return parse(function.body);
}

const PgQuery__SelectStmt* only_select(const SyntaxTree& tree) {
    const auto statements = tree.statements();
    if (statements.size() != 1) return nullptr;
    const PgQuery__Node& node = *statements[0]->stmt;
    return node.node_case == PG_QUERY__NODE__NODE_SELECT_STMT ? node.select_stmt : nullptr;
}

const PgQuery__Node* bare_value(const PgQuery__SelectStmt& select) {
    const bool bare = select.n_from_clause == 0 && select.where_clause == nullptr &&
                      select.n_target_list == 1 && select.n_group_clause == 0 &&
                      select.with_clause == nullptr && select.n_values_lists == 0 &&
                      select.op == PG_QUERY__SET_OPERATION__SETOP_NONE &&
                      select.limit_count == nullptr && select.having_clause == nullptr &&
                      select.limit_offset == nullptr && select.n_distinct_clause == 0;
    return bare ? select.target_list[0]->res_target->val : nullptr;
}

std::vector<Parameter> result_columns(const Schema& schema, const Function& function) {
    if (function.result == FunctionResult::Scalar) {
        return {{.name = function.name, .type = function.result_type}};
    }
    if (function.result == FunctionResult::Columns) return function.result_columns;
    std::vector<Parameter> columns;
    if (function.result != FunctionResult::Row) return columns;
    const Table* table = schema.find_storage(function.result_table);
    if (table == nullptr) return columns;
    for (const Column& column : table->columns)
        columns.push_back({.name = column.name, .type = column.type});
    return columns;
}

std::string result_name(const Function& function) {
    const std::string set = function.returns_set ? "SETOF " : "";
    switch (function.result) {
        case FunctionResult::Void:
            return "void";
        case FunctionResult::Trigger:
            return "trigger";
        case FunctionResult::Scalar:
            return set + sql_type_name(function.result_type);
        case FunctionResult::Row:
            return set + function.result_table;
        case FunctionResult::Columns:
            return set + "record";
    }
    return "";
}

Parsed<Query> fit_result(const Schema& schema, const Function& function, Query rows) {
    const auto columns = result_columns(schema, function);
    const auto mismatch = [&](std::string details) {
        return refuse(-1, sql_error("42P13",
                                    "return type mismatch in function declared to return " +
                                        result_name(function),
                                    std::move(details)));
    };
    if (rows.targets.size() != columns.size()) {
        if (function.result == FunctionResult::Scalar)
            return mismatch("Final statement must return exactly one column.");
        return mismatch(rows.targets.size() < columns.size()
                            ? "Final statement returns too few columns."
                            : "Final statement returns too many columns.");
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        Target& target = rows.targets[i];
        const std::string given = sql_type_name(target.expression.type);
        auto typed = assign(std::move(target.expression), columns[i].type);
        if (!typed && function.result == FunctionResult::Scalar)
            return mismatch(fmt::format("Actual return type is {}.", given));
        if (!typed) {
            return mismatch(fmt::format("Final statement returns {} instead of {} at column {}.",
                                        given, sql_type_name(columns[i].type), i + 1));
        }
        target.expression = std::move(*typed);
        target.name = columns[i].name;
    }
    return rows;
}

Query selected_from(Query inner) {
    auto described = std::make_shared<Table>();
    Query around;
    around.definer = inner.definer;
    for (std::size_t i = 0; i < inner.targets.size(); ++i) {
        const Type& type = inner.targets[i].expression.type;
        described->columns.push_back({.name = inner.targets[i].name, .type = type});
        around.targets.push_back(
            {inner.targets[i].name, {.kind = Expression::Kind::Column, .type = type, .column = i}});
    }
    around.relations.push_back({.table = described.get(),
                                .alias = {},
                                .query = std::make_shared<const Query>(std::move(inner)),
                                .described = described});
    return around;
}

}  // namespace dunlin::sql
