#include "sql/routine_compiler.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"
#include "sql/plpgsql_parser.h"
#include "sql/routine_body.h"
#include "sql/routine_statement.h"

namespace dunlin::sql {

namespace {

constexpr std::string_view select_word = "select ";

Parsed<ParsedFragment> parsed(const std::string& text, int moved_by,
                              const plpgsql::Fragment& fragment) {
    auto tree = parse(text);
    if (!tree) {
        const int offset = std::max(tree.error().offset + moved_by, fragment.offset);
        return refuse(offset, std::move(tree.error().error));
    }
    if (tree->statements().size() != 1)
        return refuse(fragment.offset, "42601", "one statement was expected");
    return ParsedFragment{std::move(*tree), moved_by};
}

}  // namespace

Parsed<ParsedFragment> parse_value(const plpgsql::Fragment& fragment) {
    auto made = parsed(std::string(select_word) + fragment.text,
                       fragment.offset - static_cast<int>(select_word.size()), fragment);
    if (!made || made->node().node_case == PG_QUERY__NODE__NODE_SELECT_STMT) return made;
    return refuse(fragment.offset, "42601", "an expression was expected");
}

Parsed<ParsedFragment> parse_statement(const plpgsql::Fragment& fragment) {
    return parsed(fragment.text, fragment.offset, fragment);
}

std::unexpected<Refusal> moved(Refusal refusal, const ParsedFragment& fragment,
                               const plpgsql::Fragment& from) {
    refusal.offset = refusal.offset < 0 ? from.offset : refusal.offset + fragment.moved;
    return std::unexpected(std::move(refusal));
}

Result<Expression> assign_variable(Expression value, const Type& type) {
    auto assigned = assign(value, type);
    if (assigned || is_unknown(value)) return assigned;
    auto printed = cast(std::move(value), text_type());
    return printed ? cast(std::move(*printed), type) : assigned;
}

RoutineCompiler::RoutineCompiler(const Schema& schema, const Function& function)
    : schema_(schema),
      function_(function),
      names_(function.language == FunctionLanguage::Sql ? RoutineNames::Conflict::ColumnFirst
                                                        : RoutineNames::Conflict::Refused),
      analyzer_(schema, names_, function.security_definer) {
    routine_.function = &function;
    names_.open(function.name);
}

Expression RoutineCompiler::slot(std::string name, Type type, bool not_null) {
    routine_.frame.push_back({std::move(name), type, not_null});
    return {.kind = Expression::Kind::Variable,
            .type = std::move(type),
            .column = routine_.frame.size() - 1};
}

RowValue RoutineCompiler::row_slots(const std::string& name, const Table& table) {
    RowValue row{.table = &table};
    for (const Column& column : table.columns) {
        row.names.push_back(column.name);
        row.values.push_back(slot(name + "." + column.name, column.type));
    }
    return row;
}

void RoutineCompiler::declare_parameters() {
    for (const Parameter& parameter : function_.parameters) {
        RowOrValue meaning;
        const Table* table =
            parameter.row_table.empty() ? nullptr : schema_.find_storage(parameter.row_table);
        if (table != nullptr)
            meaning = row_slots(parameter.name, *table);
        else
            meaning = slot(parameter.name, parameter.type);
        if (!parameter.name.empty()) names_.declare(parameter.name, meaning);
        names_.add_parameter(std::move(meaning));
    }
}

/// OUT parameters and the columns of RETURNS TABLE are variables; an INOUT one is its parameter.
void RoutineCompiler::declare_results() {
    if (function_.result != FunctionResult::Columns) return;
    for (const Parameter& column : function_.result_columns) {
        const std::string names[] = {column.name};
        const auto known = names_.find(names);
        const bool inout = !column.name.empty() && known.value != nullptr;
        Expression variable = inout ? *known.value : slot(column.name, column.type);
        routine_.result_slots.push_back(variable.column);
        if (function_.language == FunctionLanguage::PlPgSql && !column.name.empty())
            names_.declare(column.name, std::move(variable));
    }
}

void RoutineCompiler::declare_depth() {
    routine_.trigger_depth = routine_.frame.size();
    const std::string name(trigger_depth_name);
    names_.declare(name, slot(name, {.kind = TypeKind::Int4}));
}

Parsed<Routine> RoutineCompiler::compile() {
    if (function_.result == FunctionResult::Trigger)
        return refuse(0, "0A000", "trigger functions can only be called as triggers");
    declare_parameters();
    declare_results();
    declare_depth();
    return function_.language == FunctionLanguage::Sql ? compile_sql_body() : compile_body();
}

Parsed<Routine> RoutineCompiler::compile(const Table& table, const Trigger& trigger) {
    trigger_ = &trigger;
    declare_trigger(table, trigger);
    declare_depth();
    if (auto when = compile_when(table, trigger); !when) return std::unexpected(when.error());
    return compile_body();
}

Parsed<Routine> RoutineCompiler::compile_body() {
    auto outer = plpgsql::parse_body(function_.body);
    if (!outer) return std::unexpected(outer.error());
    routine_.found = routine_.frame.size();
    names_.declare("found", slot("found", bool_type()));
    if (auto done = add_block(*outer, routine_.body); !done) return std::unexpected(done.error());
    if (routine_.frame.size() > limits::routine_slots_max) {
        return refuse(0, "54000",
                      fmt::format("this function has over {} variables", limits::routine_slots_max),
                      "Split it into several functions.");
    }
    return std::move(routine_);
}

Parsed<Routine> RoutineCompiler::compile_sql_body() {
    auto tree = parse_sql_body(function_);
    if (!tree) return std::unexpected(tree.error());
    const auto statements = tree->statements();
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const PgQuery__Node& node = *statements[i]->stmt;
        const int line = line_column(function_.body, statements[i]->stmt_location).line;
        const bool last = i + 1 == statements.size() && function_.result != FunctionResult::Void;
        auto done = add_sql(node, line, last);
        if (done) continue;
        Refusal refusal = done.error();
        if (refusal.offset < 0 && !last) refusal.offset = statements[i]->stmt_location;
        return std::unexpected(std::move(refusal));
    }
    if (statements.empty() && function_.result != FunctionResult::Void) {
        return refuse(0, sql_error("42P13",
                                   "return type mismatch in function declared to return " +
                                       result_name(function_),
                                   "Function's final statement must be SELECT or INSERT/UPDATE/"
                                   "DELETE RETURNING."));
    }
    return std::move(routine_);
}

/// One statement of a function in language sql; the `last` is its result.
Parsed<void> RoutineCompiler::add_sql(const PgQuery__Node& node, int line, bool last) {
    std::optional<Call> call;
    if (node.node_case == PG_QUERY__NODE__NODE_SELECT_STMT) {
        auto found = call_in(*node.select_stmt, last ? Use::Value : Use::Nothing);
        if (!found) return std::unexpected(found.error());
        call = std::move(*found);
    }
    if (call) {
        call->node.line = line;
        routine_.body.push_back(std::move(call->node));
        if (!last) return {};
        RoutineStatement given = select_of(call->row.values);
        if (call->function->returns_set) {
            return not_carried(location_of(node), "giving the rows of such a function",
                               "Make it a function in language sql with one SELECT.");
        }
        return last_statement(std::move(given), node);
    }
    auto made = analyze_statement(analyzer_, schema_, node);
    if (!made) return std::unexpected(made.error());
    if (last) return last_statement(std::move(*made), node);
    RoutineNode run{.kind = RoutineNode::Kind::Run, .line = line};
    run.statement = std::move(*made);
    routine_.body.push_back(std::move(run));
    return {};
}

/// The result of a function in language sql is what its last statement gives.
Parsed<void> RoutineCompiler::last_statement(RoutineStatement made, const PgQuery__Node& node) {
    if (node.node_case != PG_QUERY__NODE__NODE_SELECT_STMT && made.returning.empty()) {
        return refuse(0, sql_error("42P13",
                                   "return type mismatch in function declared to return " +
                                       result_name(function_),
                                   "Function's final statement must be SELECT or INSERT/UPDATE/"
                                   "DELETE RETURNING."));
    }
    Query shape;
    shape.targets = std::move(outputs_of(made));
    auto fitted = fit_result(schema_, function_, std::move(shape));
    if (!fitted) return std::unexpected(fitted.error());
    outputs_of(made) = std::move(fitted->targets);
    RoutineNode node_made{.kind = RoutineNode::Kind::ReturnQuery, .line = 1};
    if (function_.returns_set) {
        node_made.statement = std::move(made);
        routine_.body.push_back(std::move(node_made));
        return {};
    }
    node_made.kind = RoutineNode::Kind::AssignRow;
    RoutineNode give{.kind = RoutineNode::Kind::Return, .line = 1};
    for (const Target& output : outputs_of(made)) {
        Expression variable = slot(output.name, output.expression.type);
        node_made.slots.push_back(variable.column);
        if (function_.result == FunctionResult::Scalar) give.expression = std::move(variable);
    }
    if (function_.result != FunctionResult::Scalar) give.slots = node_made.slots;
    node_made.statement = std::move(made);
    routine_.body.push_back(std::move(node_made));
    routine_.body.push_back(std::move(give));
    return {};
}

namespace {

/// The place of a refusal as PL/pgSQL says it.
Error in_function(Refusal refusal, const Function& function) {
    Error error = std::move(refusal.error);
    error.message = fmt::format("function {} line {}: {}", function.name,
                                line_column(function.body, refusal.offset).line, error.message);
    return error;
}

}  // namespace

Result<Routine> compile_routine(const Schema& schema, const Function& function) {
    auto routine = RoutineCompiler(schema, function).compile();
    if (!routine) return std::unexpected(in_function(routine.error(), function));
    return std::move(*routine);
}

Result<Routine> compile_trigger(const Schema& schema, const Table& table, const Trigger& trigger) {
    const auto found = schema.functions.find({trigger.function_schema, trigger.function_name});
    const auto is_trigger = [](const Function& function) {
        return function.result == FunctionResult::Trigger;
    };
    const auto function = found == schema.functions.end()
                              ? std::vector<Function>::const_iterator{}
                              : std::ranges::find_if(found->second, is_trigger);
    if (found == schema.functions.end() || function == found->second.end()) {
        return std::unexpected(
            sql_error("42883", fmt::format("function {}() does not exist", trigger.function_name)));
    }
    auto routine = RoutineCompiler(schema, *function).compile(table, trigger);
    if (!routine) return std::unexpected(in_function(routine.error(), *function));
    return std::move(*routine);
}

}  // namespace dunlin::sql
