// The rows of an insert are those that the engine captured: SQLite's RETURNING would keep a second
// copy of each, at four times the cost of the writing itself. They are no more than the request
// gave.
#include "data/insert_at_once.h"

#include <algorithm>
#include <unordered_set>

namespace dunlin::data {

namespace {

/// What RETURNING says: the conditions of query::insert_sql.
enum class Verdict : std::uint8_t { InsertCheck, Visible, MergeCheck };

struct WrittenRow {
    std::size_t change = 0;  // its place in Session::changes()
    Row verdicts{};          // empty where no rule restricts anything

    bool holds(Verdict verdict) const {
        if (verdicts.empty()) return true;
        const Value& value = verdicts.at(static_cast<std::size_t>(verdict));
        return value.is_integer() && value.integer() != 0;
    }
};

/// Changes as a set of keys: two are alike when their rows have the same key.
class KeyOfChange {
public:
    KeyOfChange(std::span<const engine::RowChange> changes, const std::vector<std::size_t>& columns)
        : changes_(changes), columns_(&columns) {}

    std::size_t operator()(std::size_t change) const {
        std::size_t hash = 0;
        for (const std::size_t column : *columns_) hash = hash * 31 + at(change, column).hash();
        return hash;
    }
    bool operator()(std::size_t left, std::size_t right) const {
        return std::ranges::all_of(
            *columns_, [&](std::size_t column) { return at(left, column) == at(right, column); });
    }
    /// A key with NULL in it never conflicts.
    bool is_whole(std::size_t change) const {
        return std::ranges::none_of(
            *columns_, [&](std::size_t column) { return at(change, column).is_null(); });
    }

private:
    const Value& at(std::size_t change, std::size_t column) const {
        return changes_[change].new_row.at(column);
    }

    std::span<const engine::RowChange> changes_;
    const std::vector<std::size_t>* columns_;
};

bool merges(const InsertPlan& plan) {
    return plan.options.resolution == query::Resolution::MergeDuplicates &&
           !plan.options.conflict.empty();
}

/// Adds the rows that the statement itself wrote, in their order, to `written`.
Result<void> run_statement(engine::Session& session, const std::string& table,
                           const query::SqlText& statement, std::vector<WrittenRow>& written) {
    const std::size_t from = session.changes().size();
    auto result = session.run(statement.sql, statement.parameters);
    if (!result) return std::unexpected(result.error());
    const std::size_t first = written.size();
    const auto changes = session.changes();
    for (std::size_t i = from; i < changes.size(); ++i) {
        if (changes[i].depth == 0 && changes[i].table == table) written.push_back({.change = i});
    }
    if (result->columns.empty()) return {};
    if (result->rows.size() != written.size() - first)
        return std::unexpected(Error{ErrorCode::Internal, "a change was not captured", "XX000"});
    for (std::size_t i = 0; i < result->rows.size(); ++i)
        written[first + i].verdicts = std::move(result->rows[i]);
    return {};
}

Error second_time() {
    return sql_error("21000", "ON CONFLICT DO UPDATE command cannot affect row a second time", "",
                     "Ensure that no rows proposed for insertion within the same command have "
                     "duplicate constrained values.");
}

/// Judges merged rows and inserted ones each by its own rule.
Result<void> judge_merged(const engine::Session& session, const Table& table,
                          const InsertPlan& plan, std::span<const WrittenRow> written) {
    // A conflicting row that the writer may not update is left out by the statement's condition;
    // PostgreSQL refuses instead of skipping it.
    if (written.size() < plan.rows) return std::unexpected(row_security_violation(table));
    const KeyOfChange key(session.changes(), plan.options.conflict);
    std::unordered_set<std::size_t, KeyOfChange, KeyOfChange> seen(written.size(), key, key);
    for (const WrittenRow& row : written) {
        if (key.is_whole(row.change) && !seen.insert(row.change).second)
            return std::unexpected(second_time());
        const bool is_new = session.changes()[row.change].kind == ChangeKind::Insert;
        if (!row.holds(is_new ? Verdict::InsertCheck : Verdict::MergeCheck))
            return std::unexpected(row_security_violation(table));
    }
    return {};
}

/// What can be said of each row by itself.
bool is_allowed(const engine::Session& session, const InsertPlan& plan, const WrittenRow& row) {
    if (merges(plan)) return row.holds(Verdict::Visible);
    // A row that was there is written only when the rules refuse it: see query::insert_sql.
    if (session.changes()[row.change].kind != ChangeKind::Insert) return false;
    return row.holds(Verdict::InsertCheck) && (!plan.reads || row.holds(Verdict::Visible));
}

}  // namespace

Result<WrittenRows> insert_at_once(engine::Session& session, const Table& table,
                                   const InsertPlan& plan) {
    const std::string name = table.storage_name();
    std::vector<WrittenRow> written;
    written.reserve(plan.rows);
    const auto allowed = [&](const WrittenRow& row) { return is_allowed(session, plan, row); };
    for (const query::SqlText& statement : plan.statements) {
        const std::size_t before = written.size();
        const auto done = run_statement(session, name, statement, written);
        if (!done) return std::unexpected(done.error());
        if (!std::ranges::all_of(std::span(written).subspan(before), allowed))
            return std::unexpected(row_security_violation(table));
    }
    const auto judged = merges(plan) ? judge_merged(session, table, plan, written) : Result<void>();
    if (!judged) return std::unexpected(judged.error());
    WrittenRows result{.count = written.size()};
    for (const WrittenRow& row : written) {
        const engine::RowChange& change = session.changes()[row.change];
        result.inserted += change.kind == ChangeKind::Insert ? 1 : 0;
        if (plan.returns_rows) result.rows.push_back(change.new_row);
    }
    return result;
}

}  // namespace dunlin::data
