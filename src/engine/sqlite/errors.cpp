#include "engine/sqlite/errors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "core/limits.h"

namespace dunlin::engine::sqlite {

namespace {

/// What follows the first ": " of SQLite's text.
std::string_view subject_of(std::string_view text) {
    const auto colon = text.find(": ");
    return colon == std::string_view::npos ? std::string_view() : text.substr(colon + 2);
}

bool same_columns(const Table& table, const std::vector<std::size_t>& key,
                  const std::vector<std::string>& names) {
    return key.size() == names.size() &&
           std::all_of(key.begin(), key.end(), [&](std::size_t column) {
               return std::find(names.begin(), names.end(), table.columns[column].name) !=
                      names.end();
           });
}

std::optional<std::string> key_name_in(const Table& table,
                                       const std::vector<std::string>& columns) {
    if (same_columns(table, table.primary_key.columns, columns)) return table.primary_key.name;
    for (const Key& key : table.unique_keys) {
        if (same_columns(table, key.columns, columns)) return key.name;
    }
    for (const Index& index : table.indexes) {
        if (index.unique && same_columns(table, index.columns, columns)) return index.name;
    }
    return std::nullopt;
}

std::string key_name(const Failure& failure, const Schema* schema) {
    const std::string_view subject = subject_of(failure.text);
    constexpr std::string_view index_prefix = "index '";
    if (subject.starts_with(index_prefix)) {
        return relation_name(
            subject.substr(index_prefix.size(), subject.size() - index_prefix.size() - 1));
    }
    const NamedColumns named = named_columns(failure.text);
    const Table* table = schema == nullptr ? nullptr : schema->find_storage(named.table);
    const auto known = table == nullptr ? std::nullopt : key_name_in(*table, named.columns);
    if (known) return *known;
    const bool primary =
        failure.code == SQLITE_CONSTRAINT_PRIMARYKEY || failure.code == SQLITE_CONSTRAINT_ROWID;
    if (primary) return relation_name(named.table) + "_pkey";
    return fmt::format("{}_{}_key", relation_name(named.table), fmt::join(named.columns, "_"));
}

/// Of the first written table that has the check, else of the table the statement names; a check of
/// a domain is the domain's.
Error translate_check(const Failure& failure, std::string_view name, const Schema* schema) {
    std::string owner = failure.writes.empty() ? "" : relation_name(failure.writes.front().table);
    for (const TableWrite& write : failure.writes) {
        const Table* table = schema == nullptr ? nullptr : schema->find_storage(write.table);
        if (table == nullptr) continue;
        const auto check = std::ranges::find(table->checks, name, &CheckConstraint::name);
        if (check == table->checks.end()) continue;
        if (!check->domain.empty()) {
            return sql_error("23514",
                             fmt::format("value for domain {} violates check constraint \"{}\"",
                                         check->domain, check->domain_check));
        }
        owner = table->name;
        break;
    }
    return sql_error(
        "23514",
        fmt::format("new row for relation \"{}\" violates check constraint \"{}\"", owner, name));
}

Error translate_foreign_key(const Failure& failure) {
    const bool known = !failure.writes.empty();
    const bool inserts = !known || failure.writes.front().kind != ChangeKind::Delete;
    return sql_error("23503",
                     fmt::format("{} on table \"{}\" violates foreign key constraint",
                                 inserts ? "insert or update" : "update or delete",
                                 known ? relation_name(failure.writes.front().table) : ""));
}

Error translate_constraint(const Failure& failure, const Schema* schema) {
    const std::string subject(subject_of(failure.text));
    switch (failure.code) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
            return sql_error("23505",
                             fmt::format("duplicate key value violates unique constraint \"{}\"",
                                         key_name(failure, schema)));
        case SQLITE_CONSTRAINT_NOTNULL: {
            const NamedColumns named = named_columns(failure.text);
            return sql_error("23502",
                             fmt::format("null value in column \"{}\" of relation \"{}\" "
                                         "violates not-null constraint",
                                         named.columns.empty() ? subject : named.columns.front(),
                                         relation_name(named.table)));
        }
        case SQLITE_CONSTRAINT_CHECK:
            return translate_check(failure, subject, schema);
        case SQLITE_CONSTRAINT_FOREIGNKEY:
            return translate_foreign_key(failure);
        case SQLITE_CONSTRAINT_DATATYPE:
            return sql_error("42804", failure.text);
        case SQLITE_CONSTRAINT_TRIGGER:
            // A RESTRICT key is a trigger inside SQLite.
            if (failure.text == "FOREIGN KEY constraint failed")
                return translate_foreign_key(failure);
            return sql_error("P0001", failure.text);
        default:
            return sql_error("23000", failure.text);
    }
}

/// SQLITE_ERROR has no codes of its own, only texts.
Error translate_text(const Failure& failure) {
    const std::string_view text = failure.text;
    const std::string subject(subject_of(text));
    if (text.starts_with("no such table")) {
        const std::string_view name = std::string_view(subject).starts_with("main.")
                                          ? std::string_view(subject).substr(5)
                                          : std::string_view(subject);
        return sql_error("42P01", fmt::format("relation \"{}\" does not exist", name));
    }
    if (text.starts_with("no such column")) {
        std::string_view name = subject;
        // no such column: "x" - should this be a string literal in single-quotes?
        if (name.starts_with('"')) name = name.substr(1, name.find('"', 1) - 1);
        return sql_error("42703", fmt::format("column \"{}\" does not exist", name));
    }
    if (text.starts_with("wrong number of arguments")) return sql_error("42883", failure.text);
    if (text.starts_with("no such function")) {
        return sql_error("42883", fmt::format("function {} does not exist", subject));
    }
    if (text == "integer overflow") return sql_error("22003", "bigint out of range");
    if (text.find("syntax error") != std::string_view::npos)
        return sql_error("42601", failure.text);
    return sql_error("XX000", failure.text);
}

}  // namespace

Error translate(const Failure& failure, const Schema* schema) {
    if (failure.error) return *failure.error;
    switch (failure.code & 0xff) {
        case SQLITE_CONSTRAINT:
            return translate_constraint(failure, schema);
        case SQLITE_ERROR:
            return translate_text(failure);
        case SQLITE_INTERRUPT:
            return sql_error("57014", "canceling statement due to statement timeout");
        case SQLITE_TOOBIG:
            return Error{ErrorCode::TooLarge, "a value or statement is too large", "54000"};
        case SQLITE_FULL:
            return sql_error("53100", "could not extend file: no space left on device");
        case SQLITE_NOMEM:
            return sql_error("53200", "out of memory");
        case SQLITE_AUTH:
            return sql_error("42501", "permission denied for this statement");
        case SQLITE_READONLY:
            return sql_error("25006", "cannot execute this statement in a read-only transaction");
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return Error{ErrorCode::Unavailable, "the database is locked by another process",
                         "55P03"};
        case SQLITE_RANGE:
            return sql_error("08P01", "the statement has fewer parameters than were given");
        case SQLITE_IOERR:
            return sql_error("58030", "input or output error: " + failure.text);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return sql_error("XX001", failure.text);
        default:
            return sql_error("XX000", failure.text);
    }
}

Error result_too_large(std::size_t bytes_max) {
    return Error{ErrorCode::TooLarge, fmt::format("the result is larger than {} bytes", bytes_max),
                 "54000", "", "Ask for fewer rows or columns."};
}

Error transaction_lost() {
    return Error{ErrorCode::Unavailable, "the transaction was rolled back by an earlier failure",
                 "40001", "", "Retry."};
}

NamedColumns named_columns(std::string_view text) {
    NamedColumns named;
    std::string_view rest = subject_of(text);
    while (!rest.empty()) {
        const auto comma = rest.find(", ");
        const std::string_view part = rest.substr(0, comma);
        // The column is behind the last dot: a table outside schema public has one in its name.
        const auto dot = part.rfind('.');
        if (dot == std::string_view::npos) return {};
        named.table = part.substr(0, dot);
        named.columns.emplace_back(part.substr(dot + 1));
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 2);
    }
    return named;
}

std::string relation_name(std::string_view storage_name) {
    const auto dot = storage_name.rfind('.');
    return std::string(dot == std::string_view::npos ? storage_name : storage_name.substr(dot + 1));
}

}  // namespace dunlin::engine::sqlite
