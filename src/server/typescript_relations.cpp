#include "server/typescript_relations.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace dunlin::server {

namespace {

enum class Shape : std::uint8_t { Row, Insert, Update };

/// A function of one row of `table` that gives one value: a computed field.
std::map<std::string, Type> computed_fields(const Schema& schema, const Table& table) {
    std::map<std::string, Type> fields;
    for (const auto& [name, overloads] : schema.functions) {
        for (const Function& function : overloads) {
            if (function.parameters.size() == 1 && function.result == FunctionResult::Scalar &&
                !function.returns_set && function.parameters[0].row_table == table.storage_name())
                fields.emplace(function.name, function.result_type);
        }
    }
    return fields;
}

/// The columns by name, as the generator of Supabase orders them.
std::vector<const Column*> sorted_columns(const Table& table) {
    std::vector<const Column*> columns;
    for (const Column& column : table.columns) columns.push_back(&column);
    std::ranges::sort(columns, {}, &Column::name);
    return columns;
}

bool is_never_given(const Column& column) {
    return !column.generated_text.empty() || column.identity == IdentityColumn::Always;
}

std::string column_line(const TypeScriptTypes& types, const Table& table, const Column& column,
                        Shape shape) {
    const std::string name = property_name(column.name);
    if (shape != Shape::Row && is_never_given(column)) return name + "?: never";
    const bool may_be_null = table.kind == RelationKind::View || !column.not_null;
    const bool may_lack = shape == Shape::Update ||
                          (shape == Shape::Insert && (may_be_null || !column.default_text.empty() ||
                                                      column.identity != IdentityColumn::None));
    return fmt::format("{}{}: {}{}", name, may_lack ? "?" : "", types.type_text(column.type),
                       may_be_null ? " | null" : "");
}

void print_shape(TypeScriptLines& out, const TypeScriptTypes& types, const Table& table,
                 Shape shape, std::string_view head) {
    out.open(head);
    for (const Column* column : sorted_columns(table))
        out.line(column_line(types, table, *column, shape));
    if (shape == Shape::Row) {
        for (const auto& [name, type] : computed_fields(types.schema(), table))
            out.line(fmt::format("{}: {} | null", property_name(name), types.type_text(type)));
    }
    out.close();
}

/// A foreign key as a select can follow it.
struct Relationship {
    std::string name;
    std::vector<std::string> columns;
    bool is_one_to_one = false;
    std::string target;
    std::vector<std::string> target_columns;
};

bool is_unique(const Table& table, const std::vector<std::size_t>& columns) {
    const std::set<std::size_t> wanted(columns.begin(), columns.end());
    const auto is_same = [&](const Key& key) {
        return !key.columns.empty() &&
               std::set<std::size_t>(key.columns.begin(), key.columns.end()) == wanted;
    };
    return is_same(table.primary_key) || std::ranges::any_of(table.unique_keys, is_same);
}

/// What `view` calls the columns of `base`; nothing when it does not show all of them.
std::optional<std::vector<std::string>> shown_columns(const Table& view, const Table& base,
                                                      const std::vector<std::string>& columns) {
    std::vector<std::string> shown;
    for (const std::string& name : columns) {
        const auto found = std::ranges::find_if(view.columns, [&](const Column& column) {
            return column.base_table == base.storage_name() && column.base_column == name;
        });
        if (found == view.columns.end()) return std::nullopt;
        shown.push_back(found->name);
    }
    return shown;
}

/// To the key's table, and to every view that shows the columns it refers to.
void add_targets(std::vector<Relationship>& found, const Schema& schema, const Relationship& key,
                 const Table& target) {
    found.push_back(key);
    for (const auto& [name, view] : schema.tables) {
        if (view.kind != RelationKind::View || view.schema != target.schema) continue;
        const auto shown = shown_columns(view, target, key.target_columns);
        if (!shown) continue;
        found.push_back(key);
        found.back().target = view.name;
        found.back().target_columns = *shown;
    }
}

std::vector<std::string> names_at(const Table& table, const std::vector<std::size_t>& columns) {
    std::vector<std::string> names;
    for (const std::size_t column : columns) names.push_back(table.columns[column].name);
    return names;
}

/// The foreign keys of `base` within its schema, in the column names of `relation`: itself or a
/// view over it.
void add_keys(std::vector<Relationship>& found, const Schema& schema, const Table& relation,
              const Table& base) {
    for (const ForeignKey& key : base.foreign_keys) {
        const Table* target = schema.find(key.target_schema, key.target_table);
        if (target == nullptr || target->schema != relation.schema) continue;
        std::optional columns = names_at(base, key.columns);
        if (&relation != &base) columns = shown_columns(relation, base, *columns);
        if (!columns) continue;
        add_targets(found, schema,
                    {key.name, *columns, is_unique(base, key.columns), key.target_table,
                     key.target_columns},
                    *target);
    }
}

std::vector<Relationship> relationships_of(const Schema& schema, const Table& relation) {
    std::vector<Relationship> found;
    if (relation.kind == RelationKind::Table) {
        add_keys(found, schema, relation, relation);
        return found;
    }
    std::set<std::string> bases;
    for (const Column& column : relation.columns) bases.insert(column.base_table);
    for (const std::string& base : bases) {
        if (const Table* table = schema.find_storage(base); table != nullptr)
            add_keys(found, schema, relation, *table);
    }
    return found;
}

void print_relationships(TypeScriptLines& out, const std::vector<Relationship>& relationships) {
    if (relationships.empty()) return out.line("Relationships: []");
    out.line("Relationships: [");
    for (const Relationship& key : relationships) {
        out.line(fmt::format(
            "  {{ foreignKeyName: {}; columns: [{}]; isOneToOne: {}; referencedRelation: {}; "
            "referencedColumns: [{}] }},",
            string_literal(key.name), string_literals(key.columns, ", "), key.is_one_to_one,
            string_literal(key.target), string_literals(key.target_columns, ", ")));
    }
    out.line("]");
}

void print_computed_names(TypeScriptLines& out, const TypeScriptTypes& types, const Table& table) {
    std::vector<std::string> names;
    for (const auto& [name, type] : computed_fields(types.schema(), table)) names.push_back(name);
    if (!names.empty()) out.line(fmt::format("ComputedFields: {}", string_literals(names, " | ")));
}

}  // namespace

void print_relation(TypeScriptLines& out, const TypeScriptTypes& types, const Table& table) {
    out.open(property_name(table.name) + ":");
    print_shape(out, types, table, Shape::Row, "Row:");
    if (table.kind == RelationKind::Table) {
        print_shape(out, types, table, Shape::Insert, "Insert:");
        print_shape(out, types, table, Shape::Update, "Update:");
    }
    print_relationships(out, relationships_of(types.schema(), table));
    print_computed_names(out, types, table);
    out.close();
}

}  // namespace dunlin::server
