#include "server/typescript_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

namespace dunlin::server {

namespace {

bool is_identifier(std::string_view name) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
    };
    const auto is_part = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
    return !name.empty() && is_letter(name.front()) && std::ranges::all_of(name, is_part);
}

std::string_view scalar_text(TypeKind kind) {
    switch (kind) {
        case TypeKind::Bool:
            return "boolean";
        case TypeKind::Int2:
        case TypeKind::Int4:
        case TypeKind::Int8:
        case TypeKind::Float4:
        case TypeKind::Float8:
        case TypeKind::Numeric:
            return "number";
        case TypeKind::Json:
        case TypeKind::Jsonb:
            return "Json";
        default:
            return "string";
    }
}

/// One helper over the member `member` of tables (and views), `SHAPE` being which of its shapes.
std::string relation_helper(std::string_view name, std::string_view relations,
                            std::string_view shape) {
    return fmt::format(
        "export type {0}<\n"
        "  NameOrSchema extends keyof {1}<DefaultSchemaName> | {{ schema: SchemaName }},\n"
        "  Name extends NameOrSchema extends {{ schema: infer S extends SchemaName }}\n"
        "    ? keyof {1}<S>\n"
        "    : never = never,\n"
        "> = NameOrSchema extends {{ schema: infer S extends SchemaName }}\n"
        "  ? Name extends keyof {1}<S>\n"
        "    ? {2}<{1}<S>[Name]>\n"
        "    : never\n"
        "  : NameOrSchema extends keyof {1}<DefaultSchemaName>\n"
        "    ? {2}<{1}<DefaultSchemaName>[NameOrSchema]>\n"
        "    : never\n\n",
        name, relations, shape);
}

}  // namespace

void TypeScriptLines::line(std::string_view text) {
    text_.append(depth_ * 2, ' ').append(text).append("\n");
}

void TypeScriptLines::open(std::string_view head) {
    line(fmt::format("{} {{", head));
    ++depth_;
}

void TypeScriptLines::close_as(std::string_view text) {
    --depth_;
    line(text);
}

std::string property_name(std::string_view name) {
    return is_identifier(name) ? std::string(name) : string_literal(name);
}

std::string string_literal(std::string_view text) {
    return boost::json::serialize(boost::json::string(text));
}

std::string string_literals(const std::vector<std::string>& texts, std::string_view separator) {
    std::string out;
    for (const auto& text : texts) {
        if (!out.empty()) out += separator;
        out += string_literal(text);
    }
    return out;
}

std::string TypeScriptTypes::type_text(const Type& type) const {
    const std::string scalar =
        type.kind == TypeKind::Enum ? enum_text(type) : std::string(scalar_text(type.kind));
    if (!type.array) return scalar;
    return scalar.contains('|') ? fmt::format("({})[]", scalar) : scalar + "[]";
}

bool TypeScriptTypes::has_schema(std::string_view schema) const {
    return std::ranges::find(schemas_, schema) != schemas_.end();
}

std::string TypeScriptTypes::enum_text(const Type& type) const {
    const auto dot = type.enum_name.find('.');
    const bool is_public = dot == std::string::npos;
    const std::string schema = is_public ? "public" : type.enum_name.substr(0, dot);
    const std::string name = is_public ? type.enum_name : type.enum_name.substr(dot + 1);
    if (!has_schema(schema)) return string_literals(type.labels, " | ");
    return fmt::format("Database[{}][\"Enums\"][{}]", string_literal(schema), string_literal(name));
}

std::string_view json_type_text() {
    return "export type Json =\n"
           "  | string\n"
           "  | number\n"
           "  | boolean\n"
           "  | null\n"
           "  | { [key: string]: Json | undefined }\n"
           "  | Json[]\n\n";
}

std::string helper_types_text(std::string_view default_schema) {
    std::string out = fmt::format(
        "type SchemaName = Exclude<keyof Database, \"__InternalSupabase\">\n"
        "type DefaultSchemaName = Extract<SchemaName, {}>\n"
        "type TablesOf<S extends SchemaName> = Database[S][\"Tables\"]\n"
        "type RelationsOf<S extends SchemaName> = Database[S][\"Tables\"] & "
        "Database[S][\"Views\"]\n"
        "type EnumsOf<S extends SchemaName> = Database[S][\"Enums\"]\n"
        "type CompositeTypesOf<S extends SchemaName> = Database[S][\"CompositeTypes\"]\n"
        "type RowOf<T> = T extends {{ Row: infer R }} ? R : never\n"
        "type InsertOf<T> = T extends {{ Insert: infer I }} ? I : never\n"
        "type UpdateOf<T> = T extends {{ Update: infer U }} ? U : never\n"
        "type Itself<T> = T\n\n",
        string_literal(default_schema));
    out += relation_helper("Tables", "RelationsOf", "RowOf");
    out += relation_helper("TablesInsert", "TablesOf", "InsertOf");
    out += relation_helper("TablesUpdate", "TablesOf", "UpdateOf");
    out += relation_helper("Enums", "EnumsOf", "Itself");
    return out + relation_helper("CompositeTypes", "CompositeTypesOf", "Itself");
}

}  // namespace dunlin::server
