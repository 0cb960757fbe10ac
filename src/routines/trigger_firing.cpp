#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "routines/unit_level.h"

namespace dunlin::routines {

namespace {

std::string_view operation_of(ChangeKind kind) {
    return kind == ChangeKind::Insert ? "INSERT" : kind == ChangeKind::Update ? "UPDATE" : "DELETE";
}

/// A place in Session::changes() and how deep in actions the change is.
struct Place {
    std::size_t index = 0;
    int depth = 0;
};

bool names_one(const Trigger& trigger, ChangeKind kind, std::span<const std::size_t> named) {
    if (kind != ChangeKind::Update || trigger.update_of.empty()) return true;
    return std::any_of(trigger.update_of.begin(), trigger.update_of.end(), [&](std::size_t column) {
        return std::find(named.begin(), named.end(), column) != named.end();
    });
}

/// What an action of a foreign key has set.
std::vector<std::size_t> changed_columns(const Row& before, const Row& after) {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < after.size(); ++i) {
        if (i >= before.size() || !(before[i] == after[i])) columns.push_back(i);
    }
    return columns;
}

}  // namespace

Result<std::optional<Row>> Unit::run_trigger(const TriggerProgram& made, ChangeKind kind,
                                             const Row& old_row, const Row& new_row, bool& fired) {
    if (made.broken) return std::unexpected(*made.broken);
    const sql::Routine& routine = made.program->routine;
    Frame frame{.program = *made.program, .slots = std::vector<Value>(routine.frame.size())};
    const auto at = [&](std::size_t slot) {
        return frame.slots.begin() + static_cast<std::ptrdiff_t>(slot);
    };
    // NEW is NULL in a DELETE, OLD in an INSERT.
    const std::size_t width = routine.trigger_table->columns.size();
    std::copy_n(new_row.begin(), std::min(width, new_row.size()), at(routine.new_row));
    std::copy_n(old_row.begin(), std::min(width, old_row.size()), at(routine.old_row));
    frame.slots[routine.tg_op] = Value(operation_of(kind));
    if (routine.found) frame.slots[*routine.found] = Value::boolean(false);

    fired = true;
    set_trigger_depth(frame);  // WHEN is asked before the trigger is one of them
    if (routine.trigger_when) {
        auto holds = evaluate(frame, *routine.trigger_when);
        if (!holds) return std::unexpected(holds.error());
        fired = holds->is_integer() && holds->integer() != 0;
        if (!fired) return std::nullopt;
    }
    Level level(*this, routine.function->security_definer ? Rights::Owner : rights_, 1);
    set_trigger_depth(frame);
    auto entered = enter_statement();
    if (!entered) return std::unexpected(entered.error());
    auto done = run_block(frame, routine.body);
    if (!done) return std::unexpected(done.error());
    if (frame.flow == Flow::On) {
        return std::unexpected(
            sql_error("2F005", "control reached end of trigger procedure without RETURN"));
    }
    return std::move(frame.returned);
}

Result<std::optional<Row>> Unit::fire_before(const Table& table, ChangeKind kind,
                                             const Row& old_row, Row new_row,
                                             std::span<const std::size_t> named) {
    const TableTriggers* triggers = library_.triggers(table.storage_name());
    if (triggers == nullptr) return new_row;
    for (const TriggerProgram& made : triggers->triggers) {
        if (!fires_on(*made.trigger, TriggerTiming::Before, kind)) continue;
        if (!names_one(*made.trigger, kind, named)) continue;
        bool fired = false;
        auto returned = run_trigger(made, kind, old_row, new_row, fired);
        if (!returned) return std::unexpected(returned.error());
        if (!fired) continue;
        if (!*returned) return std::nullopt;
        if (kind != ChangeKind::Delete) new_row = std::move(**returned);
    }
    return new_row;
}

Result<void> Unit::fire_after(std::span<const Range> ranges, std::span<const std::size_t> named) {
    if (!library_.has_triggers()) return {};
    // A row's actions come before its own triggers, which PostgreSQL fires in the order of names
    // ("RI_ConstraintTrigger…" is one of them), so a change waits for the deeper ones behind it.
    std::vector<std::size_t> order;
    std::vector<Place> waiting;
    const auto release = [&](int depth) {
        while (!waiting.empty() && waiting.back().depth >= depth) {
            order.push_back(waiting.back().index);
            waiting.pop_back();
        }
    };
    for (const Range& range : ranges) {
        for (std::size_t i = range.from; i < range.to; ++i) {
            const engine::RowChange& change = session_.changes()[i];
            release(change.depth);
            if (library_.triggers(change.table) != nullptr) waiting.push_back({i, change.depth});
        }
        release(0);
    }
    for (const std::size_t index : order) {
        auto fired = fire_change(session_.changes()[index], index, named);
        if (!fired) return fired;
    }
    return {};
}

Result<void> Unit::fire_change(engine::RowChange change, std::size_t place,
                               std::span<const std::size_t> named) {
    const TableTriggers& triggers = *library_.triggers(change.table);
    std::vector<std::size_t> changed;
    if (change.depth > 0) {
        changed = changed_columns(change.old_row, change.new_row);
        named = changed;
        if (triggers.has(TriggerTiming::Before, change.kind)) {
            auto fired = fire_late(triggers, change, place);
            if (!fired) return fired;
        }
    }
    for (const TriggerProgram& made : triggers.triggers) {
        if (!fires_on(*made.trigger, TriggerTiming::After, change.kind)) continue;
        if (!names_one(*made.trigger, change.kind, named)) continue;
        bool fired = false;
        auto returned = run_trigger(made, change.kind, change.old_row, change.new_row, fired);
        if (!returned) return std::unexpected(returned.error());
    }
    return {};
}

/// BEFORE triggers of a row that a foreign key's action has changed already: SQLite does not ask
/// first. What they change in NEW is written behind the action and logged as one change with it.
Result<void> Unit::fire_late(const TableTriggers& triggers, engine::RowChange& change,
                             std::size_t place) {
    const auto named = changed_columns(change.old_row, change.new_row);
    auto wanted = fire_before(*triggers.table, change.kind, change.old_row, change.new_row, named);
    if (!wanted) return std::unexpected(wanted.error());
    if (!*wanted) {
        return std::unexpected(sql_error(
            "0A000",
            fmt::format("a trigger on \"{}\" returned NULL for a row that a foreign key's action "
                        "changes",
                        triggers.table->name),
            "", "Return NEW or OLD, or raise an exception."));
    }
    if (change.kind == ChangeKind::Delete || **wanted == change.new_row) return {};
    std::vector<Range> ranges;
    const auto before = change.new_row;
    const RowAccess everything;
    const Rights rights = std::exchange(rights_, Rights::Owner);
    auto written = write_row(*triggers.table, before, **wanted, {}, everything, ranges);
    rights_ = rights;
    if (!written) return std::unexpected(written.error());
    const std::size_t last = session_.changes().size() - 1;
    const bool alone = ranges.size() == 1 && ranges[0].to - ranges[0].from == 1;
    if (!alone) {
        return std::unexpected(
            sql_error("0A000",
                      fmt::format("a BEFORE trigger on \"{}\" changes a key that other rows follow",
                                  triggers.table->name),
                      "", "Change it in an AFTER trigger."));
    }
    change.new_row = session_.changes()[last].new_row;
    session_.fold_last_change(place);
    return {};
}

}  // namespace dunlin::routines
