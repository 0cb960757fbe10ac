#include <fmt/format.h>

#include "core/codec.h"
#include "io/log.h"
#include "routines/unit_level.h"

namespace dunlin::routines {

namespace {

using Node = sql::RoutineNode;

bool is_true(const Value& value) {
    return value.is_integer() && value.integer() != 0;
}

std::string shown(const Type& type, const Value& value) {
    return value.is_null() ? "<NULL>" : codec::to_text(type, value);
}

/// RAISE's message: each % is the next argument, %% is a percent sign.
std::string fill_in(std::string_view format, const std::vector<std::string>& arguments) {
    std::string out;
    std::size_t next = 0;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            out.push_back(format[i]);
        } else if (i + 1 < format.size() && format[i + 1] == '%') {
            out.push_back('%');
            ++i;
        } else if (next < arguments.size()) {
            out += arguments[next++];
        }
    }
    return out;
}

Error row_count_error(bool none) {
    return none ? sql_error("P0002", "query returned no rows")
                : sql_error("P0003", "query returned more than one row", "",
                            "Make sure the query returns a single row, or use LIMIT 1.");
}

/// A value for a place that must have one.
Result<void> require_value(const sql::FrameSlot& slot, const Value& value) {
    if (!slot.not_null || !value.is_null()) return {};
    return std::unexpected(sql_error(
        "22004", fmt::format("null value cannot be assigned to variable \"{}\" declared NOT NULL",
                             slot.name)));
}

}  // namespace

Result<void> Unit::run_block(Frame& frame, const sql::RoutineBlock& block) {
    for (const Node& node : block) {
        auto entered = enter_statement();
        if (!entered) return entered;
        auto done = run_node(frame, node);
        if (!done || frame.flow == Flow::Returned) return done;
    }
    return {};
}

Result<void> Unit::run_node(Frame& frame, const Node& node) {
    switch (node.kind) {
        case Node::Kind::Assign: {
            auto value = evaluate(frame, *node.expression);
            if (!value) return std::unexpected(value.error());
            const std::size_t slot = node.slots.at(0);
            auto allowed = require_value(frame.program.routine.frame[slot], *value);
            if (!allowed) return allowed;
            frame.slots[slot] = std::move(*value);
            return {};
        }
        case Node::Kind::AssignRow:
            return assign_row(frame, node);
        case Node::Kind::Run: {
            auto outcome = run_statement(frame, *node.statement);
            if (!outcome) return std::unexpected(outcome.error());
            if (const auto found = frame.program.routine.found)
                frame.slots[*found] = Value::boolean(outcome->found);
            return {};
        }
        case Node::Kind::If:
            return run_if(frame, node);
        case Node::Kind::Raise:
            return raise(frame, node);
        case Node::Kind::Return:
            return run_return(frame, node);
        case Node::Kind::ReturnQuery: {
            auto outcome = run_statement(frame, *node.statement);
            if (!outcome) return std::unexpected(outcome.error());
            if (const auto found = frame.program.routine.found)
                frame.slots[*found] = Value::boolean(outcome->found);
            for (Row& row : outcome->rows) frame.rows.push_back(std::move(row));
            return {};
        }
        case Node::Kind::Block:
            return run_block(frame, node.body);
        case Node::Kind::Call:
            return run_call(frame, node);
    }
    return {};
}

Result<void> Unit::run_if(Frame& frame, const Node& node) {
    for (const Node::Branch& branch : node.branches) {
        if (branch.condition) {
            auto holds = evaluate(frame, *branch.condition);
            if (!holds) return std::unexpected(holds.error());
            if (!is_true(*holds)) continue;
        }
        return run_block(frame, branch.body);
    }
    return {};
}

Result<void> Unit::assign_row(Frame& frame, const Node& node) {
    auto outcome = run_statement(frame, *node.statement);
    if (!outcome) return std::unexpected(outcome.error());
    const auto& rows = outcome->rows;
    // INSERT, UPDATE and DELETE … RETURNING INTO take no second row; SELECT only when STRICT.
    const bool writes = node.statement->kind != sql::RoutineStatement::Kind::Select;
    if (node.strict && rows.empty()) return std::unexpected(row_count_error(true));
    if ((node.strict || writes) && rows.size() > 1) return std::unexpected(row_count_error(false));
    for (std::size_t i = 0; i < node.slots.size(); ++i) {
        Value value = rows.empty() || i >= rows[0].size() ? Value() : rows[0][i];
        auto allowed = require_value(frame.program.routine.frame[node.slots[i]], value);
        if (!allowed) return allowed;
        frame.slots[node.slots[i]] = std::move(value);
    }
    if (const auto found = frame.program.routine.found)
        frame.slots[*found] = Value::boolean(!rows.empty());
    return {};
}

Result<void> Unit::run_call(Frame& frame, const Node& node) {
    auto made = library_.require(*node.callee);
    if (!made) return std::unexpected(made.error());
    if (rights_ != Rights::Owner) {
        auto allowed = require_executor(*node.callee, static_cast<Role>(rights_));
        if (!allowed) return allowed;
    }
    std::vector<Value> values;
    for (const sql::Expression& argument : node.arguments) {
        auto value = evaluate(frame, argument);
        if (!value) return std::unexpected(value.error());
        values.push_back(std::move(*value));
    }
    auto result = call_with(**made, std::move(values));
    if (!result) return std::unexpected(result.error());
    const auto& rows = result->rows;
    if (node.strict && rows.size() != 1) return std::unexpected(row_count_error(rows.empty()));
    for (std::size_t i = 0; i < node.slots.size(); ++i) {
        const bool given = !rows.empty() && i < rows[0].size();
        frame.slots[node.slots[i]] = given ? rows[0][i] : Value();
    }
    const auto found = frame.program.routine.found;
    if (found && node.sets_found) frame.slots[*found] = Value::boolean(!rows.empty());
    return {};
}

Result<void> Unit::raise(Frame& frame, const Node& node) {
    std::vector<std::string> arguments;
    for (const sql::Expression& argument : node.arguments) {
        auto value = evaluate(frame, argument);
        if (!value) return std::unexpected(value.error());
        arguments.push_back(shown(argument.type, *value));
    }
    std::string message = fill_in(node.message, arguments);
    if (node.level != Node::Level::Exception) {
        // For the developer: a client may cause any number of these.
        log::debug("a function says",
                   {{"function", frame.program.routine.function->name}, {"message", message}});
        return {};
    }
    std::array<std::string, 2> more;
    for (std::size_t i = 0; i < more.size(); ++i) {
        const auto& expression = i == 0 ? node.detail : node.hint;
        if (!expression) continue;
        auto value = evaluate(frame, *expression);
        if (!value) return std::unexpected(value.error());
        if (value->is_null()) {
            return std::unexpected(sql_error("22004", "RAISE statement option cannot be null"));
        }
        more[i] = codec::to_text(expression->type, *value);
    }
    return std::unexpected(sql_error(node.sqlstate.empty() ? "P0001" : node.sqlstate,
                                     std::move(message), std::move(more[0]), std::move(more[1])));
}

Result<void> Unit::run_return(Frame& frame, const Node& node) {
    frame.flow = Flow::Returned;
    const sql::Routine& routine = frame.program.routine;
    if (routine.trigger_table != nullptr) {
        if (node.trigger_row == Node::TriggerRow::None) return {};
        const bool wants_new = node.trigger_row == Node::TriggerRow::New;
        // The row that the operation does not have is NULL.
        const std::string& operation = frame.slots[routine.tg_op].text();
        if (operation == (wants_new ? "DELETE" : "INSERT")) return {};
        const std::size_t first = wants_new ? routine.new_row : routine.old_row;
        const auto begin = frame.slots.begin() + static_cast<std::ptrdiff_t>(first);
        const auto count = static_cast<std::ptrdiff_t>(routine.trigger_table->columns.size());
        frame.returned.emplace(begin, begin + count);
        return {};
    }
    if (node.expression) {
        auto value = evaluate(frame, *node.expression);
        if (!value) return std::unexpected(value.error());
        frame.returned = Row{std::move(*value)};
    } else if (!node.slots.empty()) {
        Row row;
        for (const std::size_t slot : node.slots) row.push_back(frame.slots[slot]);
        frame.returned = std::move(row);
    }
    return {};
}

}  // namespace dunlin::routines
