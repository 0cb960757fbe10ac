#include <fmt/format.h>

#include <algorithm>

#include "core/codec.h"
#include "routines/unit.h"
#include "sql/sqlite_text.h"

namespace dunlin::routines {

namespace {

/// Text and parameters of a statement on one row.
struct RowStatement {
    engine::Statement statement;

    std::string add(const Value& value) {
        statement.parameters.push_back(value);
        return fmt::format("?{}", statement.parameters.size());
    }
};

std::string conjunction(std::string left, const std::string& right) {
    if (right.empty()) return left;
    return left + (left.empty() ? "(" : " and (") + right + ")";
}

/// The row as it was when the statement found it, whatever has happened to its key since.
std::string same_row(const Table& table, const Row& row, RowStatement& into) {
    std::string out;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        out += fmt::format("{}{} is {}", out.empty() ? "" : " and ",
                           sql::quote_identifier(table.columns[i].name), into.add(row[i]));
    }
    if (!table.primary_key.columns.empty()) return out;
    const std::string storage = sql::quote_identifier(table.storage_name());
    return fmt::format("rowid = (select rowid from {} where {} limit 1)", storage, out);
}

/// Every column, then WITH CHECK and the SELECT rule. RETURNING does not know the alias that the
/// conditions are written with.
std::string returning(const Table& table, const RowAccess& to, const sql::RoutineAccess& access) {
    std::string columns, row;
    for (const Column& column : table.columns) {
        const std::string name = sql::quote_identifier(column.name);
        columns += (columns.empty() ? " returning " : ", ") + name;
        row += fmt::format("{}{} as {}", row.empty() ? "" : ", ", name, name);
    }
    const auto truth = [&](const std::string& condition) {
        if (condition.empty()) return std::string("1");
        return fmt::format("(select ({}) from (select {}) as {})", condition, row,
                           sql::quote_identifier(to.alias));
    };
    return columns + fmt::format(", {}, {}", truth(access.check), truth(access.visible));
}

bool is_true(const Value& value) {
    return value.is_integer() && value.integer() != 0;
}

/// Takes the verdicts off a written row.
Result<Row> checked(const Table& table, Row row, bool must_be_visible) {
    const std::size_t width = table.columns.size();
    if (!is_true(row.at(width)) || (must_be_visible && !is_true(row.at(width + 1))))
        return std::unexpected(row_security_violation(table));
    row.resize(width);
    return row;
}

/// The row's place is found by its values, so it must not have changed since it was looked for.
Error changed_meanwhile() {
    return sql_error("27000",
                     "tuple to be updated was already modified by an operation triggered by the "
                     "current command",
                     "",
                     "Consider using an AFTER trigger instead of a BEFORE trigger to propagate "
                     "changes to other rows.");
}

/// The values of the conflict's key as one text.
std::string key_text(const RowInsert& insert, const Row& row) {
    std::string text;
    for (const std::size_t column : insert.key) {
        codec::write_json(insert.table.columns[column].type, row[column], text);
        text.push_back('\n');
    }
    return text;
}

std::string conflict_text(const RowInsert& insert) {
    if (insert.conflict == RowInsert::Conflict::Fail) return {};
    std::string key;
    for (const std::size_t column : insert.key)
        key += (key.empty() ? "" : ", ") + sql::quote_identifier(insert.table.columns[column].name);
    return key.empty() ? " on conflict do nothing"
                       : fmt::format(" on conflict ({}) do nothing", key);
}

Error second_time() {
    return sql_error("21000", "ON CONFLICT DO UPDATE command cannot affect row a second time", "",
                     "Ensure that no rows proposed for insertion within the same command have "
                     "duplicate constrained values.");
}

Error null_in(const Table& table, const Column& column) {
    return sql_error("23502",
                     fmt::format("null value in column \"{}\" of relation \"{}\" violates not-null "
                                 "constraint",
                                 column.name, table.name));
}

}  // namespace

Result<std::vector<Row>> Unit::run_captured(const engine::Statement& statement,
                                            std::vector<Range>& ranges) {
    auto entered = enter_statement();
    if (!entered) return std::unexpected(entered.error());
    const std::size_t from = session_.changes().size();
    auto result = session_.run(statement);
    if (!result) return std::unexpected(result.error());
    const std::size_t to = session_.changes().size();
    if (to > from) ranges.push_back({from, to});
    return std::move(result->rows);
}

/// What AUTOINCREMENT would give: one more than the highest number that the table ever had.
Result<Value> Unit::next_number(const Table& table, std::size_t column) {
    const std::string sql = fmt::format(
        "select max(coalesce((select seq from sqlite_sequence where name = ?1), 0), "
        "coalesce((select max({}) from {}), 0)) + 1",
        sql::quote_identifier(table.columns[column].name),
        sql::quote_identifier(table.storage_name()));
    auto result = session_.run({sql, {Value(table.storage_name())}});
    if (!result) return std::unexpected(result.error());
    return std::move(result->rows.at(0).at(0));
}

Result<Row> Unit::complete(const RowInsert& insert, const GivenRow& given) {
    const Table& table = insert.table;
    const TableTriggers* triggers = library_.triggers(table.storage_name());
    Row row(table.columns.size());
    std::vector<bool> has(table.columns.size(), false);
    for (std::size_t i = 0; i < given.columns.size(); ++i) {
        row[given.columns[i]] = given.values.at(i);
        has[given.columns[i]] = true;
    }
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        if (has[i] || !column.generated_text.empty()) continue;
        if (column.identity != IdentityColumn::None) {
            auto number = next_number(table, i);
            if (!number) return std::unexpected(number.error());
            row[i] = std::move(*number);
        } else if (triggers != nullptr && !triggers->defaults[i].empty()) {
            auto value = session_.run({triggers->defaults[i]});
            if (!value) return std::unexpected(value.error());
            row[i] = std::move(value->rows.at(0).at(0));
        }
    }
    return row;
}

Result<void> Unit::insert_row(Insertion& insertion, Row row) {
    const RowInsert& insert = insertion.insert;
    const Table& table = insert.table;
    RowStatement made;
    std::string names, values;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        if (!column.generated_text.empty()) continue;
        // SQLite would number the row by itself.
        if (column.identity != IdentityColumn::None && row[i].is_null())
            return std::unexpected(null_in(table, column));
        names += (names.empty() ? "" : ", ") + sql::quote_identifier(column.name);
        values += (values.empty() ? "" : ", ") + made.add(row[i]);
    }
    made.statement.sql = fmt::format(
        "insert into {} as {} ({}) values ({}){}{}", sql::quote_identifier(table.storage_name()),
        sql::quote_identifier(insert.access.alias), names, values, conflict_text(insert),
        returning(table, insert.access, insert.access.access));
    auto written = run_captured(made.statement, insertion.ranges);
    if (!written) return std::unexpected(written.error());
    if (written->empty()) {
        if (insert.conflict != RowInsert::Conflict::Update) return {};
        return merge_conflict(insertion, row);
    }
    auto allowed = checked(table, std::move(written->front()), insert.access.must_be_visible);
    if (!allowed) return std::unexpected(allowed.error());
    if (insert.conflict == RowInsert::Conflict::Update)
        insertion.keys.insert(key_text(insert, *allowed));
    insertion.done.rows.push_back(std::move(*allowed));
    ++insertion.done.inserted;
    return {};
}

/// ON CONFLICT DO UPDATE of the row that is in the way.
Result<void> Unit::merge_conflict(Insertion& insertion, const Row& row) {
    const RowInsert& insert = insertion.insert;
    const Table& table = insert.table;
    const RowAccess& access = insert.access;
    RowStatement look;
    std::string where;
    for (const std::size_t column : insert.key) {
        where +=
            fmt::format("{}{} = {}", where.empty() ? "" : " and ",
                        sql::quote_identifier(table.columns[column].name), look.add(row[column]));
    }
    std::string columns;
    for (const Column& column : table.columns) columns += sql::quote_identifier(column.name) + ", ";
    const std::string allowed =
        conjunction(conjunction("", access.merge_access.target), access.merge_access.visible);
    look.statement.sql = fmt::format(
        "select {}{} from {} as {} where {}", columns, allowed.empty() ? "1" : allowed,
        sql::quote_identifier(table.storage_name()), sql::quote_identifier(access.alias), where);
    auto found = session_.run(look.statement);
    if (!found) return std::unexpected(found.error());
    if (found->rows.empty()) return {};
    Row existing = std::move(found->rows.front());
    if (!is_true(existing.back())) {
        Error error = row_security_violation(table);
        error.message = fmt::format(
            "new row violates row-level security policy (USING expression) for table \"{}\"",
            table.name);
        return std::unexpected(std::move(error));
    }
    existing.resize(table.columns.size());
    if (!insertion.keys.insert(key_text(insert, existing)).second)
        return std::unexpected(second_time());
    auto merged = insert.merge(existing, row);
    if (!merged) return std::unexpected(merged.error());
    if (!*merged) return {};
    RowAccess merge = access;
    merge.access = access.merge_access;
    merge.access.check = conjunction(conjunction("", access.access.check), merge.access.check);
    auto updated =
        update_row(table, existing, std::move(**merged), insert.merged, merge, insertion.ranges);
    if (!updated) return std::unexpected(updated.error());
    if (*updated) insertion.done.rows.push_back(std::move(**updated));
    return {};
}

Result<std::optional<Row>> Unit::update_row(const Table& table, const Row& before, Row after,
                                            std::span<const std::size_t> named,
                                            const RowAccess& access, std::vector<Range>& ranges) {
    auto wanted = fire_before(table, ChangeKind::Update, before, std::move(after), named);
    if (!wanted) return std::unexpected(wanted.error());
    if (!*wanted) return std::nullopt;
    auto written = write_row(table, before, **wanted, named, access, ranges);
    if (!written) return std::unexpected(written.error());
    return std::optional(std::move(*written));
}

Result<Row> Unit::write_row(const Table& table, const Row& before, const Row& after,
                            std::span<const std::size_t> named, const RowAccess& access,
                            std::vector<Range>& ranges) {
    RowStatement made;
    std::string set;
    std::string unchanged;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        if (!column.generated_text.empty()) continue;
        const std::string name = sql::quote_identifier(column.name);
        if (unchanged.empty()) unchanged = fmt::format("{} = {}", name, name);
        const bool is_named = std::find(named.begin(), named.end(), i) != named.end();
        if (!is_named && before[i] == after[i]) continue;
        if (column.identity != IdentityColumn::None && after[i].is_null())
            return std::unexpected(null_in(table, column));
        set += fmt::format("{}{} = {}", set.empty() ? "" : ", ", name, made.add(after[i]));
    }
    const std::string where = same_row(table, before, made);
    made.statement.sql = fmt::format(
        "update {} as {} set {} where {}{}", sql::quote_identifier(table.storage_name()),
        sql::quote_identifier(access.alias), set.empty() ? unchanged : set, where,
        returning(table, access, access.access));
    auto written = run_captured(made.statement, ranges);
    if (!written) return std::unexpected(written.error());
    if (written->empty()) return std::unexpected(changed_meanwhile());
    return checked(table, std::move(written->front()), access.must_be_visible);
}

Result<InsertedRows> Unit::insert(const RowInsert& insert) {
    auto writable = require_writable(insert.table, ChangeKind::Insert);
    if (!writable) return std::unexpected(writable.error());
    Insertion insertion{insert};
    for (const GivenRow& given : insert.rows) {
        auto row = complete(insert, given);
        if (!row) return std::unexpected(row.error());
        auto wanted = fire_before(insert.table, ChangeKind::Insert, {}, std::move(*row), {});
        if (!wanted) return std::unexpected(wanted.error());
        if (!*wanted) continue;
        auto done = insert_row(insertion, std::move(**wanted));
        if (!done) return std::unexpected(done.error());
    }
    auto fired = fire_after(insertion.ranges, insert.merged);
    if (!fired) return std::unexpected(fired.error());
    return std::move(insertion.done);
}

Result<std::vector<Row>> Unit::update(const RowChanges& update) {
    auto writable = require_writable(update.table, ChangeKind::Update);
    if (!writable) return std::unexpected(writable.error());
    const std::size_t width = update.table.columns.size();
    std::vector<Row> written;
    std::vector<Range> ranges;
    for (const Row& target : update.targets) {
        const Row before(target.begin(), target.begin() + static_cast<std::ptrdiff_t>(width));
        Row after = before;
        for (std::size_t i = 0; i < update.set.size(); ++i)
            after[update.set[i]] = target.at(width + i);
        auto done =
            update_row(update.table, before, std::move(after), update.set, update.access, ranges);
        if (!done) return std::unexpected(done.error());
        if (*done) written.push_back(std::move(**done));
    }
    auto fired = fire_after(ranges, update.set);
    if (!fired) return std::unexpected(fired.error());
    return written;
}

Result<std::vector<Row>> Unit::remove(const RowChanges& remove) {
    auto writable = require_writable(remove.table, ChangeKind::Delete);
    if (!writable) return std::unexpected(writable.error());
    std::vector<Row> removed;
    std::vector<Range> ranges;
    for (const Row& target : remove.targets) {
        auto wanted = fire_before(remove.table, ChangeKind::Delete, target, {}, {});
        if (!wanted) return std::unexpected(wanted.error());
        if (!*wanted) continue;
        RowStatement made;
        const std::string where = same_row(remove.table, target, made);
        made.statement.sql = fmt::format("delete from {} where {}",
                                         sql::quote_identifier(remove.table.storage_name()), where);
        // A foreign key of the table to itself may have taken the row already.
        auto done = run_captured(made.statement, ranges);
        if (!done) return std::unexpected(done.error());
        removed.push_back(target);
    }
    auto fired = fire_after(ranges, {});
    if (!fired) return std::unexpected(fired.error());
    return removed;
}

}  // namespace dunlin::routines
