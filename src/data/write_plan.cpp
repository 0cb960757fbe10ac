#include "data/write_plan.h"

#include <fmt/format.h>

#include <string>
#include <unordered_set>

#include "core/codec.h"
#include "data/tables.h"

namespace dunlin::data {

namespace {

/// What RETURNING says after the columns: the conditions of query::insert_sql.
enum class Verdict : std::uint8_t { InsertCheck, Visible, MergeCheck };

bool holds(const Table& table, const Row& row, Verdict verdict) {
    const Value& value = row.at(table.columns.size() + static_cast<std::size_t>(verdict));
    return value.is_integer() && value.integer() != 0;
}

/// The values of a key as one text; none when one is NULL, which never conflicts.
std::optional<std::string> key_text(const Table& table, const std::vector<std::size_t>& key,
                                    const Row& row) {
    std::string text;
    for (const std::size_t column : key) {
        if (row.at(column).is_null()) return std::nullopt;
        codec::write_json(table.columns[column].type, row[column], text);
        text.push_back('\n');
    }
    return text;
}

/// The keys of the rows that a session inserted into a table since it had made `from` changes.
std::unordered_set<std::string> inserted_keys(const engine::Session& session, const Table& table,
                                              const std::vector<std::size_t>& key,
                                              std::size_t from) {
    std::unordered_set<std::string> keys;
    for (const engine::RowChange& change : session.changes().subspan(from)) {
        if (change.kind != ChangeKind::Insert || change.table != table.storage_name()) continue;
        auto text = key_text(table, key, change.new_row);
        if (text) keys.insert(std::move(*text));
    }
    return keys;
}

Error second_time() {
    return sql_error("21000", "ON CONFLICT DO UPDATE command cannot affect row a second time", "",
                     "Ensure that no rows proposed for insertion within the same command have "
                     "duplicate constrained values.");
}

/// Tells merged rows from inserted ones and judges each by its own rule. RETURNING shows both
/// alike, but only an inserted row was captured as an insert.
Result<std::uint64_t> judge_merged(const engine::Session& session, const Table& table,
                                   const InsertPlan& plan, std::span<const Row> rows,
                                   std::size_t changes_before) {
    // A conflicting row that the writer may not update is left out by the statement's condition;
    // PostgreSQL refuses instead of skipping it.
    if (rows.size() < plan.rows) return std::unexpected(row_security_violation(table));
    const auto& key = plan.options.conflict;
    const auto inserted = inserted_keys(session, table, key, changes_before);
    std::unordered_set<std::string> seen;
    std::uint64_t count = 0;
    for (const Row& row : rows) {
        const auto text = key_text(table, key, row);
        const bool is_new = !text || inserted.contains(*text);
        if (text && !seen.insert(*text).second) return std::unexpected(second_time());
        if (!holds(table, row, is_new ? Verdict::InsertCheck : Verdict::MergeCheck)) {
            return std::unexpected(row_security_violation(table));
        }
        count += is_new ? 1 : 0;
    }
    return count;
}

/// A row that is in the result and was there before is a duplicate that the rules refuse.
Result<void> judge_ignored(const engine::Session& session, const Table& table,
                           const InsertPlan& plan, std::span<const Row> rows,
                           std::size_t changes_before) {
    const auto& key = plan.options.conflict;
    const auto inserted = inserted_keys(session, table, key, changes_before);
    for (const Row& row : rows) {
        const auto text = key_text(table, key, row);
        if (text && !inserted.contains(*text)) {
            return std::unexpected(row_security_violation(table));
        }
    }
    return {};
}

Result<void> judge(const Table& table, const Row& row, bool reads) {
    if (holds(table, row, Verdict::InsertCheck) && (!reads || holds(table, row, Verdict::Visible)))
        return {};
    return std::unexpected(row_security_violation(table));
}

Result<WrittenRows> insert_at_once(engine::Session& session, const Table& table,
                                   const InsertPlan& plan, std::size_t changes_before) {
    const bool resolves = !plan.options.conflict.empty();
    const bool merges = resolves && plan.options.resolution == query::Resolution::MergeDuplicates;
    WrittenRows written;
    for (const query::SqlText& statement : plan.statements) {
        auto result = session.run({statement.sql, statement.parameters});
        if (!result) return std::unexpected(result.error());
        for (Row& row : result->rows) {
            const auto fine = merges ? Result<void>() : judge(table, row, plan.reads);
            if (!fine) return std::unexpected(fine.error());
            if (merges && !holds(table, row, Verdict::Visible)) {
                return std::unexpected(row_security_violation(table));
            }
            written.rows.push_back(std::move(row));
        }
    }
    written.inserted = written.rows.size();
    if (resolves && !merges && plan.ruled) {
        const auto ignored = judge_ignored(session, table, plan, written.rows, changes_before);
        if (!ignored) return std::unexpected(ignored.error());
    }
    if (!merges) return written;
    const auto inserted = judge_merged(session, table, plan, written.rows, changes_before);
    if (!inserted) return std::unexpected(inserted.error());
    written.inserted = *inserted;
    return written;
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
    return WrittenRows{std::move(done->rows), done->inserted};
}

/// The rows to change as they are, each with the values to set behind it.
Result<routines::RowChanges> changes_by_rows(engine::Session& session, const Table& table,
                                             const ChangePlan& plan) {
    auto found = session.run({plan.statement.sql, plan.statement.parameters});
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
    auto written = insert_at_once(session, table, plan, changes_before);
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
        return WrittenRows{std::move(*updated)};
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
    return WrittenRows{std::move(result->rows)};
}

Result<WrittenRows> run_delete(routines::Unit& unit, engine::Session& session, const Table& table,
                               const ChangePlan& plan) {
    if (plan.by_rows) {
        auto changes = changes_by_rows(session, table, plan);
        if (!changes) return std::unexpected(changes.error());
        auto removed = unit.remove(*changes);
        if (!removed) return std::unexpected(removed.error());
        return WrittenRows{std::move(*removed)};
    }
    auto result = unit.run({plan.statement.sql, plan.statement.parameters});
    if (!result) return std::unexpected(result.error());
    return WrittenRows{std::move(result->rows)};
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
