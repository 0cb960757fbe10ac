#include "engine/sqlite/writer.h"

#include <deque>
#include <exception>
#include <iterator>

#include "core/limits.h"
#include "engine/sqlite/errors.h"
#include "engine/sqlite/foreign_keys.h"
#include "engine/sqlite/sessions.h"
#include "engine/sqlite/sqlite_engine.h"
#include "engine/sqlite/violations.h"
#include "io/log.h"

namespace dunlin::engine::sqlite {

namespace {

// The observer's row holds both images of a change.
constexpr std::size_t observer_row_bytes_max = 2 * row_bytes_max + 8 * 1024 * 1024;

const Identity observer_identity{.role = Role::ServiceRole};

}  // namespace

Result<void> run_caught(Work& work, Session& session) {
    try {
        return work(session);
    } catch (const std::exception& exception) {
        log::error("a unit of work threw", {{"what", exception.what()}});
        return std::unexpected(Error{ErrorCode::Internal, "internal error", "XX000"});
    }
}

Writer::Writer(std::unique_ptr<Connection> connection, WorkQueue& queue, const Clock& clock,
               CommitObserver* observer, std::size_t checkpoint_bytes)
    : connection_(std::move(connection)),
      queue_(queue),
      clock_(clock),
      observer_(observer),
      checkpointer_(checkpoint_bytes) {
    checkpointer_.attach(connection_->handle());
}

void Writer::run() {
    while (true) {
        std::vector<Unit> units = queue_.take(limits::write_group_units_max);
        if (units.empty()) return;
        if (units.front().kind == UnitKind::Migration) {
            run_migration(std::move(units.front()));
        } else {
            run_all(std::move(units));
        }
        checkpointer_.run_if_due();
    }
}

void Writer::run_all(std::vector<Unit> units) {
    // Each time through, a unit that took its group down is gone, so this ends. Those that went
    // well are run again among themselves, so that they do not meet the next such unit.
    std::deque<std::vector<Unit>> groups;
    groups.push_back(std::move(units));
    while (!groups.empty()) {
        std::vector<Unit> group = std::move(groups.front());
        groups.pop_front();
        if (group.empty()) continue;
        Leftover leftover = run_group(std::move(group));
        groups.push_front(std::move(leftover.not_reached));
        groups.push_front(std::move(leftover.went_well));
    }
}

Writer::Leftover Writer::run_group(std::vector<Unit> units) {
    auto begun = connection_->command("begin immediate");
    if (!begun) {
        for (Unit& unit : units) unit.finish(std::unexpected(begun.error()));
        return {};
    }
    std::vector<Unit> went_well;
    for (std::size_t i = 0; i < units.size(); ++i) {
        Result<void> result = run_unit(units[i]);
        if (!connection_->in_transaction()) {
            connection_->capture().truncate(0);
            units[i].finish(result ? std::unexpected(transaction_lost()) : std::move(result));
            const auto rest = units.begin() + static_cast<std::ptrdiff_t>(i) + 1;
            return {std::move(went_well),
                    {std::move_iterator(rest), std::move_iterator(units.end())}};
        }
        if (result) {
            went_well.push_back(std::move(units[i]));
        } else {
            units[i].finish(std::move(result));
        }
    }
    if (went_well.empty()) {
        roll_back();
        return {};
    }
    const Result<void> committed = commit();
    counters_.units += committed ? went_well.size() : 0;
    for (Unit& unit : went_well) unit.finish(committed);
    return {};
}

Result<void> Writer::run_unit(Unit& unit) {
    const std::size_t mark = connection_->capture().mark();
    auto opened = connection_->command("savepoint unit");
    if (!opened) return opened;
    Result<void> result = run_work(unit);
    if (!connection_->in_transaction()) return result;
    if (result && connection_->has_broken_keys()) {
        result =
            std::unexpected(explain_broken_keys(*connection_, connection_->capture().since(mark)));
    }
    if (!result) {
        connection_->capture().truncate(mark);
        // When even this fails the connection cannot be trusted with the group: give it up.
        if (!connection_->command("rollback to unit")) roll_back();
    }
    if (connection_->in_transaction()) {
        auto released = connection_->command("release unit");
        if (!released) return released;
    }
    return result;
}

Result<void> Writer::run_work(Unit& unit) {
    connection_->capture().set_origin({unit.identity.user_id, unit.identity.session_id});
    connection_->set_context({.identity = &unit.identity, .now_us = clock_.now_us()});
    UnitSession session(*connection_);
    return run_caught(unit.work, session);
}

Result<void> Writer::commit() {
    PlainSession session(*connection_);
    connection_->set_context({.identity = &observer_identity, .now_us = clock_.now_us()});
    connection_->set_row_bytes_max(observer_row_bytes_max);
    connection_->capture().pause();
    Result<void> result;
    if (observer_ != nullptr) {
        result = observer_->before_commit(session, connection_->capture().since(0));
    }
    connection_->capture().resume();
    connection_->set_row_bytes_max(row_bytes_max);
    // A COMMIT outside a transaction would be an error of its own.
    if (result && !connection_->in_transaction()) result = std::unexpected(transaction_lost());
    if (result) result = connection_->command("commit");
    if (!result) {
        log::error("commit failed", {{"error", result.error().message}});
        roll_back();
        if (observer_ != nullptr) observer_->after_rollback();
        return result;
    }
    auto changes = connection_->capture().take();
    ++counters_.commits;
    if (observer_ != nullptr) observer_->after_commit(std::move(changes));
    return result;
}

void Writer::roll_back() {
    connection_->capture().truncate(0);
    if (!connection_->in_transaction()) return;
    auto undone = connection_->command("rollback");
    if (!undone) log::error("rollback failed", {{"error", undone.error().message}});
}

void Writer::run_migration(Unit unit) {
    // A table is rebuilt by making it anew and dropping the old one, which must not cascade. The
    // switch has no effect inside a transaction.
    Result<void> result = connection_->pragma("pragma foreign_keys=off");
    if (result) result = connection_->command("begin immediate");
    if (result) {
        connection_->set_access(Access::Migration);
        connection_->set_time_limit(Connection::TimeLimit::Off);
        result = run_unit(unit);
        if (result && !connection_->in_transaction()) result = std::unexpected(transaction_lost());
        if (result) result = check_all_keys(*connection_);
        connection_->set_time_limit(Connection::TimeLimit::On);
        connection_->set_access(Access::Unit);
        if (result) {
            result = commit();
        } else {
            roll_back();
        }
    }
    auto restored = connection_->pragma("pragma foreign_keys=on");
    if (!restored) log::error("foreign keys stay off", {{"error", restored.error().message}});
    counters_.units += result ? 1 : 0;
    unit.finish(std::move(result));
}

}  // namespace dunlin::engine::sqlite
