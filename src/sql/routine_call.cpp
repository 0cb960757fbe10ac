// Calls that are a whole statement or value. What can be put in place is; any other function gets a
// frame of its own when the routine runs, and what it gives goes through variables.
#include <fmt/format.h>

#include "sql/routine_body.h"
#include "sql/routine_compiler.h"

namespace dunlin::sql {

namespace {

bool is_star(const PgQuery__Node& node) {
    return node.node_case == PG_QUERY__NODE__NODE_COLUMN_REF && node.column_ref->n_fields == 1 &&
           node.column_ref->fields[0]->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

/// The call in `SELECT * FROM f(…)`, or nullptr.
const PgQuery__Node* only_function(const PgQuery__SelectStmt& select) {
    const bool plain = select.n_from_clause == 1 && select.n_target_list == 1 &&
                       is_star(*select.target_list[0]->res_target->val) &&
                       select.from_clause[0]->node_case == PG_QUERY__NODE__NODE_RANGE_FUNCTION;
    if (!plain) return nullptr;
    PgQuery__SelectStmt rest = select;
    rest.n_from_clause = 0;
    if (bare_value(rest) == nullptr || select.n_sort_clause > 0) return nullptr;
    const PgQuery__RangeFunction& range = *select.from_clause[0]->range_function;
    const bool one = range.n_functions == 1 && range.ordinality == 0 && range.n_coldeflist == 0 &&
                     range.functions[0]->node_case == PG_QUERY__NODE__NODE_LIST;
    return one ? range.functions[0]->list->items[0] : nullptr;
}

/// Whether it is refused for what the function does, not for what is wrong with it.
bool not_in_place(Analyzer& analyzer, const Analyzer::UserCall& call) {
    const Function& function = *call.function;
    if (function.returns_set && function.result == FunctionResult::Scalar) {
        const auto rows = analyzer.inlined_rows(function, call.given, -1);
        return !rows && rows.error().error.sqlstate == "0A000";
    }
    const auto value = analyzer.inlined(function, call.given, -1);
    return !value && value.error().error.sqlstate == "0A000";
}

bool gives_rows_in_place(Analyzer& analyzer, const Analyzer::UserCall& call) {
    return call.function->returns_set &&
           analyzer.inlined_rows(*call.function, call.given, -1).has_value();
}

std::vector<Expression> arguments_of(std::vector<RowOrValue> given) {
    std::vector<Expression> arguments;
    for (RowOrValue& one : given) {
        if (auto* plain = std::get_if<Expression>(&one))
            arguments.push_back(std::move(*plain));
        else
            for (Expression& value : std::get<RowValue>(one).values)
                arguments.push_back(std::move(value));
    }
    return arguments;
}

}  // namespace

/// Nothing when it is anything else; what is wrong then is found where it is analysed as such.
Parsed<std::optional<RoutineCompiler::Call>> RoutineCompiler::call_in(
    const PgQuery__SelectStmt& select, Use use) {
    const PgQuery__Node* node = bare_value(select);
    const bool from = node == nullptr;
    if (from) node = only_function(select);
    if (node == nullptr) return std::optional<Call>();
    auto whole = analyzer_.whole_call(*node, {});
    if (!whole || !*whole) return std::optional<Call>();
    const Function& function = *(*whole)->function;
    if (function.result == FunctionResult::Trigger) {
        return refuse(node->func_call->location, "0A000",
                      "trigger functions can only be called as triggers",
                      "Put what both need into a function of its own.");
    }
    if (from && gives_rows_in_place(analyzer_, **whole)) return std::optional<Call>();
    if (!not_in_place(analyzer_, **whole)) return std::optional<Call>();
    Call call{.function = &function, .node = {.kind = RoutineNode::Kind::Call}, .from = from};
    call.node.callee = &function;
    call.node.arguments = arguments_of(std::move((*whole)->given));
    if (use == Use::Nothing) return std::optional(std::move(call));
    if (function.result == FunctionResult::Row)
        call.row.table = schema_.find_storage(function.result_table);
    for (const Parameter& column : result_columns(schema_, function)) {
        call.row.names.push_back(column.name);
        call.row.values.push_back(slot(function.name + "." + column.name, column.type));
    }
    call.node.slots = slots_of(call.row);
    return std::optional(std::move(call));
}

/// One value; a call that cannot be part of it is made before it.
Parsed<Expression> RoutineCompiler::value_or_call(const Fragment& fragment, int offset,
                                                  RoutineBlock& into) {
    const auto parsed = parse_value(fragment);
    if (!parsed) return std::unexpected(parsed.error());
    auto call = call_in(*parsed->node().select_stmt, Use::Value);
    if (!call) return moved(call.error(), *parsed, fragment);
    if (!*call) return value(fragment);
    const Function& function = *(*call)->function;
    const bool one = !function.returns_set && function.result != FunctionResult::Row &&
                     (*call)->row.values.size() == 1;
    if (!one) {
        return not_carried(
            fragment.offset,
            fmt::format("function \"{}\", which does not give one value, here", function.name),
            "Use PERFORM, or SELECT * FROM f(…) INTO variables.");
    }
    (*call)->node.line = line_column(function_.body, offset).line;
    into.push_back(std::move((*call)->node));
    return std::move((*call)->row.values[0]);
}

/// A whole row: of a variable, or of a function that gives one.
Parsed<std::optional<RowValue>> RoutineCompiler::row_or_call(const Statement& statement,
                                                             RoutineBlock& into) {
    if (auto row = whole_row(*statement.fragment)) return row;
    const auto parsed = parse_value(*statement.fragment);
    if (!parsed) return std::optional<RowValue>();
    auto call = call_in(*parsed->node().select_stmt, Use::Value);
    if (!call) return moved(call.error(), *parsed, *statement.fragment);
    const bool row = *call && !(*call)->function->returns_set && !(*call)->row.values.empty() &&
                     (*call)->function->result != FunctionResult::Scalar;
    if (!row) return std::optional<RowValue>();
    (*call)->node.line = line_column(function_.body, statement.offset).line;
    into.push_back(std::move((*call)->node));
    return std::optional(std::move((*call)->row));
}

/// PERFORM f(…), SELECT f(…) INTO, SELECT * FROM f(…) INTO; false when it is anything else.
Parsed<bool> RoutineCompiler::run_call(const Statement& statement, RoutineBlock& into) {
    const auto parsed = parse_statement(*statement.fragment);
    if (!parsed || parsed->node().node_case != PG_QUERY__NODE__NODE_SELECT_STMT) return false;
    const bool dropped = statement.targets.empty();
    auto call = call_in(*parsed->node().select_stmt, dropped ? Use::Nothing : Use::Value);
    if (!call) return moved(call.error(), *parsed, *statement.fragment);
    if (!*call) return false;
    if (dropped && statement.kind == Statement::Kind::Sql) {
        return refuse(statement.offset, "42601", "query has no destination for result data",
                      "If you want to discard the results of a SELECT, use PERFORM instead.");
    }
    RoutineNode& node = (*call)->node;
    node.line = line_column(function_.body, statement.offset).line;
    node.sets_found = true;
    node.strict = statement.strict;
    if (!dropped) {
        if (auto done = call_into(statement, std::move(**call), into); !done)
            return std::unexpected(done.error());
        return true;
    }
    into.push_back(std::move(node));
    return true;
}

Parsed<void> RoutineCompiler::call_into(const Statement& statement, Call call, RoutineBlock& into) {
    const bool one_value =
        call.row.values.size() == 1 && call.function->result != FunctionResult::Row;
    if (call.row.values.empty() || (!call.from && !one_value)) {
        return not_carried(statement.offset,
                           fmt::format("SELECT INTO of function \"{}\", which does not give one "
                                       "value",
                                       call.function->name),
                           "Use PERFORM, or SELECT * FROM f(…) INTO variables.");
    }
    std::vector<Target> outputs;
    for (std::size_t i = 0; i < call.row.values.size(); ++i) {
        const bool named = !call.row.names[i].empty();
        outputs.push_back(
            {named ? call.row.names[i] : call.function->name, std::move(call.row.values[i])});
    }
    auto slots = into_slots(statement, outputs);
    if (!slots) return std::unexpected(slots.error());
    into.push_back(std::move(call.node));
    for (std::size_t i = 0; i < slots->size(); ++i) {
        auto typed = assign_variable(
            i < outputs.size() ? std::move(outputs[i].expression) : make_unknown(Value()),
            routine_.frame[(*slots)[i]].type);
        if (!typed) return refuse(statement.offset, typed.error());
        RoutineNode node = node_of(RoutineNode::Kind::Assign, statement);
        node.slots = {(*slots)[i]};
        node.expression = std::move(*typed);
        into.push_back(std::move(node));
    }
    return {};
}

}  // namespace dunlin::sql
