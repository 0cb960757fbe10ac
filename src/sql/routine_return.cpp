// RETURN, RETURN NEXT and RETURN QUERY.
#include "sql/routine_body.h"
#include "sql/routine_compiler.h"
#include "sql/routine_statement.h"

namespace dunlin::sql {

Parsed<void> RoutineCompiler::add_return(const Statement& statement, RoutineBlock& into) {
    RoutineNode node = node_of(RoutineNode::Kind::Return, statement);
    if (function_.result == FunctionResult::Trigger)
        return return_trigger(statement, std::move(node), into);
    const bool given = statement.fragment.has_value();
    const int at = given ? statement.fragment->offset : statement.offset;
    if (function_.returns_set && given) {
        return refuse(at, "42804", "RETURN cannot have a parameter in function returning set",
                      "Use RETURN NEXT or RETURN QUERY.");
    }
    if (function_.result == FunctionResult::Void && given)
        return refuse(at, "42804", "RETURN cannot have a parameter in function returning void");
    if (function_.result == FunctionResult::Columns && given) {
        return refuse(at, "42804",
                      "RETURN cannot have a parameter in function with OUT parameters");
    }
    const bool bare = function_.returns_set || function_.result == FunctionResult::Void ||
                      function_.result == FunctionResult::Columns;
    if (bare) {
        into.push_back(std::move(node));
        return {};
    }
    if (!given) return refuse(at, "42601", "missing expression at or near \";\"");
    if (function_.result == FunctionResult::Row)
        return return_row(statement, std::move(node), into);
    auto result = value_or_call(*statement.fragment, statement.offset, into);
    if (!result) return std::unexpected(result.error());
    auto typed = assign_variable(std::move(*result), function_.result_type);
    if (!typed) return refuse(at, typed.error());
    node.expression = std::move(*typed);
    into.push_back(std::move(node));
    return {};
}

/// One row of a table: a variable of its type, or NULL.
Parsed<void> RoutineCompiler::return_row(const Statement& statement, RoutineNode node,
                                         RoutineBlock& into) {
    auto row = row_or_call(statement, into);
    if (!row) return std::unexpected(row.error());
    const auto& whole = *row;
    if (whole && whole->values.size() == result_columns(schema_, function_).size()) {
        node.slots = slots_of(*whole);
        into.push_back(std::move(node));
        return {};
    }
    const auto parsed = parse_value(*statement.fragment);
    if (!parsed) return std::unexpected(parsed.error());
    const auto* bare = bare_value(*parsed->node().select_stmt);
    if (bare != nullptr && bare->node_case == PG_QUERY__NODE__NODE_A_CONST &&
        bare->a_const->isnull) {
        into.push_back(std::move(node));
        return {};
    }
    return not_carried(statement.fragment->offset, "this value of a whole row",
                       "Declare a variable of the table's type, fill it with SELECT … INTO and "
                       "return it.");
}

Parsed<void> RoutineCompiler::return_next(const Statement& statement, RoutineBlock& into) {
    if (!function_.returns_set)
        return refuse(statement.offset, "42804", "cannot use RETURN NEXT in a non-SETOF function");
    RoutineNode node = node_of(RoutineNode::Kind::ReturnQuery, statement);
    std::vector<Expression> values;
    if (function_.result == FunctionResult::Columns) {
        if (statement.fragment) {
            return refuse(statement.fragment->offset, "42804",
                          "RETURN NEXT cannot have a parameter in function with OUT parameters");
        }
        for (const std::size_t slot : routine_.result_slots) {
            values.push_back({.kind = Expression::Kind::Variable,
                              .type = routine_.frame[slot].type,
                              .column = slot});
        }
    } else if (!statement.fragment) {
        return refuse(statement.offset, "42601", "missing expression at or near \";\"");
    } else if (auto whole = whole_row(*statement.fragment)) {
        values = std::move(whole->values);
    } else {
        auto one = value_or_call(*statement.fragment, statement.offset, into);
        if (!one) return std::unexpected(one.error());
        values.push_back(std::move(*one));
    }
    RoutineStatement made = select_of(values);
    auto fitted = fit_result(schema_, function_, std::move(made.query));
    if (!fitted) return refuse(statement.offset, fitted.error().error);
    made.query = std::move(*fitted);
    node.statement = std::move(made);
    into.push_back(std::move(node));
    return {};
}

Parsed<void> RoutineCompiler::return_query(const Statement& statement, RoutineBlock& into) {
    if (!function_.returns_set)
        return refuse(statement.offset, "42804", "cannot use RETURN QUERY in a non-SETOF function");
    auto made = this->statement(*statement.fragment);
    if (!made) return std::unexpected(made.error());
    Query shape;
    shape.targets = std::move(outputs_of(*made));
    auto fitted = fit_result(schema_, function_, std::move(shape));
    if (!fitted) {
        return refuse(statement.fragment->offset,
                      sql_error("42804", "structure of query does not match function result type",
                                fitted.error().error.details));
    }
    outputs_of(*made) = std::move(fitted->targets);
    RoutineNode node = node_of(RoutineNode::Kind::ReturnQuery, statement);
    node.statement = std::move(*made);
    into.push_back(std::move(node));
    return {};
}

}  // namespace dunlin::sql
