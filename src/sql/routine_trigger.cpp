// What a trigger function sees of its trigger: NEW, OLD, TG_OP and the others; WHEN; RETURN.
#include <fmt/format.h>

#include <algorithm>

#include "sql/routine_body.h"
#include "sql/routine_compiler.h"

namespace dunlin::sql {

void RoutineCompiler::declare_trigger(const Table& table, const Trigger& trigger) {
    routine_.trigger_table = &table;
    routine_.new_row = routine_.frame.size();
    names_.declare("new", row_slots("new", table));
    routine_.old_row = routine_.frame.size();
    names_.declare("old", row_slots("old", table));
    routine_.tg_op = routine_.frame.size();
    names_.declare("tg_op", slot("tg_op", text_type()));
    const auto fixed = [&](const char* name, std::string text) {
        names_.declare(name, make_literal(Value(std::move(text)), text_type()));
    };
    fixed("tg_name", trigger.name);
    fixed("tg_when", trigger.timing == TriggerTiming::Before ? "BEFORE" : "AFTER");
    fixed("tg_level", "ROW");
    fixed("tg_relname", table.name);
    fixed("tg_table_name", table.name);
    fixed("tg_table_schema", table.schema);
    names_.declare("tg_nargs",
                   make_literal(Value(std::ssize(trigger.arguments)), {.kind = TypeKind::Int4}));
    RowValue arguments;  // tg_argv[0], …
    for (std::size_t i = 0; i < trigger.arguments.size(); ++i) {
        arguments.names.push_back(std::to_string(i));
        arguments.values.push_back(make_literal(Value(trigger.arguments[i]), text_type()));
    }
    names_.declare("tg_argv", std::move(arguments));
}

namespace {

/// Whether the condition looks at a row that the trigger does not have.
bool uses_slots(const Expression& e, std::size_t from, std::size_t count) {
    if (e.kind == Expression::Kind::Variable && e.column >= from && e.column < from + count)
        return true;
    return std::ranges::any_of(
        e.arguments, [&](const Expression& argument) { return uses_slots(argument, from, count); });
}

bool has_query(const Expression& e) {
    return e.query != nullptr || std::ranges::any_of(e.arguments, has_query);
}

}  // namespace

Parsed<void> RoutineCompiler::compile_when(const Table& table, const Trigger& trigger) {
    if (trigger.when_text.empty()) return {};
    const auto parsed = parse_value({.text = trigger.when_text, .offset = 0});
    if (!parsed) return refuse(-1, parsed.error().error);
    auto when = analyzer_.condition(*parsed->node().select_stmt->target_list[0]->res_target->val,
                                    {}, "WHEN");
    if (!when) return refuse(-1, when.error().error);
    if (has_query(*when))
        return refuse(-1, "0A000", "cannot use subquery in trigger WHEN condition",
                      "Write the condition as an IF in the function.");
    const std::size_t count = table.columns.size();
    if (trigger.on_insert && uses_slots(*when, routine_.old_row, count)) {
        return refuse(-1, "42P17", "INSERT trigger's WHEN condition cannot reference OLD values",
                      "Make a trigger for INSERT and one for UPDATE.");
    }
    if (trigger.on_delete && uses_slots(*when, routine_.new_row, count)) {
        return refuse(-1, "42P17", "DELETE trigger's WHEN condition cannot reference NEW values",
                      "Make a trigger for DELETE of its own.");
    }
    routine_.trigger_when = std::move(*when);
    return {};
}

namespace {

/// "new", "old", "null" or "" for a value that is neither.
std::string row_name(const PgQuery__Node& node) {
    if (node.node_case == PG_QUERY__NODE__NODE_A_CONST && node.a_const->isnull != 0) return "null";
    if (node.node_case != PG_QUERY__NODE__NODE_COLUMN_REF || node.column_ref->n_fields != 1)
        return "";
    const std::string name = dotted_name(node.column_ref->fields, 1);
    return name == "new" || name == "old" ? name : "";
}

}  // namespace

/// RETURN NEW, OLD, NULL, and `coalesce(new, old)`, which asks what the trigger fired for.
Parsed<void> RoutineCompiler::return_trigger(const Statement& statement, RoutineNode node,
                                             RoutineBlock& into) {
    using Row = RoutineNode::TriggerRow;
    if (!statement.fragment)
        return refuse(statement.offset, "42601", "missing expression at or near \";\"");
    const auto parsed = parse_value(*statement.fragment);
    if (!parsed) return std::unexpected(parsed.error());
    const auto* bare = bare_value(*parsed->node().select_stmt);
    if (bare == nullptr) return refuse(statement.offset, "42601", "NEW, OLD or NULL was expected");
    const PgQuery__Node& value = *bare;
    const std::string name = row_name(value);
    if (!name.empty()) {
        node.trigger_row = name == "new" ? Row::New : name == "old" ? Row::Old : Row::None;
        into.push_back(std::move(node));
        return {};
    }
    const bool either = value.node_case == PG_QUERY__NODE__NODE_COALESCE_EXPR &&
                        value.coalesce_expr->n_args == 2 &&
                        row_name(*value.coalesce_expr->args[0]) == "new" &&
                        row_name(*value.coalesce_expr->args[1]) == "old";
    if (!either) {
        return not_carried(statement.fragment->offset, "this RETURN of a trigger",
                           "Assign to NEW and return NEW, OLD or NULL.");
    }
    const std::string names[] = {"tg_op"};
    RoutineNode choice = node_of(RoutineNode::Kind::If, statement);
    RoutineNode old = node;
    old.trigger_row = Row::Old;
    node.trigger_row = Row::New;
    choice.branches.push_back(
        {make_operator("=", bool_type(),
                       {*names_.find(names).value, make_literal(Value("DELETE"), text_type())}),
         {std::move(old)}});
    choice.branches.push_back({std::nullopt, {std::move(node)}});
    into.push_back(std::move(choice));
    return {};
}

}  // namespace dunlin::sql
