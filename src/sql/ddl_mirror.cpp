#include "sql/ddl_mirror.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sql/ddl_index.h"
#include "sql/mirror.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

constexpr std::string_view form =
    "Write: comment on column t.c is 'dunlin: mirrors other.column via key_column', or take it "
    "back with: comment on column t.c is null.";

std::unexpected<Refusal> wrong(std::string_view sqlstate, const Table& table, const Column& column,
                               std::string_view why, std::string_view hint = form) {
    return refuse(
        -1, sqlstate,
        fmt::format("column \"{}\" of \"{}\" cannot be a mirror: {}", column.name, table.name, why),
        std::string(hint));
}

/// The foreign key from one column to one column of the source.
const ForeignKey* find_key(const Table& table, std::size_t via, const Table& source) {
    const auto found = std::ranges::find_if(table.foreign_keys, [&](const ForeignKey& key) {
        return key.columns == std::vector{via} && key.target_schema == source.schema &&
               key.target_table == source.name;
    });
    return found == table.foreign_keys.end() ? nullptr : &*found;
}

/// A value that can be given and taken.
bool is_plain(const Table& table, std::size_t column) {
    return table.columns[column].generated_text.empty() &&
           table.columns[column].identity == IdentityColumn::None &&
           std::ranges::find(table.primary_key.columns, column) == table.primary_key.columns.end();
}

Parsed<Mirror> read_mirror(const Builder& builder, const Table& table, std::size_t index) {
    const Column& column = table.columns[index];
    const auto text = parse_mirror(column.comment);
    if (!text) {
        return wrong("42601", table, column,
                     fmt::format("\"{}\" is not understood", column.comment));
    }
    const Table* source =
        builder.schema.find(text->schema.empty() ? "public" : text->schema, text->table);
    if (source == nullptr || source->kind != RelationKind::Table)
        return wrong("42P01", table, column, fmt::format("there is no table \"{}\"", text->table));
    const auto source_column = source->find_column(text->column);
    const auto via = table.find_column(text->via);
    if (!source_column || !via) {
        return wrong(
            "42703", table, column,
            fmt::format("there is no column \"{}\"", source_column ? text->via : text->column));
    }
    const ForeignKey* key = find_key(table, *via, *source);
    if (key == nullptr) {
        return wrong("42830", table, column,
                     fmt::format("\"{}\" is no foreign key to \"{}\"", text->via, text->table),
                     "Add the foreign key of this one column first.");
    }
    const Mirror mirror{&table,         source,
                        index,          *via,
                        *source_column, source->find_column(key->target_columns.at(0)).value_or(0)};
    if (!(column.type == source->columns[*source_column].type))
        return wrong("42804", table, column, "the two columns have different types",
                     "Give both the same type.");
    const bool plain = table.kind == RelationKind::Table && source != &table &&
                       is_plain(table, index) && is_plain(*source, *source_column) &&
                       index != *via && !is_directive(source->columns[*source_column].comment);
    if (!plain) {
        return wrong("0A000", table, column,
                     "keys, numbered and generated columns, mirrors of mirrors and of the same "
                     "table are not supported",
                     "Mirror an ordinary column of another table.");
    }
    return mirror;
}

std::string index_name(const Mirror& mirror, std::size_t column) {
    return fmt::format("{}_{}_mirror_idx", mirror.table->name, mirror.table->columns[column].name);
}

/// Whether an index or key can find rows by this column.
bool is_indexed(const Table& table, std::size_t column) {
    const auto leads = [&](const auto& key) {
        return !key.columns.empty() && key.columns[0] == column;
    };
    return leads(table.primary_key) || std::ranges::any_of(table.unique_keys, leads) ||
           std::ranges::any_of(table.indexes, leads);
}

void add_index(Builder& builder, Table& table, const std::string& name, std::size_t column) {
    if (is_indexed(table, column)) return;
    Index index{.name = free_constraint_name(builder, table, {name, "", ""}), .columns = {column}};
    index.sqlite_text = fmt::format("{} ({})", index_head(table, index),
                                    quote_identifier(table.columns[column].name));
    builder.run(index.sqlite_text);
    table.indexes.push_back(std::move(index));
}

/// The source's value counts. Where it has none, the first that a mirror has is given to it.
void fill(Builder& builder, const Mirror& mirror) {
    const auto name = [](const Table& table, std::size_t column) {
        return quote_identifier(table.columns[column].name);
    };
    const std::string here = quote_identifier(mirror.table->storage_name());
    const std::string there = quote_identifier(mirror.source->storage_name());
    const std::string own = name(*mirror.table, mirror.column);
    const std::string via = name(*mirror.table, mirror.via);
    const std::string source = name(*mirror.source, mirror.source_column);
    const std::string key = name(*mirror.source, mirror.source_key);
    builder.run(fmt::format(
        "update {0} as s set {1} = m.{2} from (select {3}, {2}, min(rowid) from {4} where {2} is "
        "not null group by {3}) as m where m.{3} = s.{5} and s.{1} is null",
        there, source, own, via, here, key));
    builder.run(fmt::format(
        "update {0} as m set {1} = s.{2} from {3} as s where s.{4} = m.{5} and m.{1} is not s.{2}",
        here, own, source, there, key, via));
}

Function function_of(const MirrorFunction& made, const Mirror& mirror) {
    Function function{.schema = mirror.table->schema, .name = made.name};
    function.result = FunctionResult::Trigger;
    function.language = FunctionLanguage::PlPgSql;
    function.security_definer = true;
    function.body = made.body;
    return function;
}

void add_trigger(Table& table, Trigger trigger) {
    const auto place = std::ranges::upper_bound(table.triggers, trigger.name, {}, &Trigger::name);
    table.triggers.insert(place, std::move(trigger));
}

/// Bodies by (schema, name) of what was made for mirrors.
using Bodies = std::map<std::pair<std::string, std::string>, std::string>;

/// Takes out everything that was made for mirrors.
Bodies take_all(Schema& schema) {
    Bodies bodies;
    for (auto at = schema.functions.begin(); at != schema.functions.end();) {
        if (!at->first.second.starts_with(mirror_prefix)) {
            ++at;
            continue;
        }
        bodies.emplace(at->first, at->second.at(0).body);
        at = schema.functions.erase(at);
    }
    if (bodies.empty()) return bodies;
    for (auto& [name, table] : schema.tables) {
        std::erase_if(table.triggers, [](const Trigger& trigger) {
            return trigger.name.starts_with(mirror_prefix);
        });
    }
    return bodies;
}

/// Columns that some mirror needs an index on.
using Used = std::set<std::pair<const Table*, std::size_t>>;

void drop_indexes(Builder& builder, Table& table, const Used& used) {
    std::erase_if(table.indexes, [&](const Index& index) {
        const bool made = index.name.ends_with("_mirror_idx") && index.columns.size() == 1;
        if (!made || used.contains({&table, index.columns[0]})) return false;
        builder.run("DROP INDEX " + quote_identifier(storage_name({table.schema, index.name})));
        return true;
    });
}

Done add_mirror(Builder& builder, Table& table, std::size_t column, const Bodies& before,
                Used& used) {
    const auto mirror = read_mirror(builder, table, column);
    if (!mirror) return std::unexpected(mirror.error());
    used.insert({&table, mirror->via});
    used.insert({&table, column});
    bool known = true;
    for (const MirrorFunction& made : mirror_functions(*mirror)) {
        const std::pair name{table.schema, made.name};
        const auto found = before.find(name);
        known = known && found != before.end() && found->second == made.body;
        builder.schema.functions[name] = {function_of(made, *mirror)};
        Table& target =
            made.on_source
                ? builder.schema.tables.at({mirror->source->schema, mirror->source->name})
                : table;
        add_trigger(target, made.trigger);
    }
    if (known) return {};
    fill(builder, *mirror);
    add_index(builder, table, index_name(*mirror, mirror->via), mirror->via);
    add_index(builder, table, index_name(*mirror, mirror->column), mirror->column);
    return {};
}

}  // namespace

bool is_directive(std::string_view comment) {
    return comment.starts_with("dunlin:");
}

Done sync_mirrors(Builder& builder) {
    const Bodies before = take_all(builder.schema);
    Used used;
    for (auto& [name, table] : builder.schema.tables) {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (!is_directive(table.columns[i].comment)) continue;
            auto added = add_mirror(builder, table, i, before, used);
            if (!added) return added;
        }
    }
    if (before.empty()) return {};
    for (auto& [name, table] : builder.schema.tables) drop_indexes(builder, table, used);
    return {};
}

}  // namespace dunlin::sql
