// What puts values into variables: assignments, SELECT … INTO, RETURNING … INTO; and statements
// whose rows are dropped.
#include <fmt/format.h>

#include "sql/routine_compiler.h"
#include "sql/routine_statement.h"

namespace dunlin::sql {

namespace {

/// The target as it was written; `$1` has no name to be found by.
std::string written(const plpgsql::Target& target) {
    std::string out;
    for (const std::string& name : target.names) out += (out.empty() ? "" : ".") + name;
    return out;
}

}  // namespace

Parsed<std::size_t> RoutineCompiler::slot_of(const plpgsql::Target& target) {
    const std::string name = written(target);
    const Expression* variable = names_.find(target.names).value;
    if (name.starts_with("$")) {
        const auto index = static_cast<std::size_t>(std::atoi(name.c_str() + 1));
        if (index >= 1 && index <= names_.parameters().size())
            variable = std::get_if<Expression>(&names_.parameters()[index - 1]);
    }
    if (variable == nullptr) {
        const auto found = names_.find(target.names);
        if (found.no_field) {
            return refuse(target.offset, "42703",
                          fmt::format("record \"{}\" has no field \"{}\"", target.names.front(),
                                      target.names.back()));
        }
        return refuse(target.offset, "42601", fmt::format("\"{}\" is not a known variable", name));
    }
    if (variable->kind != Expression::Kind::Variable || constants_.contains(variable->column)) {
        return refuse(target.offset, "22005",
                      fmt::format("variable \"{}\" is declared CONSTANT", name));
    }
    return variable->column;
}

Parsed<void> RoutineCompiler::assign(const Statement& statement, RoutineBlock& into) {
    const plpgsql::Target& target = statement.targets.front();
    const auto found = names_.find(target.names);
    const bool row = found.meaning != nullptr && found.value == nullptr && !found.no_field;
    if (row || found.unassigned) return assign_row(statement, into);
    auto to = slot_of(target);
    if (!to) return std::unexpected(to.error());
    auto given = value_or_call(*statement.fragment, statement.offset, into);
    if (!given) return std::unexpected(given.error());
    auto typed = assign_variable(std::move(*given), routine_.frame[*to].type);
    if (!typed) return refuse(statement.fragment->offset, typed.error());
    RoutineNode node = node_of(RoutineNode::Kind::Assign, statement);
    node.slots = {*to};
    node.expression = std::move(*typed);
    into.push_back(std::move(node));
    return {};
}

/// `row := other_row`
Parsed<void> RoutineCompiler::assign_row(const Statement& statement, RoutineBlock& into) {
    auto row = row_or_call(statement, into);
    if (!row) return std::unexpected(row.error());
    auto& given = *row;
    if (!given) {
        return not_carried(statement.fragment->offset, "this value of a whole row",
                           "Use SELECT … INTO, or assign to its columns.");
    }
    std::vector<Target> outputs;
    for (std::size_t i = 0; i < given->names.size(); ++i)
        outputs.push_back({given->names[i], given->values[i]});
    auto slots = into_slots(statement, outputs);
    if (!slots) return std::unexpected(slots.error());
    if (slots->size() != given->values.size()) {
        return not_carried(statement.offset, "assigning a row of another table",
                           "Assign to its columns.");
    }
    for (std::size_t i = 0; i < slots->size(); ++i) {
        auto typed = assign_variable(std::move(given->values[i]), routine_.frame[(*slots)[i]].type);
        if (!typed) return refuse(statement.fragment->offset, typed.error());
        RoutineNode node = node_of(RoutineNode::Kind::Assign, statement);  // FOUND stays
        node.slots = {(*slots)[i]};
        node.expression = std::move(*typed);
        into.push_back(std::move(node));
    }
    return {};
}

/// Where the columns of a result go; a record gets its own by the first one.
Parsed<std::vector<std::size_t>> RoutineCompiler::into_slots(const Statement& statement,
                                                             const std::vector<Target>& outputs) {
    std::vector<std::size_t> slots;
    for (const plpgsql::Target& target : statement.targets) {
        const auto found = names_.find(target.names);
        const bool whole = found.unassigned ||
                           (found.meaning != nullptr && found.value == nullptr && !found.no_field);
        if (!whole) {
            auto to = slot_of(target);
            if (!to) return std::unexpected(to.error());
            slots.push_back(*to);
            continue;
        }
        if (statement.targets.size() > 1) {
            return refuse(target.offset, "42601",
                          "record variable cannot be part of multiple-item INTO list");
        }
        if (const auto* row =
                found.meaning == nullptr ? nullptr : std::get_if<RowValue>(found.meaning)) {
            // The columns of another shape would have to come and go with each assignment.
            const bool fits = row->table != nullptr || row->names.size() == outputs.size();
            if (fits) return slots_of(*row);
            return not_carried(target.offset, "giving a record other columns",
                               "Declare a second record.");
        }
        RowValue row;
        for (const Target& output : outputs) {
            row.names.push_back(output.name);
            row.values.push_back(
                slot(target.names.back() + "." + output.name, output.expression.type));
        }
        slots = slots_of(row);
        names_.assign_record(target.names, std::move(row));
    }
    return slots;
}

Parsed<void> RoutineCompiler::run_into(const Statement& statement, RoutineStatement made,
                                       RoutineBlock& into) {
    auto& outputs = outputs_of(made);
    auto slots = into_slots(statement, outputs);
    if (!slots) return std::unexpected(slots.error());
    if (outputs.empty()) {
        return refuse(statement.offset, "42601",
                      "INTO used with a command that cannot return data");
    }
    // Columns that are too many are dropped, those that are missing are NULL.
    if (outputs.size() > slots->size() && made.query.distinct)
        return not_carried(statement.offset, "dropping columns of SELECT DISTINCT",
                           "Name as many.");
    while (outputs.size() > slots->size()) outputs.pop_back();
    while (outputs.size() < slots->size()) outputs.push_back({"null", make_unknown(Value())});
    for (std::size_t i = 0; i < slots->size(); ++i) {
        auto typed =
            assign_variable(std::move(outputs[i].expression), routine_.frame[(*slots)[i]].type);
        if (!typed) return refuse(statement.offset, typed.error());
        outputs[i].expression = std::move(*typed);
    }
    RoutineNode node = node_of(RoutineNode::Kind::AssignRow, statement);
    node.slots = std::move(*slots);
    node.strict = statement.strict;
    node.statement = std::move(made);
    into.push_back(std::move(node));
    return {};
}

Parsed<void> RoutineCompiler::run(const Statement& statement, RoutineBlock& into) {
    const auto called = run_call(statement, into);
    if (!called) return std::unexpected(called.error());
    if (*called) return {};
    auto made = this->statement(*statement.fragment);
    if (!made) return std::unexpected(made.error());
    if (!statement.targets.empty()) return run_into(statement, std::move(*made), into);
    if (statement.kind == Statement::Kind::Sql && !outputs_of(*made).empty()) {
        return refuse(statement.offset, "42601", "query has no destination for result data",
                      "If you want to discard the results of a SELECT, use PERFORM instead.");
    }
    RoutineNode node = node_of(RoutineNode::Kind::Run, statement);
    node.statement = std::move(*made);
    into.push_back(std::move(node));
    return {};
}

}  // namespace dunlin::sql
