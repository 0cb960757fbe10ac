#include "server/schema_json.h"

#include <boost/json/array.hpp>

namespace dunlin::server {

namespace json = boost::json;

namespace {

json::array names_at(const Table& table, const std::vector<std::size_t>& columns) {
    json::array names;
    for (const std::size_t column : columns) names.emplace_back(table.columns[column].name);
    return names;
}

json::array texts(const std::vector<std::string>& values) {
    return json::array(values.begin(), values.end());
}

std::string_view word_of(IdentityColumn identity) {
    if (identity == IdentityColumn::Always) return "always";
    return identity == IdentityColumn::ByDefault ? "by default" : "";
}

std::string_view word_of(ForeignKeyAction action) {
    switch (action) {
        case ForeignKeyAction::NoAction:
            return "no action";
        case ForeignKeyAction::Restrict:
            return "restrict";
        case ForeignKeyAction::Cascade:
            return "cascade";
        case ForeignKeyAction::SetNull:
            return "set null";
        case ForeignKeyAction::SetDefault:
            return "set default";
    }
    return "";
}

std::string_view word_of(Command command) {
    switch (command) {
        case Command::All:
            return "all";
        case Command::Select:
            return "select";
        case Command::Insert:
            return "insert";
        case Command::Update:
            return "update";
        case Command::Delete:
            return "delete";
    }
    return "";
}

json::array columns_of(const Table& table) {
    json::array columns;
    for (const Column& column : table.columns) {
        columns.push_back(json::object{{"name", column.name},
                                       {"type", sql_type_name(column.type)},
                                       {"not_null", column.not_null},
                                       {"default", column.default_text},
                                       {"generated", column.generated_text},
                                       {"identity", word_of(column.identity)},
                                       {"comment", column.comment}});
    }
    return columns;
}

json::array keys_of(const Table& table) {
    json::array keys;
    for (const Key& key : table.unique_keys)
        keys.push_back(json::object{{"name", key.name}, {"columns", names_at(table, key.columns)}});
    return keys;
}

json::array foreign_keys_of(const Table& table) {
    json::array keys;
    for (const ForeignKey& key : table.foreign_keys) {
        keys.push_back(json::object{{"name", key.name},
                                    {"columns", names_at(table, key.columns)},
                                    {"target_schema", key.target_schema},
                                    {"target_table", key.target_table},
                                    {"target_columns", texts(key.target_columns)},
                                    {"on_delete", word_of(key.on_delete)},
                                    {"on_update", word_of(key.on_update)},
                                    {"deferred", key.deferred}});
    }
    return keys;
}

json::array checks_of(const Table& table) {
    json::array checks;
    for (const CheckConstraint& check : table.checks) {
        // What a domain asks is told of the domain, as in PostgreSQL's catalogue.
        if (check.domain.empty())
            checks.push_back(json::object{{"name", check.name}, {"text", check.text}});
    }
    return checks;
}

json::array indexes_of(const Table& table) {
    json::array indexes;
    for (const Index& index : table.indexes) {
        indexes.push_back(json::object{{"name", index.name},
                                       {"unique", index.unique},
                                       {"columns", names_at(table, index.columns)}});
    }
    return indexes;
}

json::array policies_of(const Table& table) {
    json::array policies;
    for (const Policy& policy : table.policies) {
        policies.push_back(json::object{{"name", policy.name},
                                        {"command", word_of(policy.command)},
                                        {"permissive", policy.permissive},
                                        {"roles", texts(policy.roles)},
                                        {"using", policy.using_text},
                                        {"check", policy.check_text}});
    }
    return policies;
}

json::object table_json(const Table& table) {
    return {{"schema", table.schema},
            {"name", table.name},
            {"kind", table.kind == RelationKind::View ? "view" : "table"},
            {"comment", table.comment},
            {"row_security", table.row_security},
            {"columns", columns_of(table)},
            {"primary_key", json::object{{"name", table.primary_key.name},
                                         {"columns", names_at(table, table.primary_key.columns)}}},
            {"unique_keys", keys_of(table)},
            {"foreign_keys", foreign_keys_of(table)},
            {"checks", checks_of(table)},
            {"indexes", indexes_of(table)},
            {"policies", policies_of(table)}};
}

}  // namespace

json::object schema_json(const Schema& schema) {
    json::array tables;
    for (const auto& [name, table] : schema.tables) tables.push_back(table_json(table));
    json::array enums;
    for (const auto& [name, type] : schema.enums) {
        enums.push_back(json::object{
            {"schema", type.schema}, {"name", type.name}, {"labels", texts(type.labels)}});
    }
    return {{"tables", std::move(tables)}, {"enums", std::move(enums)}};
}

}  // namespace dunlin::server
