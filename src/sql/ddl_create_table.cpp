#include <fmt/format.h>

#include "sql/ddl_table.h"

namespace dunlin::sql {

namespace {

Done refuse_special_tables(const PgQuery__CreateStmt& statement) {
    const int at = statement.relation->location;
    if (text_of(statement.relation->relpersistence) == "t") {
        return not_carried(at, "a temporary table", "Use an ordinary table, or a view.");
    }
    if (statement.partspec != nullptr || statement.partbound != nullptr) {
        return not_carried(at, "partitioning",
                           "Use one table and an index on the partition column.");
    }
    if (statement.n_inh_relations > 0) return not_carried(at, "INHERITS", "Repeat the columns.");
    if (statement.of_typename != nullptr)
        return not_carried(at, "CREATE TABLE OF", "List the columns.");
    return {};
}

/// Columns first: constraints may name columns that come later.
Done add_elements(Builder& builder, Table& table, const PgQuery__CreateStmt& statement) {
    for (std::size_t i = 0; i < statement.n_table_elts; ++i) {
        const auto& element = *statement.table_elts[i];
        if (element.node_case == PG_QUERY__NODE__NODE_TABLE_LIKE_CLAUSE) {
            return not_carried(element.table_like_clause->relation->location, "LIKE",
                               "Repeat the columns.");
        }
        if (element.node_case != PG_QUERY__NODE__NODE_COLUMN_DEF) continue;
        if (auto done = add_column(builder, table, *element.column_def); !done) return done;
    }
    // Keys before foreign keys: a table may reference itself.
    const auto add_all = [&](bool foreign) -> Done {
        std::size_t column = 0;
        for (std::size_t i = 0; i < statement.n_table_elts; ++i) {
            const auto& element = *statement.table_elts[i];
            if (element.node_case == PG_QUERY__NODE__NODE_COLUMN_DEF) {
                auto done =
                    add_column_constraints(builder, table, column++, *element.column_def,
                                           foreign ? ConstraintPass::Foreign : ConstraintPass::Own);
                if (!done) return done;
            } else if (element.node_case == PG_QUERY__NODE__NODE_CONSTRAINT) {
                const auto& constraint = *element.constraint;
                if ((constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN) != foreign)
                    continue;
                if (auto done = add_constraint(builder, table, constraint, std::nullopt); !done)
                    return done;
            }
        }
        return {};
    };
    if (auto done = add_all(false); !done) return done;
    return add_all(true);
}

}  // namespace

Done create_table(Builder& builder, const PgQuery__CreateStmt& statement) {
    const RelationName name = relation_name(*statement.relation);
    const int at = statement.relation->location;
    if (auto usual = refuse_special_tables(statement); !usual) return usual;
    if (statement.if_not_exists != 0 && builder.schema.tables.contains(name)) {
        builder.note(fmt::format("relation \"{}\" already exists, skipping", shown_name(name)));
        return {};
    }
    if (auto free = require_free_name(builder, name, at); !free) return free;
    Table table{.schema = name.first, .name = name.second};
    table.granted = rights_of_new_table(builder.schema, name.first);
    if (auto done = add_elements(builder, table, statement); !done) return done;
    if (table.columns.empty()) return not_carried(at, "a table without columns", "Add a column.");
    builder.changed[name] = at;
    if (text_of(statement.relation->relpersistence) == "u") builder.note("UNLOGGED has no effect");
    if (statement.n_options > 0 || given(statement.tablespacename)) {
        builder.note(fmt::format("storage options of \"{}\" have no effect", shown_name(name)));
    }
    auto text = create_table_text(builder.schema, table, table.storage_name());
    if (!text) return std::unexpected(text.error());
    builder.run(std::move(*text));
    builder.schema.tables.emplace(name, std::move(table));
    return {};
}

}  // namespace dunlin::sql
