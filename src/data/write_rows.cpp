#include <fmt/format.h>

#include <algorithm>

#include "core/codec.h"
#include "data/explain.h"
#include "data/tables.h"
#include "data/write_plan.h"

namespace dunlin::data {

namespace {

Result<void> refuse_view(const Table& table) {
    if (table.kind == RelationKind::Table) return {};
    return std::unexpected(sql_error("55000",
                                     fmt::format("cannot write to view \"{}\"", table.name), "",
                                     "Write to the table behind the view."));
}

/// Whether an update or delete looks at the rows that it changes. One that does not asks only its
/// own policies, as in PostgreSQL.
bool reads_rows(const query::RestQuery& query, const WriteOptions& options) {
    return options.returning != Returning::Nothing || !query.filters.empty() ||
           !query.order.empty() || query.limit || query.offset;
}

/// What a write gives back: its select over the rows that it touched; none when it is not wanted.
Result<Rows> representation(engine::Session& session, const Table& table,
                            const std::optional<Selection>& selection, WrittenRows written,
                            RowFormat format) {
    if (!selection) return Rows{.count = written.count};
    for (Row& row : written.rows) row.resize(table.columns.size());
    return selection->run(session, format, written.rows);
}

std::vector<std::pair<std::string, std::string>> location_of(const Table& table,
                                                             const std::vector<Row>& rows) {
    std::vector<std::pair<std::string, std::string>> location;
    if (rows.size() != 1) return location;
    for (const std::size_t index : table.primary_key.columns) {
        const Column& column = table.columns[index];
        if (column.hidden) return {};
        location.emplace_back(column.name, "eq." + codec::to_text(column.type, rows[0][index]));
    }
    return location;
}

/// From the rows that were written to the answer, or a refusal that undoes them.
Result<WriteResult> answer_of(engine::Session& session, const Table& table,
                              const std::optional<Selection>& selection, WrittenRows written,
                              const WriteOptions& options) {
    const auto count = check_count(written.count, options);
    if (!count) return std::unexpected(count.error());
    WriteResult result{.inserted = written.inserted};
    if (options.returning == Returning::Location)
        result.location = location_of(table, written.rows);
    auto rows = representation(session, table, selection, std::move(written), options.format);
    if (!rows) return std::unexpected(rows.error());
    result.rows = std::move(*rows);
    return result;
}

const query::SqlText& first_of(const std::vector<query::SqlText>& statements) {
    static const query::SqlText nothing;
    return statements.empty() ? nothing : statements.front();
}

Result<WriteResult> plan_of(engine::Session& session, const query::SqlText& statement,
                            PlanForm form) {
    auto plan = explain(session, statement, form);
    if (!plan) return std::unexpected(plan.error());
    return WriteResult{.rows = {.json = std::move(*plan)}};
}

/// A unit is undone by refusing it.
Error undone() {
    return Error{ErrorCode::Internal, "the write was undone as it was asked to be"};
}

}  // namespace

bool Tables::by_rows(const Table& table, ChangeKind kind) const {
    const routines::TableTriggers* triggers = library_->triggers(table.storage_name());
    return triggers != nullptr && triggers->has(TriggerTiming::Before, kind);
}

asio::awaitable<Result<WriteResult>> Tables::write(Identity identity, const Table& table,
                                                   const query::RestQuery& query,
                                                   WriteOptions options,
                                                   const query::SqlText& statement, Write run) {
    const Role role = identity.role;
    const auto selection = plan_answer(role, table, query, options);
    if (!selection) co_return std::unexpected(selection.error());
    const auto answer_in = [&](engine::Session& session) -> Result<WriteResult> {
        if (options.plan != PlanForm::None) return plan_of(session, statement, options.plan);
        routines::Unit unit(*library_, session, role, routines::UnitKind::Write);
        auto written = run(unit, session);
        if (!written) return std::unexpected(written.error());
        return answer_of(session, table, *selection, std::move(*written), options);
    };
    std::optional<WriteResult> answer;
    engine::Work work = [&](engine::Session& session) -> Result<void> {
        answer.reset();  // a work may be run again
        auto result = answer_in(session);
        if (!result) return std::unexpected(result.error());
        answer = std::move(*result);
        if (options.undo) return std::unexpected(undone());
        return {};
    };
    const auto done = co_await engine_.write(std::move(identity), std::move(work));
    if (!done && !(options.undo && answer)) co_return std::unexpected(done.error());
    co_return std::move(*answer);
}

Result<query::AccessConditions> Tables::insert_conditions(Role role, const Table& table,
                                                          query::Resolution resolution,
                                                          Reads reads) const {
    auto access = conditions(table, Command::Insert, role, reads);
    if (!access || resolution != query::Resolution::MergeDuplicates) return access;
    const auto granted = rules_->require(table, Command::Update, role);
    if (!granted) return std::unexpected(granted.error());
    access->visible = rules_->using_sql(table, Command::Select, role, table_alias);
    access->target = rules_->using_sql(table, Command::Update, role, table_alias);
    access->merged = rules_->check_sql(table, Command::Update, role, table_alias);
    return access;
}

Result<InsertPlan> Tables::plan_insert(Role role, const Table& table, const query::RestQuery& query,
                                       const query::Body& body, const WriteOptions& options) const {
    const auto writable = refuse_view(table);
    if (!writable) return std::unexpected(writable.error());
    InsertPlan plan{.rows = body.objects.size(), .options = {.resolution = options.resolution}};
    if (options.resolution != query::Resolution::None) {
        auto conflict = query::conflict_columns(table, query);
        if (!conflict) return std::unexpected(conflict.error());
        plan.options.conflict = std::move(*conflict);
    }
    // ON CONFLICT (key) reads the key.
    plan.reads = options.returning != Returning::Nothing || !plan.options.conflict.empty();
    auto access = insert_conditions(role, table, options.resolution,
                                    plan.reads ? Reads::Rows : Reads::Nothing);
    if (!access) return std::unexpected(access.error());
    // Who may insert nothing learns nothing about the other constraints, as in PostgreSQL.
    if (access->check == "0" && plan.rows > 0)
        return std::unexpected(row_security_violation(table));
    if (!plan.reads) access->visible.clear();
    plan.returns_rows = options.returning != Returning::Nothing;
    auto given = query::insert_values(table, query, body, options.missing);
    if (!given) return std::unexpected(given.error());
    if (options.resolution == query::Resolution::MergeDuplicates) {
        const auto mergeable = query::check_mergeable(table, given->columns);
        if (!mergeable) return std::unexpected(mergeable.error());
        plan.options.merged = query::merged_columns(given->columns, plan.options.conflict);
    }
    if (by_rows(table, ChangeKind::Insert) ||
        (!plan.options.merged.empty() && by_rows(table, ChangeKind::Update))) {
        plan.by_rows = std::move(given->rows);
        plan.access = std::move(*access);
    } else {
        plan.statements = query::insert_sql(table, std::move(given->rows), plan.options, *access);
    }
    return plan;
}

Result<ChangePlan> Tables::plan_update(Role role, const Table& table, const query::RestQuery& query,
                                       const query::Body& body, const WriteOptions& options) const {
    const auto writable = refuse_view(table);
    if (!writable) return std::unexpected(writable.error());
    ChangePlan plan{.reads = reads_rows(query, options)};
    auto access =
        conditions(table, Command::Update, role, plan.reads ? Reads::Rows : Reads::Nothing);
    if (!access) return std::unexpected(access.error());
    if (!plan.reads) access->visible.clear();
    auto values = query::update_values(table, query, body, options.missing);
    if (!values) return std::unexpected(values.error());
    if (values->columns.empty()) return plan;
    plan.values = *values;
    plan.by_rows = by_rows(table, ChangeKind::Update);
    auto statement = plan.by_rows ? query::changed_rows_sql(table, query, *access)
                                  : query::update_sql(table, query, std::move(*values), *access);
    if (plan.by_rows) plan.access = std::move(*access);
    if (!statement) return std::unexpected(statement.error());
    plan.statement = std::move(*statement);
    return plan;
}

Result<ChangePlan> Tables::plan_delete(Role role, const Table& table, const query::RestQuery& query,
                                       const WriteOptions& options) const {
    const auto writable = refuse_view(table);
    if (!writable) return std::unexpected(writable.error());
    ChangePlan plan{.reads = reads_rows(query, options)};
    auto access =
        conditions(table, Command::Delete, role, plan.reads ? Reads::Rows : Reads::Nothing);
    if (!access) return std::unexpected(access.error());
    if (!plan.reads) access->visible.clear();
    plan.by_rows = by_rows(table, ChangeKind::Delete);
    auto statement = plan.by_rows ? query::changed_rows_sql(table, query, *access)
                                  : query::delete_sql(table, query, *access);
    if (plan.by_rows) plan.access = std::move(*access);
    if (!statement) return std::unexpected(statement.error());
    plan.statement = std::move(*statement);
    return plan;
}

Result<std::optional<Selection>> Tables::plan_answer(Role role, const Table& table,
                                                     const query::RestQuery& query,
                                                     const WriteOptions& options) const {
    if (options.returning != Returning::Representation) return std::nullopt;
    auto selection = select_written(role, table, query);
    if (!selection) return std::unexpected(selection.error());
    return std::move(*selection);
}

asio::awaitable<Result<WriteResult>> Tables::insert(Identity identity, const Table& table,
                                                    query::RestQuery query, query::Body body,
                                                    WriteOptions options) {
    const auto plan = plan_insert(identity.role, table, query, body, options);
    if (!plan) co_return std::unexpected(plan.error());
    co_return co_await write(std::move(identity), table, query, options, first_of(plan->statements),
                             [&](routines::Unit& unit, engine::Session& session) {
                                 return run_insert(unit, session, table, *plan);
                             });
}

asio::awaitable<Result<WriteResult>> Tables::update(Identity identity, const Table& table,
                                                    query::RestQuery query, query::Body body,
                                                    WriteOptions options) {
    const auto plan = plan_update(identity.role, table, query, body, options);
    if (!plan) co_return std::unexpected(plan.error());
    co_return co_await write(std::move(identity), table, query, options, plan->statement,
                             [&](routines::Unit& unit, engine::Session& session) {
                                 return run_update(unit, session, table, *plan);
                             });
}

asio::awaitable<Result<WriteResult>> Tables::remove(Identity identity, const Table& table,
                                                    query::RestQuery query, WriteOptions options) {
    const auto plan = plan_delete(identity.role, table, query, options);
    if (!plan) co_return std::unexpected(plan.error());
    co_return co_await write(std::move(identity), table, query, options, plan->statement,
                             [&](routines::Unit& unit, engine::Session& session) {
                                 return run_delete(unit, session, table, *plan);
                             });
}

}  // namespace dunlin::data
