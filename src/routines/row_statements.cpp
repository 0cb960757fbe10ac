#include "routines/unit.h"

/// The SELECT, INSERT, UPDATE and DELETE of a routine.
namespace dunlin::routines {

namespace {

using Statement = sql::RoutineStatement;

ChangeKind kind_of(Statement::Kind kind) {
    return kind == Statement::Kind::Insert   ? ChangeKind::Insert
           : kind == Statement::Kind::Update ? ChangeKind::Update
                                             : ChangeKind::Delete;
}

/// The columns in SET, also in that of DO UPDATE.
std::vector<std::size_t> named_columns(const Statement& statement) {
    std::vector<std::size_t> named;
    for (const auto& [column, value] : statement.set) named.push_back(column);
    if (!statement.conflict) return named;
    for (const auto& [column, value] : statement.conflict->set) named.push_back(column);
    return named;
}

bool is_true(const Value& value) {
    return value.is_integer() && value.integer() != 0;
}

}  // namespace

Result<Unit::Outcome> Unit::run_statement(Frame& frame, const Statement& statement) {
    const StatementProgram& made = frame.program.statements.at(&statement);
    if (statement.kind == Statement::Kind::Select) {
        auto result = run_text(made.text, frame.slots);
        if (!result) return std::unexpected(result.error());
        const bool found = !result->rows.empty();
        return Outcome{std::move(result->rows), found};
    }
    auto writable = require_writable(*statement.table, kind_of(statement.kind));
    if (!writable) return std::unexpected(writable.error());
    if (const auto& denied = made.granted.denied[static_cast<std::size_t>(rights_)])
        return std::unexpected(*denied);
    return made.rows ? write_by_rows(frame, statement, made)
                     : write_at_once(frame, statement, made);
}

Result<Unit::Outcome> Unit::write_at_once(Frame& frame, const Statement& statement,
                                          const StatementProgram& made) {
    auto entered = enter_statement();
    if (!entered) return std::unexpected(entered.error());
    const std::size_t width = statement.returning.size();
    const auto verdict = [&](std::span<const Row> rows) -> Result<void> {
        for (const Row& row : rows) {
            const bool allowed = row.size() <= width || is_true(row[width]);
            const bool visible = row.size() <= width + 1 || is_true(row[width + 1]);
            if (!allowed || (made.reads_rows && !visible))
                return std::unexpected(row_security_violation(*statement.table));
        }
        return {};
    };
    const auto count =
        static_cast<std::ptrdiff_t>(made.text.slots[static_cast<std::size_t>(rights_)]);
    engine::Statement text{made.text.of(rights_),
                           {frame.slots.begin(), frame.slots.begin() + count}};
    auto result = run(text, named_columns(statement), verdict);
    if (!result) return std::unexpected(result.error());
    Outcome outcome{.rows = {}, .found = !result->rows.empty() || result->affected > 0};
    if (width == 0) return outcome;
    for (Row& row : result->rows) row.resize(width);
    outcome.rows = std::move(result->rows);
    return outcome;
}

RowAccess Unit::access_of(const StatementProgram& made) const {
    const auto rights = static_cast<std::size_t>(rights_);
    return {.access = made.access[rights],
            .merge_access = made.merge_access[rights],
            .must_be_visible = made.reads_rows};
}

Result<Unit::Outcome> Unit::write_by_rows(Frame& frame, const Statement& statement,
                                          const StatementProgram& made) {
    std::vector<Row> given;
    for (const Text& text : made.rows->rows) {
        auto found = run_text(text, frame.slots);
        if (!found) return std::unexpected(found.error());
        std::move(found->rows.begin(), found->rows.end(), std::back_inserter(given));
    }
    Result<std::vector<Row>> written;
    if (statement.kind == Statement::Kind::Insert) {
        written = insert_rows(frame, statement, made, std::move(given));
    } else {
        RowChanges changes{
            .table = *statement.table, .targets = std::move(given), .access = access_of(made)};
        for (const auto& [column, value] : statement.set) changes.set.push_back(column);
        written = statement.kind == Statement::Kind::Update ? update(changes) : remove(changes);
    }
    if (!written) return std::unexpected(written.error());
    Outcome outcome{.rows = {}, .found = !written->empty()};
    for (const Row& row : *written) {
        if (made.rows->returning.empty()) break;
        Frame over{.program = frame.program, .slots = frame.slots};
        over.slots.insert(over.slots.end(), row.begin(), row.end());
        Row values;
        for (const sql::Expression& expression : made.rows->returning) {
            auto value = evaluate(over, expression);
            if (!value) return std::unexpected(value.error());
            values.push_back(std::move(*value));
        }
        outcome.rows.push_back(std::move(values));
    }
    return outcome;
}

Result<std::vector<Row>> Unit::insert_rows(Frame& frame, const Statement& statement,
                                           const StatementProgram& made, std::vector<Row> given) {
    RowInsert insert{.table = *statement.table, .rows = {}, .access = access_of(made)};
    for (Row& row : given) {
        row.resize(statement.columns.size());
        insert.rows.push_back({statement.columns, std::move(row)});
    }
    if (statement.conflict) {
        insert.conflict =
            statement.conflict->update ? RowInsert::Conflict::Update : RowInsert::Conflict::Nothing;
        insert.key = statement.conflict->key;
        for (const auto& [column, value] : statement.conflict->set) insert.merged.push_back(column);
        insert.merge = [&](const Row& existing, const Row& excluded) {
            return merge_row(frame, made, existing, excluded);
        };
    }
    auto done = this->insert(insert);
    if (!done) return std::unexpected(done.error());
    return std::move(done->rows);
}

Result<std::optional<Row>> Unit::merge_row(Frame& frame, const StatementProgram& made,
                                           const Row& existing, const Row& excluded) {
    Frame over{.program = frame.program, .slots = frame.slots};
    over.slots.insert(over.slots.end(), existing.begin(), existing.end());
    over.slots.insert(over.slots.end(), excluded.begin(), excluded.end());
    if (made.rows->merge_where) {
        auto holds = evaluate(over, *made.rows->merge_where);
        if (!holds) return std::unexpected(holds.error());
        if (!is_true(*holds)) return std::nullopt;
    }
    Row merged = existing;
    for (const auto& [column, expression] : made.rows->merge) {
        auto value = evaluate(over, expression);
        if (!value) return std::unexpected(value.error());
        merged[column] = std::move(*value);
    }
    return merged;
}

}  // namespace dunlin::routines
