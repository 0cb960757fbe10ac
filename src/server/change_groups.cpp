#include "server/change_groups.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/nearest_name.h"
#include "policy/channel_messages.h"

namespace dunlin::server {

namespace {

using TableName = std::pair<std::string, std::string>;

TableName split_name(const std::string& text) {
    const auto dot = text.find('.');
    if (dot == text.npos) return {"public", text};
    return {text.substr(0, dot), text.substr(dot + 1)};
}

std::string hint_for(const Schema& schema, const TableName& wanted) {
    std::vector<std::string> names;
    for (const auto& [name, table] : schema.tables) {
        if (table.kind == RelationKind::Table && name.first == wanted.first) {
            names.push_back(name.second);
        }
    }
    const std::string nearest = nearest_name(wanted.second, names);
    return nearest.empty() ? "" : fmt::format("Perhaps you meant {}.", nearest);
}

/// Why the table cannot be in a group that has `others`; an empty message when it can.
Error problem_of(const Schema& schema, const TableName& name,
                 const std::vector<TableName>& others) {
    const Table* table = schema.find(name.first, name.second);
    const auto invalid = [](std::string message, std::string hint = {}) {
        return Error{ErrorCode::InvalidInput, std::move(message), "", "", std::move(hint)};
    };
    if (table == nullptr) return invalid("there is no such table", hint_for(schema, name));
    if (table->kind != RelationKind::Table) return invalid("only tables have changes to follow");
    if (policy::is_channel_messages(*table)) return invalid("its rows are heard as broadcasts");
    if (std::ranges::find(others, name) != others.end()) return invalid("it is listed twice");
    return invalid("");
}

}  // namespace

Result<realtime::TableGroups> resolve_change_groups(
    const Schema& schema, const std::map<std::string, ChangeGroup>& groups) {
    realtime::TableGroups resolved;
    for (const auto& [name, group] : groups) {
        std::vector<TableName>& tables = resolved[name];
        for (const std::string& text : group.tables) {
            TableName table = split_name(text);
            Error problem = problem_of(schema, table, tables);
            if (problem.message.empty()) {
                tables.push_back(std::move(table));
                continue;
            }
            problem.message = fmt::format("{}: groups.{}: table \"{}\": {}", group.where, name,
                                          text, problem.message);
            return std::unexpected(std::move(problem));
        }
    }
    return resolved;
}

}  // namespace dunlin::server
