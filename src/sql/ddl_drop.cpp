#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "sql/ddl_index.h"
#include "sql/ddl_table.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

/// One name of a DROP statement.
struct Dropped {
    RelationName name;
    bool cascade;
    bool missing_ok;
};

Done missing(Builder& builder, const Dropped& dropped, std::string_view kind,
             std::string_view sqlstate) {
    const std::string text =
        fmt::format("{} \"{}\" does not exist", kind, shown_name(dropped.name));
    if (!dropped.missing_ok) return refuse(-1, sqlstate, text);
    builder.note(text + ", skipping");
    return {};
}

/// Views over a relation go with it under CASCADE and keep it otherwise.
Done drop_views(Builder& builder, const Dropped& dropped) {
    const std::size_t before = builder.statements.size();
    const auto views = drop_views_over(builder, dropped.name);
    if (views.empty()) return {};
    if (!dropped.cascade) {
        builder.statements.resize(before);
        return refuse(-1, "2BP01",
                      fmt::format("cannot drop \"{}\" because view \"{}\" depends on it",
                                  shown_name(dropped.name), shown_name(views.front())),
                      "Drop the view first, or use CASCADE.");
    }
    for (const RelationName& view : views) builder.schema.tables.erase(view);
    return {};
}

Done drop_relation(Builder& builder, const Dropped& dropped, RelationKind kind) {
    const auto found = builder.schema.tables.find(dropped.name);
    const std::string_view word = kind == RelationKind::View ? "view" : "table";
    if (found == builder.schema.tables.end()) return missing(builder, dropped, word, "42P01");
    if (found->second.kind != kind) {
        return refuse(-1, "42809",
                      fmt::format("\"{}\" is not a {}", shown_name(dropped.name), word));
    }
    if (auto done = drop_views(builder, dropped); !done) return done;
    if (kind == RelationKind::Table) {
        auto references = drop_references(
            builder, found->second, [](const ForeignKey&) { return true; }, dropped.cascade,
            fmt::format("table \"{}\"", shown_name(dropped.name)), -1);
        if (!references) return references;
    }
    unmake_search_indexes(builder, found->second);
    builder.run(fmt::format("DROP {} {}", word, quote_identifier(storage_name(dropped.name))));
    builder.schema.tables.erase(found);
    return {};
}

Done drop_index(Builder& builder, const Dropped& dropped) {
    for (auto& [name, table] : builder.schema.tables) {
        if (table.schema != dropped.name.first) continue;
        const auto index = std::ranges::find_if(
            table.indexes, [&](const Index& other) { return other.name == dropped.name.second; });
        if (index == table.indexes.end()) continue;
        unmake_index(builder, table, *index);
        table.indexes.erase(index);
        return {};
    }
    return missing(builder, dropped, "index", "42704");
}

Done drop_type(Builder& builder, const Dropped& dropped) {
    if (builder.schema.domains.erase(dropped.name) > 0)
        return {};  // Columns keep the base type and the checks.
    if (!builder.schema.enums.contains(dropped.name))
        return missing(builder, dropped, "type", "42704");
    for (const auto& [name, table] : builder.schema.tables) {
        for (const Column& column : table.columns) {
            if (column.type.kind != TypeKind::Enum ||
                column.type.enum_name != shown_name(dropped.name))
                continue;
            return refuse(
                -1, "2BP01",
                fmt::format("cannot drop type \"{}\" because column \"{}\" of table \"{}\" has it",
                            dropped.name.second, column.name, table.name),
                "Drop the column or change its type first.");
        }
    }
    builder.schema.enums.erase(dropped.name);
    return {};
}

/// The list that names a relation or a type.
std::span<PgQuery__Node* const> names_of(const PgQuery__Node& object) {
    if (object.node_case == PG_QUERY__NODE__NODE_LIST)
        return {object.list->items, object.list->n_items};
    if (object.node_case == PG_QUERY__NODE__NODE_TYPE_NAME)
        return {object.type_name->names, object.type_name->n_names};
    return {};
}

Done drop_one(Builder& builder, const PgQuery__DropStmt& statement, const PgQuery__Node& object) {
    if (object.node_case == PG_QUERY__NODE__NODE_OBJECT_WITH_ARGS &&
        statement.remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION) {
        return drop_function(builder, *object.object_with_args,
                             statement.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE,
                             statement.missing_ok != 0);
    }
    auto names = names_of(object);
    const bool of_table = statement.remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_POLICY ||
                          statement.remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER;
    const std::string last = names.empty() ? "" : string_of(*names.back());
    if (of_table) names = names.first(names.size() - 1);
    const Dropped dropped{relation_name(names.data(), names.size()),
                          statement.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE,
                          statement.missing_ok != 0};
    switch (statement.remove_type) {
        case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
            return drop_relation(builder, dropped, RelationKind::Table);
        case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
            return drop_relation(builder, dropped, RelationKind::View);
        case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX:
            return drop_index(builder, dropped);
        case PG_QUERY__OBJECT_TYPE__OBJECT_TYPE:
        case PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN:
            return drop_type(builder, dropped);
        case PG_QUERY__OBJECT_TYPE__OBJECT_POLICY:
            return drop_policy(builder, dropped.name, last, dropped.missing_ok);
        case PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER:
            return drop_trigger(builder, dropped.name, last, dropped.missing_ok);
        default:
            break;
    }
    // There is none of any other kind, so IF EXISTS holds.
    if (!dropped.missing_ok) return not_carried(-1, "this DROP", "Leave it out, or add IF EXISTS.");
    builder.note("there is nothing to drop, skipping");
    return {};
}

}  // namespace

Done drop(Builder& builder, const PgQuery__DropStmt& statement) {
    for (std::size_t i = 0; i < statement.n_objects; ++i) {
        if (auto done = drop_one(builder, statement, *statement.objects[i]); !done) return done;
    }
    return require_valid_dependents(builder);
}

}  // namespace dunlin::sql
