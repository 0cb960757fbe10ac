#include "query/body.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "query/column_rights.h"
#include "query/sql_builder.h"

namespace dunlin::query {

namespace json = boost::json;

namespace {

Error bad_body(std::string message) {
    return Error{ErrorCode::InvalidInput, std::move(message), "PGRST102"};
}

bool same_keys(const json::object& left, const json::object& right) {
    return left.size() == right.size() &&
           std::all_of(left.begin(), left.end(),
                       [&](const auto& member) { return right.contains(member.key()); });
}

Result<void> add_column(const Table& table, Command command, std::string_view name,
                        std::vector<std::size_t>& columns) {
    const auto column = writable_column(table, name, command);
    if (!column) return std::unexpected(column.error());
    if (std::find(columns.begin(), columns.end(), *column) == columns.end()) {
        columns.push_back(*column);
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

Error null_value(const Table& table, const Column& column) {
    return sql_error("23502",
                     fmt::format("null value in column \"{}\" of relation \"{}\" violates not-null "
                                 "constraint",
                                 column.name, table.name));
}

Result<Value> column_value(const Table& table, const Column& column, const json::value* given) {
    auto value = given == nullptr ? Result<Value>(Value()) : read_value(column.type, *given);
    // SQLite would take NULL in an integer key for "the next number".
    if (value && value->is_null() && column.identity != IdentityColumn::None) {
        return std::unexpected(null_value(table, column));
    }
    return value;
}

}  // namespace

Result<std::vector<const json::object*>> body_objects(const json::value& body) {
    std::vector<const json::object*> objects;
    if (body.is_object())
        objects.push_back(&body.get_object());
    else if (!body.is_array())
        return std::unexpected(bad_body("Empty or invalid json"));
    if (body.is_object()) return objects;
    for (const json::value& row : body.get_array()) {
        if (!row.is_object()) return std::unexpected(bad_body("All object keys must match"));
        objects.push_back(&row.get_object());
    }
    return objects;
}

Result<std::vector<std::size_t>> given_columns(const Table& table, Command command,
                                               const RestQuery& query,
                                               const std::vector<const json::object*>& objects) {
    std::vector<std::size_t> columns;
    for (const std::string& name : query.columns) {
        const auto done = add_column(table, command, name, columns);
        if (!done) return std::unexpected(done.error());
    }
    if (!query.columns.empty() || objects.empty()) return columns;
    for (const json::object* object : objects) {
        if (!same_keys(*objects.front(), *object)) {
            return std::unexpected(bad_body("All object keys must match"));
        }
    }
    for (const auto& member : *objects.front()) {
        const auto done = add_column(table, command, member.key(), columns);
        if (!done) return std::unexpected(done.error());
    }
    return columns;
}

Result<Value> insertable_value(const Table& table, const Column& column, const json::value* given) {
    std::string reason = fixed_reason(column);
    if (reason.empty()) return column_value(table, column, given);
    const bool identity = column.generated_text.empty();
    return std::unexpected(sql_error(
        "428C9", fmt::format("cannot insert a non-DEFAULT value into column \"{}\"", column.name),
        std::move(reason), identity ? "Use OVERRIDING SYSTEM VALUE to override." : ""));
}

Result<Value> updatable_value(const Table& table, const Column& column, const json::value* given) {
    std::string reason = fixed_reason(column);
    if (reason.empty()) return column_value(table, column, given);
    return std::unexpected(
        sql_error("428C9", fmt::format("column \"{}\" can only be updated to DEFAULT", column.name),
                  std::move(reason)));
}

}  // namespace dunlin::query
