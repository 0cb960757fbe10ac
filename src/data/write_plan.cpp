#include "data/write_plan.h"

#include <fmt/format.h>

#include <string>

#include "data/insert_at_once.h"
#include "data/tables.h"

namespace dunlin::data {

namespace {

/// What RETURNING says after the columns: the conditions of query::update_sql.
enum class Verdict : std::uint8_t { Check, Visible };

bool holds(const Table& table, const Row& row, Verdict verdict) {
    const Value& value = row.at(table.columns.size() + static_cast<std::size_t>(verdict));
    return value.is_integer() && value.integer() != 0;
}

Result<void> judge(const Table& table, const Row& row, bool reads) {
    if (holds(table, row, Verdict::Check) && (!reads || holds(table, row, Verdict::Visible)))
        return {};
    return std::unexpected(row_security_violation(table));
}

/// A row as the merge of a request makes it: what was given counts.
routines::RowInsert::Merge merge_of(const InsertPlan& plan) {
    return [&plan](const Row& existing, const Row& excluded) -> Result<std::optional<Row>> {
        Row merged = existing;
        for (const std::size_t column : plan.options.merged) merged[column] = excluded[column];
        return merged;
    };
}

Result<WrittenRows> insert_by_rows(routines::Unit& unit, const Table& table,
                                   const InsertPlan& plan) {
    using Conflict = routines::RowInsert::Conflict;
    const query::AccessConditions& access = plan.access;
    routines::RowInsert insert{.table = table, .rows = {}};
    for (const query::RowValues& row : plan.by_rows)
        insert.rows.push_back({row.columns, row.values});
    if (!plan.options.conflict.empty()) {
        insert.conflict = plan.options.resolution == query::Resolution::MergeDuplicates
                              ? Conflict::Update
                              : Conflict::Nothing;
    }
    insert.key = plan.options.conflict;
    insert.merged = plan.options.merged;
    insert.merge = merge_of(plan);
    insert.access = {.alias = std::string(table_alias),
                     .access = {access.visible, "", access.check},
                     .merge_access = {access.visible, access.target, access.merged},
                     .must_be_visible = plan.reads};
    auto done = unit.insert(insert);
    if (!done) return std::unexpected(done.error());
    const std::size_t count = done->rows.size();
    return WrittenRows{std::move(done->rows), count, done->inserted};
}

WrittenRows all_of(std::vector<Row> rows) {
    const std::size_t count = rows.size();
    return {std::move(rows), count};
}

/// The rows to change as they are, each with the values to set behind it.
Result<routines::RowChanges> changes_by_rows(engine::Session& session, const Table& table,
                                             const ChangePlan& plan) {
    auto found = session.run(plan.statement.sql, plan.statement.parameters);
    if (!found) return std::unexpected(found.error());
    for (Row& row : found->rows)
        row.insert(row.end(), plan.values.values.begin(), plan.values.values.end());
    return routines::RowChanges{
        .table = table,
        .targets = std::move(found->rows),
        .set = plan.values.columns,
        .access = {.alias = std::string(table_alias),
                   .access = {plan.access.visible, plan.access.target, plan.access.check},
                   .merge_access = {},
                   .must_be_visible = plan.reads}};
}

}  // namespace

Result<WrittenRows> run_insert(routines::Unit& unit, engine::Session& session, const Table& table,
                               const InsertPlan& plan) {
    if (!plan.by_rows.empty()) return insert_by_rows(unit, table, plan);
    const std::size_t changes_before = session.changes().size();
    auto written = insert_at_once(session, table, plan);
    if (!written) return written;
    const auto fired = unit.fire_since(changes_before, plan.options.merged);
    if (!fired) return std::unexpected(fired.error());
    return written;
}

Result<WrittenRows> run_update(routines::Unit& unit, engine::Session& session, const Table& table,
                               const ChangePlan& plan) {
    if (plan.statement.sql.empty()) return WrittenRows{};
    if (plan.by_rows) {
        auto changes = changes_by_rows(session, table, plan);
        if (!changes) return std::unexpected(changes.error());
        auto updated = unit.update(*changes);
        if (!updated) return std::unexpected(updated.error());
        return all_of(std::move(*updated));
    }
    const auto verdict = [&](std::span<const Row> rows) -> Result<void> {
        for (const Row& row : rows) {
            const auto fine = judge(table, row, plan.reads);
            if (!fine) return fine;
        }
        return {};
    };
    auto result =
        unit.run({plan.statement.sql, plan.statement.parameters}, plan.values.columns, verdict);
    if (!result) return std::unexpected(result.error());
    return all_of(std::move(result->rows));
}

Result<WrittenRows> run_delete(routines::Unit& unit, engine::Session& session, const Table& table,
                               const ChangePlan& plan) {
    if (plan.by_rows) {
        auto changes = changes_by_rows(session, table, plan);
        if (!changes) return std::unexpected(changes.error());
        auto removed = unit.remove(*changes);
        if (!removed) return std::unexpected(removed.error());
        return all_of(std::move(*removed));
    }
    auto result = unit.run({plan.statement.sql, plan.statement.parameters});
    if (!result) return std::unexpected(result.error());
    return all_of(std::move(result->rows));
}

Error row_security_violation(const Table& table) {
    return sql_error(
        "42501",
        fmt::format("new row violates row-level security policy for table \"{}\"", table.name));
}

Result<void> check_count(std::uint64_t rows, const WriteOptions& options) {
    if (options.exactly_one && rows != 1) {
        return std::unexpected(Error{ErrorCode::NotAcceptable,
                                     "Cannot coerce the result to a single JSON object", "PGRST116",
                                     fmt::format("The result contains {} rows", rows)});
    }
    if (options.affected_max && rows > *options.affected_max) {
        return std::unexpected(Error{ErrorCode::InvalidInput,
                                     "Query result exceeds max-affected preference constraint",
                                     "PGRST124", fmt::format("The query affects {} rows", rows)});
    }
    return {};
}

}  // namespace dunlin::data
