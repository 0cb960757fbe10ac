#include "server/typescript_types.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/typescript_functions.h"
#include "server/typescript_relations.h"
#include "server/typescript_text.h"

namespace dunlin::server {

namespace {

/// A member of a type without members, which would otherwise take any.
constexpr std::string_view no_members = "[_ in never]: never";

/// Of what selects can say, supabase-js asks by the version of PostgREST.
constexpr std::string_view rest_version = "14";

/// The entries of one schema in a map by (schema, name).
template <typename Entries>
auto entries_of(const Entries& entries, std::string_view schema) {
    std::vector<const typename Entries::mapped_type*> found;
    for (const auto& [name, entry] : entries) {
        if (name.first == schema) found.push_back(&entry);
    }
    return found;
}

bool exists(const Schema& schema, std::string_view name) {
    return name == "public" || !entries_of(schema.tables, name).empty() ||
           !entries_of(schema.enums, name).empty() || !entries_of(schema.functions, name).empty();
}

void print_relations(TypeScriptLines& out, const TypeScriptTypes& types, std::string_view schema,
                     RelationKind kind, std::string_view head) {
    out.open(head);
    bool is_empty = true;
    for (const Table* table : entries_of(types.schema().tables, schema)) {
        if (table->kind != kind) continue;
        print_relation(out, types, *table);
        is_empty = false;
    }
    if (is_empty) out.line(no_members);
    out.close();
}

void print_all_functions(TypeScriptLines& out, const TypeScriptTypes& types,
                         std::string_view schema) {
    out.open("Functions:");
    bool is_empty = true;
    for (const auto* overloads : entries_of(types.schema().functions, schema))
        is_empty = !print_functions(out, types, *overloads) && is_empty;
    if (is_empty) out.line(no_members);
    out.close();
}

void print_enums(TypeScriptLines& out, const Schema& whole, std::string_view schema) {
    out.open("Enums:");
    const auto enums = entries_of(whole.enums, schema);
    for (const EnumType* type : enums)
        out.line(
            fmt::format("{}: {}", property_name(type->name), string_literals(type->labels, " | ")));
    if (enums.empty()) out.line(no_members);
    out.close();
}

void print_schema(TypeScriptLines& out, const TypeScriptTypes& types, std::string_view schema) {
    out.open(property_name(schema) + ":");
    print_relations(out, types, schema, RelationKind::Table, "Tables:");
    print_relations(out, types, schema, RelationKind::View, "Views:");
    print_all_functions(out, types, schema);
    print_enums(out, types.schema(), schema);
    out.open("CompositeTypes:");
    out.line(no_members);
    out.close();
    out.close();
}

/// The labels of the enums as values.
void print_constants(TypeScriptLines& out, const Schema& whole,
                     const std::vector<std::string>& schemas) {
    out.open("export const Constants =");
    for (const std::string& schema : schemas) {
        out.line(property_name(schema) + ": {");
        out.line("  Enums: {");
        for (const EnumType* type : entries_of(whole.enums, schema))
            out.line(fmt::format("    {}: [{}],", property_name(type->name),
                                 string_literals(type->labels, ", ")));
        out.line("  },");
        out.line("},");
    }
    out.close_as("} as const");
}

}  // namespace

Result<std::string> typescript_types(const Schema& schema,
                                     const std::vector<std::string>& schemas) {
    for (const std::string& name : schemas) {
        if (!exists(schema, name)) {
            return std::unexpected(
                Error{ErrorCode::NotFound,
                      fmt::format("there is no schema \"{}\" in the migrations", name)});
        }
    }
    const TypeScriptTypes types(schema, schemas);
    TypeScriptLines database;
    database.open("export type Database =");
    database.line(fmt::format("__InternalSupabase: {{ PostgrestVersion: \"{}\" }}", rest_version));
    for (const std::string& name : schemas) print_schema(database, types, name);
    database.close();
    TypeScriptLines constants;
    print_constants(constants, schema, schemas);
    return fmt::format("{}{}\n{}{}", json_type_text(), database.take(),
                       helper_types_text(schemas.front()), constants.take());
}

}  // namespace dunlin::server
