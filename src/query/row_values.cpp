#include "query/row_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "query/column_rights.h"
#include "query/sql_builder.h"

namespace dunlin::query {

namespace {

bool same_keys(const BodyObject& left, const BodyObject& right) {
    if (left.members.size() != right.members.size()) return false;
    for (std::size_t i = 0; i < left.members.size(); ++i) {
        const std::string& name = left.members[i].first;
        if (right.members[i].first != name && right.find(name) == nullptr) return false;
    }
    return true;
}

/// The columns that the body sets, in the order of the table: bodies that differ in the order of
/// their keys share their statement.
Result<std::vector<std::size_t>> given_columns(const Table& table, Command command,
                                               const RestQuery& query, const Body& body) {
    std::vector<std::size_t> columns;
    const auto add = [&](std::string_view name) -> Result<void> {
        const auto column = writable_column(table, name, command);
        if (!column) return std::unexpected(column.error());
        columns.push_back(*column);
        return {};
    };
    for (const std::string& name : query.columns) {
        const auto done = add(name);
        if (!done) return std::unexpected(done.error());
    }
    if (query.columns.empty() && !body.objects.empty()) {
        for (const auto& [name, value] : body.objects.front().members) {
            const auto done = add(name);
            if (!done) return std::unexpected(done.error());
        }
    }
    std::ranges::sort(columns);
    const auto repeated = std::ranges::unique(columns);
    columns.erase(repeated.begin(), repeated.end());
    return columns;
}

Result<void> check_keys(const RestQuery& query, const Body& body) {
    if (!query.columns.empty()) return {};
    for (const BodyObject& object : body.objects) {
        if (!same_keys(body.objects.front(), object)) {
            return std::unexpected(invalid_body("All object keys must match"));
        }
    }
    return {};
}

/// Why a column takes no value from the client, "" when it does.
std::string fixed_reason(const Column& column) {
    if (!column.generated_text.empty()) {
        return fmt::format("Column \"{}\" is a generated column.", column.name);
    }
    if (column.identity == IdentityColumn::Always) {
        return fmt::format("Column \"{}\" is an identity column defined as GENERATED ALWAYS.",
                           column.name);
    }
    return {};
}

Result<void> check_insertable(const Column& column) {
    std::string reason = fixed_reason(column);
    if (reason.empty()) return {};
    const bool identity = column.generated_text.empty();
    return std::unexpected(sql_error(
        "428C9", fmt::format("cannot insert a non-DEFAULT value into column \"{}\"", column.name),
        std::move(reason), identity ? "Use OVERRIDING SYSTEM VALUE to override." : ""));
}

Result<void> check_updatable(const Column& column) {
    std::string reason = fixed_reason(column);
    if (reason.empty()) return {};
    return std::unexpected(
        sql_error("428C9", fmt::format("column \"{}\" can only be updated to DEFAULT", column.name),
                  std::move(reason)));
}

Result<Value> column_value(const Table& table, const Column& column, const std::string* given) {
    auto value = given == nullptr ? Result<Value>(Value()) : read_json(column.type, *given);
    // SQLite would take NULL in an integer key for "the next number".
    if (value && value->is_null() && column.identity != IdentityColumn::None) {
        return std::unexpected(sql_error(
            "23502", fmt::format("null value in column \"{}\" of relation \"{}\" violates not-null "
                                 "constraint",
                                 column.name, table.name)));
    }
    return value;
}

Result<RowValues> read_row(const Table& table, const std::vector<std::size_t>& columns,
                           const BodyObject& object, Missing missing) {
    RowValues row;
    row.columns.reserve(columns.size());
    row.values.reserve(columns.size());
    for (const std::size_t index : columns) {
        const std::string* given = object.find(table.columns[index].name);
        if (given == nullptr && missing == Missing::Default) continue;
        auto value = column_value(table, table.columns[index], given);
        if (!value) return std::unexpected(value.error());
        row.columns.push_back(index);
        row.values.push_back(std::move(*value));
    }
    return row;
}

}  // namespace

Result<GivenRows> insert_values(const Table& table, const RestQuery& query, const Body& body,
                                Missing missing) {
    const auto alike = check_keys(query, body);
    if (!alike) return std::unexpected(alike.error());
    auto columns = given_columns(table, Command::Insert, query, body);
    if (!columns) return std::unexpected(columns.error());
    for (const std::size_t column : *columns) {
        const auto allowed = check_insertable(table.columns[column]);
        if (!allowed) return std::unexpected(allowed.error());
    }
    // Without `columns` every object has every key, so nothing is missing.
    GivenRows given{.columns = std::move(*columns)};
    given.rows.reserve(body.objects.size());
    for (const BodyObject& object : body.objects) {
        auto row = read_row(table, given.columns, object, missing);
        if (!row) return std::unexpected(row.error());
        given.rows.push_back(std::move(*row));
    }
    return given;
}

Result<void> check_mergeable(const Table& table, const std::vector<std::size_t>& columns) {
    for (const std::size_t column : columns) {
        if (!table.columns[column].updatable) return std::unexpected(permission_denied(table));
    }
    return {};
}

Result<RowValues> update_values(const Table& table, const RestQuery& query, const Body& body,
                                Missing missing) {
    if (body.objects.size() > 1) {
        Error error = invalid_body("Empty or invalid json");
        error.hint = "Send one object with the new values.";
        return std::unexpected(std::move(error));
    }
    if (body.objects.empty()) return RowValues{};
    const auto columns = given_columns(table, Command::Update, query, body);
    if (!columns) return std::unexpected(columns.error());
    for (const std::size_t column : *columns) {
        const auto allowed = check_updatable(table.columns[column]);
        if (!allowed) return std::unexpected(allowed.error());
    }
    auto row = read_row(table, *columns, body.objects.front(), missing);
    if (!row || row->columns.size() == columns->size()) return row;
    return std::unexpected(sql_error("0A000", "missing=default is not supported on UPDATE", "",
                                     "Give the value of every column in columns."));
}

}  // namespace dunlin::query
