#include "routines/unit.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"
#include "routines/evaluate.h"
#include "routines/unit_level.h"

namespace dunlin::routines {

namespace {

using Clock = std::chrono::steady_clock;

std::string_view verb_of(ChangeKind kind) {
    return kind == ChangeKind::Insert ? "INSERT" : kind == ChangeKind::Update ? "UPDATE" : "DELETE";
}

/// A function that ends without RETURN: only one that gives nothing, rows or OUT values may.
Result<void> require_return(const Function& function) {
    const bool may = function.result == FunctionResult::Void || function.returns_set ||
                     (function.result == FunctionResult::Columns) ||
                     function.language == FunctionLanguage::Sql;
    if (may) return {};
    return std::unexpected(sql_error("2F005", "control reached end of function without RETURN"));
}

/// Whether an argument is NULL; rows are not, whatever is in them.
bool has_null_argument(const Schema& schema, const Function& function,
                       const std::vector<Value>& values) {
    std::size_t slot = 0;
    for (const Parameter& parameter : function.parameters) {
        const Table* row =
            parameter.row_table.empty() ? nullptr : schema.find_storage(parameter.row_table);
        if (row == nullptr && slot < values.size() && values[slot].is_null()) return true;
        slot += row == nullptr ? 1 : row->columns.size();
    }
    return false;
}

}  // namespace

Unit::Unit(const Library& library, engine::Session& session, Role role, UnitKind kind)
    : library_(library),
      session_(session),
      kind_(kind),
      rights_(kind == UnitKind::Migration ? Rights::Owner : rights_of(role)),
      deadline_(kind == UnitKind::Migration ? Clock::time_point::max()
                                            : Clock::now() + limits::statement_timeout) {}

Result<void> Unit::enter_statement() {
    if (depth_ > limits::routine_depth_max) {
        return std::unexpected(
            sql_error("54001", "stack depth limit exceeded", "",
                      "A function or trigger that causes itself again needs a condition that ends "
                      "it, such as IS DISTINCT FROM."));
    }
    if (++statements_ > limits::routine_statements_max && kind_ != UnitKind::Migration) {
        return std::unexpected(
            sql_error("54000", fmt::format("functions and triggers ran more than {} statements",
                                           limits::routine_statements_max)));
    }
    if (deadline_ == Clock::time_point::max() || Clock::now() < deadline_) return {};
    return std::unexpected(sql_error("57014", "canceling statement due to statement timeout"));
}

Result<void> Unit::require_writable(const Table& table, ChangeKind kind) const {
    if (table.kind == RelationKind::View) {
        return std::unexpected(sql_error("55000",
                                         fmt::format("cannot write to view \"{}\"", table.name), "",
                                         "Write to the table behind the view."));
    }
    if (kind_ != UnitKind::Read) return {};
    return std::unexpected(sql_error(
        "25006", fmt::format("cannot execute {} in a read-only transaction", verb_of(kind))));
}

Result<engine::RowSet> Unit::run_text(const Text& text, const std::vector<Value>& slots) {
    auto entered = enter_statement();
    if (!entered) return std::unexpected(entered.error());
    if (const auto& denied = text.denied[static_cast<std::size_t>(rights_)])
        return std::unexpected(*denied);
    const auto count = static_cast<std::ptrdiff_t>(text.slots[static_cast<std::size_t>(rights_)]);
    return session_.run({text.of(rights_), {slots.begin(), slots.begin() + count}});
}

void Unit::set_trigger_depth(Frame& frame) const {
    const auto& slot = frame.program.routine.trigger_depth;
    if (slot) frame.slots.at(*slot) = Value(static_cast<std::int64_t>(trigger_depth_));
}

Result<Value> Unit::evaluate(const Frame& frame, const sql::Expression& expression) {
    const auto found = frame.program.expressions.find(&expression);
    if (found == frame.program.expressions.end())
        return routines::evaluate(expression, frame.slots);
    auto result = run_text(found->second, frame.slots);
    if (!result) return std::unexpected(result.error());
    return std::move(result->rows.at(0).at(0));
}

bool Unit::by_rows(const Table& table, ChangeKind kind) const {
    const TableTriggers* triggers = library_.triggers(table.storage_name());
    return triggers != nullptr && triggers->has(TriggerTiming::Before, kind);
}

Result<engine::RowSet> Unit::run(const engine::Statement& statement,
                                 std::span<const std::size_t> named, const Verdict& verdict) {
    const std::size_t from = session_.changes().size();
    auto result = session_.run(statement);
    if (!result) return result;
    if (verdict) {
        auto allowed = verdict(result->rows);
        if (!allowed) return std::unexpected(allowed.error());
    }
    auto fired = fire_since(from, named);
    if (!fired) return std::unexpected(fired.error());
    return result;
}

Result<void> Unit::fire_since(std::size_t from, std::span<const std::size_t> named) {
    const Range range{from, session_.changes().size()};
    return fire_after(std::span(&range, 1), named);
}

Result<std::vector<Value>> Unit::complete(const FunctionProgram& made,
                                          const std::vector<std::optional<Value>>& arguments) {
    std::vector<Value> values;
    for (std::size_t i = 0; i < made.defaults.size(); ++i) {
        if (i < arguments.size() && arguments[i]) {
            values.push_back(*arguments[i]);
            continue;
        }
        auto value = session_.run({made.defaults[i].empty() ? "select null" : made.defaults[i]});
        if (!value) return std::unexpected(value.error());
        values.push_back(std::move(value->rows.at(0).at(0)));
    }
    return values;
}

Result<CallResult> Unit::call(const FunctionProgram& made,
                              const std::vector<std::optional<Value>>& arguments) {
    auto values = complete(made, arguments);
    if (!values) return std::unexpected(values.error());
    return call_with(made, std::move(*values));
}

/// `values` are the first slots of the function's frame.
Result<CallResult> Unit::call_with(const FunctionProgram& made, std::vector<Value> values) {
    const Function& function = *made.function;
    Level level(*this, function.security_definer ? Rights::Owner : rights_);
    auto entered = enter_statement();
    if (!entered) return std::unexpected(entered.error());
    if (!function.strict || !has_null_argument(library_.schema(), function, values))
        return run_function(*made.program, std::move(values));
    CallResult nothing;
    if (!function.returns_set) nothing.rows.emplace_back();
    return nothing;
}

Result<CallResult> Unit::run_function(const Program& program, std::vector<Value> arguments) {
    const Function& function = *program.routine.function;
    Frame frame{.program = program, .slots = std::move(arguments)};
    frame.slots.resize(program.routine.frame.size());
    if (program.routine.found) frame.slots[*program.routine.found] = Value::boolean(false);
    set_trigger_depth(frame);
    auto done = run_block(frame, program.routine.body);
    if (!done) return std::unexpected(done.error());
    if (frame.flow == Flow::On) {
        auto returned = require_return(function);
        if (!returned) return std::unexpected(returned.error());
    }
    CallResult result{std::move(frame.rows)};
    if (function.returns_set) return result;
    if (frame.returned) result.rows = {std::move(*frame.returned)};
    if (result.rows.size() > 1) result.rows.resize(1);
    if (result.rows.empty() && function.result == FunctionResult::Columns &&
        function.language == FunctionLanguage::PlPgSql) {
        Row row;
        for (const std::size_t slot : program.routine.result_slots)
            row.push_back(frame.slots[slot]);
        result.rows.push_back(std::move(row));
    }
    // An empty row stands for NULL.
    if (result.rows.empty()) result.rows.emplace_back();
    return result;
}

Result<void> Unit::run_statement(const Program& program) {
    Frame frame{.program = program, .slots = {}};
    frame.slots.resize(program.routine.frame.size());
    return run_block(frame, program.routine.body);
}

Error row_security_violation(const Table& table) {
    return sql_error(
        "42501",
        fmt::format("new row violates row-level security policy for table \"{}\"", table.name));
}

}  // namespace dunlin::routines
