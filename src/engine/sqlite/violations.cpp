#include "engine/sqlite/violations.h"

#include <strings.h>

#include <algorithm>
#include <functional>

#include "engine/sqlite/errors.h"
#include "engine/sqlite/foreign_keys.h"

namespace dunlin::engine::sqlite {

namespace {

constexpr std::string_view insert_word = "insert into ";

bool is_insert(std::string_view sql) {
    return sql.size() > insert_word.size() &&
           strncasecmp(sql.data(), insert_word.data(), insert_word.size()) == 0;
}

/// Runs the statement once more and lets `look` see its changes, also when it is refused again. Not
/// under the time limit, whose end would take the neighbours' transaction along; the first run was.
void replay(Connection& connection, const Statement& statement,
            const std::function<void(std::span<const RowChange>)>& look) {
    connection.set_time_limit(Connection::TimeLimit::Off);
    const std::size_t mark = connection.capture().mark();
    if (connection.command("savepoint replay")) {
        auto prepared = connection.prepare(statement.sql);
        if (prepared) {
            [[maybe_unused]] const auto again =
                connection.execute(**prepared, statement.parameters);
            if (connection.in_transaction()) look(connection.capture().since(mark));
        }
        [[maybe_unused]] const auto undone = connection.command("rollback to replay");
        [[maybe_unused]] const auto released = connection.command("release replay");
    }
    connection.capture().truncate(mark);
    connection.set_time_limit(Connection::TimeLimit::On);
}

std::vector<std::size_t> positions_of(const Table& table, const std::vector<std::string>& names) {
    std::vector<std::size_t> columns;
    for (const auto& name : names) {
        const auto found = table.find_column(name);
        if (found) columns.push_back(*found);
    }
    return columns;
}

/// The row that stood in the way: replaced by a later one with the same key.
const RowChange* find_replaced(std::span<const RowChange> changes, const std::string& table,
                               const std::vector<std::size_t>& columns) {
    const auto same_key = [&](const Row& left, const Row& right) {
        return std::all_of(columns.begin(), columns.end(),
                           [&](std::size_t column) { return left.at(column) == right.at(column); });
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        if (changes[i].kind != ChangeKind::Delete || changes[i].table != table) continue;
        for (std::size_t j = i + 1; j < changes.size(); ++j) {
            if (changes[j].table != table || changes[j].kind == ChangeKind::Delete) continue;
            if (same_key(changes[i].old_row, changes[j].new_row)) return &changes[i];
            break;  // A replaced row is deleted just before its successor comes.
        }
    }
    return nullptr;
}

/// `Key (id)=(7) already exists.`, or "". SQLite does not tell the values, so the INSERT is tried
/// as INSERT OR REPLACE, which deletes the row in the way before our eyes. Other statements, and
/// rows whose deletion is restricted or would write elsewhere (cascades, triggers), go without.
std::string duplicate_details(Connection& connection, const Schema& schema,
                              const Statement& statement, const NamedColumns& named) {
    const Table* table = schema.find_storage(named.table);
    if (table == nullptr || !is_insert(statement.sql)) return "";
    const auto columns = positions_of(*table, named.columns);
    if (columns.size() != named.columns.size()) return "";
    std::string details;
    const Access access = connection.access();
    connection.set_access(Access::Replay, named.table);
    Statement replacing{"insert or replace into " + statement.sql.substr(insert_word.size()),
                        statement.parameters};
    replay(connection, replacing, [&](std::span<const RowChange> changes) {
        const RowChange* replaced = find_replaced(changes, named.table, columns);
        if (replaced != nullptr)
            details = key_text(*table, columns, replaced->old_row) + " already exists.";
    });
    connection.set_access(access);
    return details;
}

std::optional<Error> broken_key_of(Connection& connection, const Schema& schema,
                                   const Statement& statement) {
    std::optional<Error> found;
    const Access access = connection.access();
    // Deferred, the statement goes through and the tables show what is broken.
    if (!connection.pragma("pragma defer_foreign_keys=on")) return found;
    connection.set_access(Access::Internal);
    replay(connection, statement, [&](std::span<const RowChange> changes) {
        const std::vector<RowChange> copied(changes.begin(), changes.end());
        found = find_broken_key(connection, schema, copied);
    });
    connection.set_access(access);
    [[maybe_unused]] const auto restored = connection.pragma("pragma defer_foreign_keys=off");
    return found;
}

}  // namespace

Error explain(Connection& connection, const Statement& statement, const Failure& failure) {
    const auto schema = connection.schema();
    Error error = translate(failure, schema.get());
    if (failure.error || schema == nullptr) return error;
    if (error.sqlstate == "23505") {
        error.details =
            duplicate_details(connection, *schema, statement, named_columns(failure.text));
    }
    if (error.sqlstate == "23503") {
        auto found = broken_key_of(connection, *schema, statement);
        if (found) return *found;
    }
    return error;
}

Error explain_broken_keys(Connection& connection, std::span<const RowChange> changes) {
    const auto schema = connection.schema();
    const std::vector<RowChange> copied(changes.begin(), changes.end());
    auto found = schema == nullptr ? std::nullopt : find_broken_key(connection, *schema, copied);
    if (found) return *found;
    return sql_error("23503", "a foreign key is broken at the end of the transaction");
}

}  // namespace dunlin::engine::sqlite
