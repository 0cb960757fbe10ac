#include <fmt/format.h>

#include <algorithm>

#include "sql/ddl_table.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

constexpr std::size_t rows_per_statement = 500;

/// Where an INSERT puts its values.
struct Destination {
    const Table* table;
    std::vector<std::size_t> columns;
    std::string head;    // insert into "t" ("a", "b")
    std::string suffix;  // on conflict do nothing
};

Done refuse_extras(std::size_t returning, const PgQuery__WithClause* with) {
    if (with != nullptr) return not_carried(with->location, "WITH", "Use a subquery.");
    if (returning > 0) return not_carried(-1, "RETURNING in a migration", "Leave it out.");
    return {};
}

Parsed<std::string> conflict_text(const PgQuery__InsertStmt& statement, const Table& table) {
    const auto* conflict = statement.on_conflict_clause;
    if (conflict == nullptr) return "";
    if (conflict->action != PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NOTHING) {
        return not_carried(conflict->location, "ON CONFLICT DO UPDATE in a migration",
                           "Use ON CONFLICT DO NOTHING, or UPDATE before the INSERT.");
    }
    if (conflict->infer == nullptr) return " on conflict do nothing";
    if (given(conflict->infer->conname) || conflict->infer->where_clause != nullptr) {
        return not_carried(conflict->location, "ON CONFLICT with a constraint or condition",
                           "Use ON CONFLICT DO NOTHING or ON CONFLICT (columns) DO NOTHING.");
    }
    std::vector<std::string> names;
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < conflict->infer->n_index_elems; ++i) {
        const auto& element = *conflict->infer->index_elems[i]->index_elem;
        auto column = find_column(table, text_of(element.name), conflict->location);
        if (!column) return std::unexpected(column.error());
        names.push_back(quote_identifier(element.name));
        columns.push_back(*column);
    }
    if (!is_unique(table, columns)) {
        return refuse(
            conflict->location, "42P10",
            "there is no unique or exclusion constraint matching the ON CONFLICT specification");
    }
    return " on conflict (" + join(names, ", ") + ") do nothing";
}

Parsed<Destination> find_destination(Builder& builder, const PgQuery__InsertStmt& statement) {
    const int at = statement.relation->location;
    auto table = find_table(builder, relation_name(*statement.relation), at);
    if (!table) return std::unexpected(table.error());
    Destination to{*table, {}, {}, {}};
    for (std::size_t i = 0; i < statement.n_cols; ++i) {
        const auto& target = *statement.cols[i]->res_target;
        auto column = find_column(**table, text_of(target.name), target.location);
        if (!column) return std::unexpected(column.error());
        if (std::ranges::find(to.columns, *column) != to.columns.end()) {
            return refuse(target.location, "42701",
                          fmt::format("column \"{}\" specified more than once", target.name));
        }
        to.columns.push_back(*column);
    }
    if (statement.n_cols == 0) {
        for (std::size_t i = 0; i < (*table)->columns.size(); ++i) to.columns.push_back(i);
    }
    auto suffix = conflict_text(statement, **table);
    if (!suffix) return std::unexpected(suffix.error());
    to.suffix = std::move(*suffix);
    return to;
}

/// Values for columns that the engine fills are refused, as PostgreSQL does.
Done require_writable(const Column& column, const PgQuery__InsertStmt& statement, int at) {
    const bool always = column.identity == IdentityColumn::Always &&
                        statement.override != PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE;
    if (!always && column.generated_text.empty()) return {};
    return refuse(at, "428C9",
                  fmt::format("cannot insert a non-DEFAULT value into column \"{}\"", column.name),
                  always ? "Use OVERRIDING SYSTEM VALUE to override." : "");
}

bool is_default(const PgQuery__Node& node) {
    return node.node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT;
}

Parsed<std::string> value_text(const Builder& builder, const PgQuery__InsertStmt& statement,
                               const Column& column, const PgQuery__Node& node) {
    if (is_default(node)) return default_value(builder.schema, column);
    if (auto writable = require_writable(column, statement, location_of(node)); !writable) {
        return std::unexpected(writable.error());
    }
    auto value = analyze_expression(builder.schema, nullptr, node, &column.type);
    if (!value) {
        const int at = value.error().offset < 0 ? location_of(node) : value.error().offset;
        return refuse(at, value.error().error);
    }
    return sqlite_text(*value, "");
}

Parsed<std::string> row_text(const Builder& builder, const PgQuery__InsertStmt& statement,
                             const Destination& to, const PgQuery__List& row) {
    if (row.n_items > to.columns.size()) {
        return refuse(location_of(*row.items[to.columns.size()]), "42601",
                      "INSERT has more expressions than target columns");
    }
    if (row.n_items < to.columns.size() && statement.n_cols > 0) {
        return refuse(-1, "42601", "INSERT has more target columns than expressions");
    }
    std::vector<std::string> values;
    for (std::size_t i = 0; i < to.columns.size(); ++i) {
        const Column& column = to.table->columns[to.columns[i]];
        const bool missing = i >= row.n_items;  // a short row without a column list: defaults
        if (!column.generated_text.empty() && (missing || is_default(*row.items[i]))) continue;
        auto value = missing ? default_value(builder.schema, column)
                             : value_text(builder, statement, column, *row.items[i]);
        if (!value) return value;
        values.push_back(std::move(*value));
    }
    return "(" + join(values, ", ") + ")";
}

std::string head_text(const Destination& to) {
    std::vector<std::size_t> written;
    for (const std::size_t column : to.columns) {
        if (to.table->columns[column].generated_text.empty()) written.push_back(column);
    }
    return fmt::format("insert into {} ({})", quote_identifier(to.table->storage_name()),
                       quoted_columns(*to.table, written));
}

Done insert_values(Builder& builder, const PgQuery__InsertStmt& statement, const Destination& to) {
    const auto& select = *statement.select_stmt->select_stmt;
    std::string text;
    std::size_t rows = 0;
    const auto flush = [&] {
        if (rows > 0) builder.run(std::move(text) + to.suffix);
        text.clear();
        rows = 0;
    };
    for (std::size_t i = 0; i < select.n_values_lists; ++i) {
        auto row = row_text(builder, statement, to, *select.values_lists[i]->list);
        if (!row) return std::unexpected(row.error());
        text += rows == 0 ? head_text(to) + " values " : ", ";
        text += *row;
        if (++rows == rows_per_statement) flush();
    }
    flush();
    return {};
}

Done insert_query(Builder& builder, const PgQuery__InsertStmt& statement, Destination to) {
    auto query = analyze_query(builder.schema, *statement.select_stmt->select_stmt);
    if (!query) return std::unexpected(query.error());
    if (statement.n_cols == 0 && query->targets.size() < to.columns.size())
        to.columns.resize(query->targets.size());
    if (query->targets.size() != to.columns.size()) {
        return refuse(-1, "42601", "INSERT has not as many expressions as target columns");
    }
    for (std::size_t i = 0; i < to.columns.size(); ++i) {
        const Column& column = to.table->columns[to.columns[i]];
        if (auto writable = require_writable(column, statement, -1); !writable) return writable;
        auto typed = assign(std::move(query->targets[i].expression), column.type);
        if (!typed) return refuse(-1, typed.error());
        query->targets[i].expression = std::move(*typed);
    }
    // SQLite takes ON of ON CONFLICT for a join without the nesting.
    builder.run(fmt::format("{} select * from ({}) where true{}", head_text(to),
                            sqlite_text(*query), to.suffix));
    return {};
}

/// The table as its statement calls it, so that `t.a` works after `update t as x`.
Table named_as(const Table& table, const PgQuery__RangeVar& range) {
    Table copy = table;
    if (range.alias != nullptr && given(range.alias->aliasname)) copy.name = range.alias->aliasname;
    return copy;
}

Parsed<std::string> where_text(const Builder& builder, const Table& named,
                               const PgQuery__Node* node, const std::string& storage) {
    if (node == nullptr) return "";
    auto condition = analyze_expression(builder.schema, &named, *node, &bool_type());
    if (!condition) return std::unexpected(condition.error());
    return " where " + sqlite_text(*condition, storage);
}

}  // namespace

Parsed<std::string> default_value(const Schema& schema, const Column& column) {
    if (column.default_text.empty()) return "null";
    auto expression = analyze_expression(schema, nullptr, column.default_text, &column.type);
    if (!expression) return refuse(-1, expression.error().error);
    return sqlite_text(*expression, "");
}

Done insert_rows(Builder& builder, const PgQuery__InsertStmt& statement) {
    if (auto done = refuse_extras(statement.n_returning_list, statement.with_clause); !done)
        return done;
    auto to = find_destination(builder, statement);
    if (!to) return std::unexpected(to.error());
    if (statement.select_stmt == nullptr) {
        builder.run(fmt::format("insert into {} default values",
                                quote_identifier(to->table->storage_name())));
        return {};
    }
    const bool values = statement.select_stmt->select_stmt->n_values_lists > 0;
    return values ? insert_values(builder, statement, *to)
                  : insert_query(builder, statement, std::move(*to));
}

Done update_rows(Builder& builder, const PgQuery__UpdateStmt& statement) {
    if (auto done = refuse_extras(statement.n_returning_list, statement.with_clause); !done)
        return done;
    const int at = statement.relation->location;
    auto table = find_table(builder, relation_name(*statement.relation), at);
    if (!table) return std::unexpected(table.error());
    if (statement.n_from_clause > 0)
        return not_carried(at, "UPDATE … FROM", "Use a subquery: set a = (select …).");
    const Table named = named_as(**table, *statement.relation);
    const std::string storage = (*table)->storage_name();
    std::vector<std::string> sets;
    for (std::size_t i = 0; i < statement.n_target_list; ++i) {
        const auto& target = *statement.target_list[i]->res_target;
        auto index = find_column(named, text_of(target.name), target.location);
        if (!index) return std::unexpected(index.error());
        const Column& column = named.columns[*index];
        if (target.n_indirection > 0 ||
            target.val->node_case == PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF) {
            return not_carried(target.location, "this kind of SET", "Set one column at a time.");
        }
        if (!column.generated_text.empty()) {
            return refuse(target.location, "428C9",
                          fmt::format("column \"{}\" can only be updated to DEFAULT", column.name));
        }
        if (auto free = require_no_update_action(builder, **table, column.name, target.location);
            !free)
            return free;
        Parsed<std::string> value = "";
        if (is_default(*target.val)) {
            value = default_value(builder.schema, column);
        } else {
            auto expression = analyze_expression(builder.schema, &named, *target.val, &column.type);
            if (!expression) return std::unexpected(expression.error());
            value = sqlite_text(*expression, storage);
        }
        if (!value) return std::unexpected(value.error());
        sets.push_back(quote_identifier(column.name) + " = " + *value);
    }
    auto where = where_text(builder, named, statement.where_clause, storage);
    if (!where) return std::unexpected(where.error());
    builder.run(
        fmt::format("update {} set {}{}", quote_identifier(storage), join(sets, ", "), *where));
    return {};
}

Done delete_rows(Builder& builder, const PgQuery__DeleteStmt& statement) {
    if (auto done = refuse_extras(statement.n_returning_list, statement.with_clause); !done)
        return done;
    const int at = statement.relation->location;
    auto table = find_table(builder, relation_name(*statement.relation), at);
    if (!table) return std::unexpected(table.error());
    if (statement.n_using_clause > 0)
        return not_carried(at, "DELETE … USING", "Use WHERE … IN (SELECT …).");
    const Table named = named_as(**table, *statement.relation);
    const std::string storage = (*table)->storage_name();
    auto where = where_text(builder, named, statement.where_clause, storage);
    if (!where) return std::unexpected(where.error());
    builder.run(fmt::format("delete from {}{}", quote_identifier(storage), *where));
    std::vector<const Table*> above = {*table};
    return run_delete_actions(builder, above);
}

Done truncate(Builder& builder, const PgQuery__TruncateStmt& statement) {
    const bool cascade = statement.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    if (cascade) return not_carried(-1, "TRUNCATE … CASCADE", "Name every table.");
    for (std::size_t i = 0; i < statement.n_relations; ++i) {
        const auto& range = *statement.relations[i]->range_var;
        auto table = find_table(builder, relation_name(range), range.location);
        if (!table) return std::unexpected(table.error());
        builder.run("delete from " + quote_identifier((*table)->storage_name()));
    }
    return {};
}

}  // namespace dunlin::sql
