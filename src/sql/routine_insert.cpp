#include "sql/routine_insert.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/ddl.h"
#include "sql/routine_body.h"

namespace dunlin::sql {

namespace {

bool is_default(const PgQuery__Node& node) {
    return node.node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT;
}

/// The columns as written, or all of them.
Parsed<std::vector<std::size_t>> given_columns(const Table& table,
                                               const PgQuery__InsertStmt& node) {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < node.n_cols; ++i) {
        const auto& target = *node.cols[i]->res_target;
        auto column = written_column(table, text_of(target.name), target.location);
        if (!column) return std::unexpected(column.error());
        if (std::ranges::find(columns, *column) != columns.end()) {
            return refuse(target.location, "42701",
                          fmt::format("column \"{}\" specified more than once", target.name));
        }
        columns.push_back(*column);
    }
    for (std::size_t i = 0; node.n_cols == 0 && i < table.columns.size(); ++i) columns.push_back(i);
    return columns;
}

/// A value, or nothing for DEFAULT.
using Cell = std::optional<Expression>;

Parsed<void> require_writable(const Column& column, const PgQuery__InsertStmt& node, int at) {
    const bool always = column.identity == IdentityColumn::Always &&
                        node.override != PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE;
    if (!always && column.generated_text.empty()) return {};
    return refuse(
        at,
        sql_error("428C9",
                  fmt::format("cannot insert a non-DEFAULT value into column \"{}\"", column.name),
                  fmt::format("Column \"{}\" is {}.", column.name,
                              always ? "an identity column defined as GENERATED ALWAYS"
                                     : "a generated column"),
                  always ? "Use OVERRIDING SYSTEM VALUE to override." : ""));
}

Parsed<std::vector<Cell>> row_of(Analyzer& analyzer, const Table& table,
                                 const PgQuery__InsertStmt& node,
                                 const std::vector<std::size_t>& columns,
                                 const PgQuery__List& list) {
    const Query nothing;
    std::vector<Cell> cells(table.columns.size());
    std::size_t at = 0;
    for (std::size_t i = 0; i < list.n_items; ++i) {
        const PgQuery__Node& value = *list.items[i];
        std::vector<Expression> written;
        const bool star = value.node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
                          value.column_ref->n_fields > 1 &&
                          value.column_ref->fields[value.column_ref->n_fields - 1]->node_case ==
                              PG_QUERY__NODE__NODE_A_STAR;
        if (auto whole = star ? analyzer.row(value, {.query = &nothing}) : std::nullopt) {
            written = std::move(whole->values);  // new.*
        } else if (!is_default(value)) {
            auto one = analyzer.expression(value, {.query = &nothing});
            if (!one) return std::unexpected(one.error());
            written.push_back(std::move(*one));
        } else {
            ++at;
            continue;
        }
        for (Expression& one : written) {
            if (at >= columns.size()) {
                return refuse(location_of(value), "42601",
                              "INSERT has more expressions than target columns");
            }
            const Column& column = table.columns[columns[at]];
            if (auto writable = require_writable(column, node, location_of(value)); !writable)
                return std::unexpected(writable.error());
            auto typed = assign_to_column(std::move(one), column, location_of(value));
            if (!typed) return std::unexpected(typed.error());
            cells[columns[at++]] = std::move(*typed);
        }
    }
    if (at < columns.size() && node.n_cols > 0)
        return refuse(-1, "42601", "INSERT has more target columns than expressions");
    return cells;
}

/// Every column gets a value but generated ones, and a numbered one that is left to the engine.
Parsed<void> take_rows(const Schema& schema, std::vector<std::vector<Cell>> rows,
                       RoutineStatement& made) {
    const Table& table = *made.table;
    made.rows.resize(rows.size());
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        const Column& column = table.columns[c];
        const auto given =
            std::ranges::count_if(rows, [&](const auto& row) { return row[c].has_value(); });
        if (!column.generated_text.empty()) continue;
        if (column.identity != IdentityColumn::None) {
            if (given == 0) continue;
            if (given != std::ssize(rows)) {
                return not_carried(
                    -1, fmt::format("DEFAULT in some rows for column \"{}\"", column.name),
                    "Write two statements.");
            }
        }
        made.columns.push_back(c);
        for (std::size_t r = 0; r < rows.size(); ++r) {
            auto value = rows[r][c] ? Parsed<Expression>(std::move(*rows[r][c]))
                                    : default_of(schema, column);
            if (!value) return std::unexpected(value.error());
            made.rows[r].push_back(std::move(*value));
        }
    }
    return {};
}

Parsed<void> insert_query(Analyzer& analyzer, const Schema& schema, const PgQuery__InsertStmt& node,
                          std::vector<std::size_t> columns, RoutineStatement& made) {
    auto rows = analyzer.query(*node.select_stmt->select_stmt, nullptr);
    if (!rows) return std::unexpected(rows.error());
    if (node.n_cols == 0 && rows->targets.size() < columns.size())
        columns.resize(rows->targets.size());
    if (rows->targets.size() != columns.size()) {
        return refuse(-1, "42601",
                      rows->targets.size() > columns.size()
                          ? "INSERT has more expressions than target columns"
                          : "INSERT has more target columns than expressions");
    }
    made.query = selected_from(std::move(*rows));
    std::vector<Target> given = std::exchange(made.query.targets, {});
    for (std::size_t c = 0; c < made.table->columns.size(); ++c) {
        const Column& column = made.table->columns[c];
        const auto place = std::ranges::find(columns, c);
        const bool left_out = place == columns.end();
        if (left_out && (!column.generated_text.empty() || column.identity != IdentityColumn::None))
            continue;
        Parsed<Expression> value = Expression{};
        if (left_out) {
            value = default_of(schema, column);
        } else {
            if (auto writable = require_writable(column, node, -1); !writable) return writable;
            value = assign_to_column(
                std::move(given[static_cast<std::size_t>(place - columns.begin())].expression),
                column, -1);
        }
        if (!value) return std::unexpected(value.error());
        made.columns.push_back(c);
        made.query.targets.push_back({column.name, std::move(*value)});
    }
    made.rows_from_query = true;
    return {};
}

Parsed<std::vector<std::size_t>> conflict_key(const Table& table,
                                              const PgQuery__OnConflictClause& node) {
    std::vector<std::size_t> key;
    if (node.infer == nullptr) return key;
    if (given(node.infer->conname)) {
        const auto named = [&](const Key& other) { return other.name == node.infer->conname; };
        if (named(table.primary_key)) return table.primary_key.columns;
        const auto found = std::ranges::find_if(table.unique_keys, named);
        if (found != table.unique_keys.end()) return found->columns;
        return refuse(node.location, "42704",
                      fmt::format("constraint \"{}\" for table \"{}\" does not exist",
                                  node.infer->conname, table.name));
    }
    if (node.infer->where_clause != nullptr)
        return not_carried(node.location, "ON CONFLICT with a condition on the index",
                           "Use a unique index without a condition.");
    for (std::size_t i = 0; i < node.infer->n_index_elems; ++i) {
        const auto& element = *node.infer->index_elems[i]->index_elem;
        if (element.expr != nullptr)
            return not_carried(node.location, "ON CONFLICT over an expression", "Name columns.");
        auto column = written_column(table, text_of(element.name), node.location);
        if (!column) return std::unexpected(column.error());
        key.push_back(*column);
    }
    if (is_unique(table, key)) return key;
    return refuse(node.location, "42P10",
                  "there is no unique or exclusion constraint matching the ON CONFLICT "
                  "specification");
}

Parsed<ConflictClause> conflict_of(Analyzer& analyzer, const Schema& schema, const Table& table,
                                   const std::string& alias,
                                   const PgQuery__OnConflictClause& node) {
    auto key = conflict_key(table, node);
    if (!key) return std::unexpected(key.error());
    ConflictClause made{.key = std::move(*key)};
    made.update = node.action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;
    if (made.update && made.key.empty()) {
        return refuse(node.location, "42601",
                      "ON CONFLICT DO UPDATE requires inference specification or constraint name",
                      "For example, ON CONFLICT (column_name).");
    }
    Query around;
    around.relations.push_back({.table = &table, .alias = alias});
    around.relations.push_back({.table = &table, .alias = "excluded"});
    for (std::size_t i = 0; i < node.n_target_list; ++i) {
        const auto& target = *node.target_list[i]->res_target;
        auto column = written_column(table, text_of(target.name), target.location);
        if (!column) return std::unexpected(column.error());
        const Column& known = table.columns[*column];
        auto value = is_default(*target.val)
                         ? default_of(schema, known)
                         : value_for(analyzer, known, *target.val, {.query = &around});
        if (!value) return std::unexpected(value.error());
        made.set.emplace_back(*column, std::move(*value));
    }
    if (node.where_clause != nullptr) {
        auto where = analyzer.condition(*node.where_clause, {.query = &around}, "WHERE");
        if (!where) return std::unexpected(where.error());
        made.where = std::move(*where);
    }
    return made;
}

}  // namespace

Parsed<RoutineStatement> analyze_insert(Analyzer& analyzer, const Schema& schema,
                                        const PgQuery__InsertStmt& node) {
    auto table = written_table(schema, *node.relation);
    if (!table) return std::unexpected(table.error());
    RoutineStatement made{.kind = RoutineStatement::Kind::Insert, .table = *table};
    auto columns = given_columns(**table, node);
    if (!columns) return std::unexpected(columns.error());
    Parsed<void> done;
    if (node.select_stmt == nullptr) {
        done = take_rows(schema, {std::vector<Cell>((*table)->columns.size())}, made);
    } else if (node.select_stmt->select_stmt->n_values_lists > 0) {
        const auto& select = *node.select_stmt->select_stmt;
        std::vector<std::vector<Cell>> rows;
        for (std::size_t i = 0; i < select.n_values_lists; ++i) {
            auto row = row_of(analyzer, **table, node, *columns, *select.values_lists[i]->list);
            if (!row) return std::unexpected(row.error());
            rows.push_back(std::move(*row));
        }
        done = take_rows(schema, std::move(rows), made);
    } else {
        done = insert_query(analyzer, schema, node, std::move(*columns), made);
    }
    if (!done) return std::unexpected(done.error());
    const std::string alias = alias_in(*node.relation);
    if (node.on_conflict_clause != nullptr) {
        auto conflict = conflict_of(analyzer, schema, **table, alias, *node.on_conflict_clause);
        if (!conflict) return std::unexpected(conflict.error());
        made.conflict = std::move(*conflict);
    }
    Query around;
    around.relations.push_back({.table = *table, .alias = alias});
    auto returned =
        add_returning(analyzer, node.returning_list, node.n_returning_list, around, made);
    if (!returned) return std::unexpected(returned.error());
    return made;
}

}  // namespace dunlin::sql
