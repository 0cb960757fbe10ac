#include "api/openapi_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

namespace dunlin::api {

namespace json = boost::json;

namespace {

/// As format_type() prints it without a modifier; a type of the project with its schema.
std::string format_of(const Type& type) {
    Type plain = type;
    plain.length_max = 0;
    plain.precision = -1;
    plain.scale = -1;
    const std::string name = sql_type_name(plain);
    const bool own = type.kind == TypeKind::Enum && name.find('.') == name.npos;
    return own ? "public." + name : name;
}

/// "" for json, whose values are of any type.
std::string_view scalar_type(TypeKind kind) {
    switch (kind) {
        case TypeKind::Bool:
            return "boolean";
        case TypeKind::Int2:
        case TypeKind::Int4:
        case TypeKind::Int8:
            return "integer";
        case TypeKind::Float4:
        case TypeKind::Float8:
        case TypeKind::Numeric:
            return "number";
        case TypeKind::Json:
        case TypeKind::Jsonb:
            return "";
        default:
            return "string";
    }
}

/// format, type, items, enum and maxLength.
json::object type_schema(const Type& type) {
    json::object schema{{"format", format_of(type)}};
    const std::string_view scalar = scalar_type(type.kind);
    if (type.array) {
        schema["type"] = "array";
        json::object items;
        if (!scalar.empty()) items["type"] = scalar;
        schema["items"] = std::move(items);
        return schema;
    }
    if (!scalar.empty()) schema["type"] = scalar;
    if (type.length_max > 0) schema["maxLength"] = type.length_max;
    if (type.kind == TypeKind::Enum)
        schema["enum"] = json::array(type.labels.begin(), type.labels.end());
    return schema;
}

/// A default as JSON: a literal's value, or the text of an expression. Null when there is none to
/// show, as for a list of an array type.
json::value default_of(const Column& column) {
    std::string_view text = column.default_text;
    if (text.empty()) return nullptr;
    const std::string_view scalar = scalar_type(column.type.kind);
    if (!column.type.array && scalar == "string") {
        if (!text.starts_with('\'')) return json::value(text);
        return json::value(text.substr(1, text.rfind('\'') - 1));
    }
    boost::system::error_code failure;
    auto value = json::parse(text, failure);
    return failure ? json::value(nullptr) : value;
}

std::string foreign_note(const Table& table, std::size_t column) {
    const auto found = std::ranges::find_if(table.foreign_keys, [&](const ForeignKey& key) {
        return key.columns.size() == 1 && key.columns[0] == column;
    });
    if (found == table.foreign_keys.end() || found->target_columns.size() != 1) return {};
    const std::string& target = found->target_table;
    const std::string& name = found->target_columns[0];
    return fmt::format("\nThis is a Foreign Key to `{}.{}`.<fk table='{}' column='{}'/>", target,
                       name, target, name);
}

std::string description_of(const Table& table, std::size_t index) {
    const Column& column = table.columns[index];
    std::string notes;
    if (std::ranges::find(table.primary_key.columns, index) != table.primary_key.columns.end())
        notes += "\nThis is a Primary Key.<pk/>";
    notes += foreign_note(table, index);
    if (notes.empty()) return column.comment;
    return column.comment + (column.comment.empty() ? "" : "\n\n") + "Note:" + notes;
}

json::object property_of(const Table& table, std::size_t index) {
    const Column& column = table.columns[index];
    json::object property;
    const std::string description = description_of(table, index);
    if (!description.empty()) property["description"] = description;
    auto value = default_of(column);
    if (!value.is_null()) property["default"] = std::move(value);
    for (auto& member : type_schema(column.type)) property[member.key()] = member.value();
    return property;
}

json::object parameter(std::string_view name, std::string_view place, std::string_view about) {
    return {{"name", name},
            {"description", about},
            {"required", false},
            {"in", place},
            {"type", "string"}};
}

json::object prefer(json::array values) {
    json::object out = parameter("Prefer", "header", "Preference");
    if (!values.empty()) out["enum"] = std::move(values);
    return out;
}

void set_required(json::object& schema, json::array required) {
    if (!required.empty()) schema["required"] = std::move(required);
}

}  // namespace

json::object table_definition(const Table& table) {
    json::object properties;
    json::array required;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        if (column.hidden) continue;
        properties[column.name] = property_of(table, i);
        if (column.not_null) required.emplace_back(column.name);
    }
    json::object definition;
    if (!table.comment.empty()) definition["description"] = table.comment;
    set_required(definition, std::move(required));
    definition["properties"] = std::move(properties);
    definition["type"] = "object";
    return definition;
}

json::object function_definition(const Function& function) {
    json::object properties;
    json::array required;
    for (const Parameter& parameter : function.parameters) {
        properties[parameter.name] = type_schema(parameter.type);
        if (parameter.default_text.empty()) required.emplace_back(parameter.name);
    }
    json::object definition;
    if (!function.comment.empty()) definition["description"] = function.comment;
    set_required(definition, std::move(required));
    definition["properties"] = std::move(properties);
    definition["type"] = "object";
    return definition;
}

json::object query_parameter(const Parameter& given) {
    const std::string_view scalar = scalar_type(given.type.kind);
    const bool as_text = given.type.array || scalar.empty();  // `{a,b}` in a query string
    return {{"name", given.name},
            {"in", "query"},
            {"required", given.default_text.empty()},
            {"type", as_text ? "string" : scalar},
            {"format", format_of(given.type)}};
}

json::object common_parameters() {
    json::object range_unit = parameter("Range-Unit", "header", "Limiting and Pagination");
    range_unit["default"] = "items";
    return {
        {"preferParams", prefer({})},
        {"preferReturn", prefer({"return=representation", "return=minimal", "return=none"})},
        {"preferCount", prefer({"count=none"})},
        {"preferPost", prefer({"return=representation", "return=minimal", "return=none",
                               "resolution=ignore-duplicates", "resolution=merge-duplicates"})},
        {"select", parameter("select", "query", "Filtering Columns")},
        {"on_conflict", parameter("on_conflict", "query", "On Conflict")},
        {"order", parameter("order", "query", "Ordering")},
        {"range", parameter("Range", "header", "Limiting and Pagination")},
        {"rangeUnit", std::move(range_unit)},
        {"offset", parameter("offset", "query", "Limiting and Pagination")},
        {"limit", parameter("limit", "query", "Limiting and Pagination")},
    };
}

void add_table_parameters(const Table& table, json::object& parameters) {
    json::object body{
        {"name", table.name}, {"description", table.name}, {"required", false}, {"in", "body"}};
    body["schema"] = {{"$ref", "#/definitions/" + table.name}};
    parameters["body." + table.name] = std::move(body);
    for (const Column& column : table.columns) {
        if (column.hidden) continue;
        json::object filter = parameter(column.name, "query", column.comment);
        if (column.comment.empty()) filter.erase("description");
        parameters["rowFilter." + table.name + "." + column.name] = std::move(filter);
    }
}

}  // namespace dunlin::api
