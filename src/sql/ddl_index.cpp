#include <fmt/format.h>

#include "sql/ddl.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

/// What an index is over: SQLite texts of its terms, and a name for its default name.
struct Terms {
    std::vector<std::string> texts;
    std::vector<std::size_t> columns;  // plain ones
    std::string name;
};

Done add_term(Builder& builder, const Table& table, const PgQuery__IndexElem& element, int at,
              Terms& terms) {
    std::string text;
    if (given(element.name)) {
        auto column = find_column(table, element.name, at);
        if (!column) return std::unexpected(column.error());
        terms.columns.push_back(*column);
        terms.name += (terms.name.empty() ? "" : "_") + table.columns[*column].name;
        text = quote_identifier(element.name);
    } else {
        auto expression = analyze_expression(builder.schema, &table, *element.expr);
        if (!expression) return std::unexpected(expression.error());
        if (auto plain = require_plain(*expression, at, "an index expression", true); !plain)
            return plain;
        const bool call = element.expr->node_case == PG_QUERY__NODE__NODE_FUNC_CALL;
        const auto* function = call ? element.expr->func_call : nullptr;
        terms.name += (terms.name.empty() ? "" : "_") +
                      (call ? string_of(*function->funcname[function->n_funcname - 1]) : "expr");
        text = "(" + sqlite_text(*expression, "") + ")";
    }
    if (element.n_collation > 0 && dotted_name(element.collation, element.n_collation) != "C") {
        return not_carried(at, "COLLATE in an index",
                           "Text is ordered by its bytes; leave COLLATE out.");
    }
    if (element.n_opclass > 0) builder.note("the operator class of an index has no effect");
    if (element.ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC) text += " DESC";
    terms.texts.push_back(std::move(text));
    return {};
}

Parsed<std::string> predicate_text(Builder& builder, const Table& table, const PgQuery__Node& node,
                                   int at) {
    auto condition = analyze_expression(builder.schema, &table, node, &bool_type());
    if (!condition) return std::unexpected(condition.error());
    if (auto plain = require_plain(*condition, at, "an index predicate", true); !plain) {
        return std::unexpected(plain.error());
    }
    return sqlite_text(*condition, "");
}

/// True when the statement asks for nothing that is done here; a note says why.
Parsed<bool> is_only_noted(Builder& builder, const PgQuery__IndexStmt& statement) {
    const std::string method = text_of(statement.access_method);
    if (method.empty() || method == "btree") return false;
    if (statement.unique != 0) {
        return not_carried(statement.relation->location, fmt::format("a unique {} index", method),
                           "Leave USING out.");
    }
    builder.note(fmt::format("index \"{}\" is not made: there are no {} indexes on SQLite",
                             text_of(statement.idxname), method));
    return true;
}

}  // namespace

std::string index_head(const Table& table, const Index& index) {
    return fmt::format("CREATE {}INDEX {} ON {} ", index.unique ? "UNIQUE " : "",
                       quote_identifier(storage_name({table.schema, index.name})),
                       quote_identifier(table.storage_name()));
}

Done create_index(Builder& builder, const PgQuery__IndexStmt& statement) {
    const int at = statement.relation->location;
    auto found = find_table(builder, relation_name(*statement.relation), at);
    if (!found) return std::unexpected(found.error());
    Table& table = **found;
    auto noted = is_only_noted(builder, statement);
    if (!noted) return std::unexpected(noted.error());
    if (*noted) return {};
    if (statement.nulls_not_distinct != 0) {
        return not_carried(at, "NULLS NOT DISTINCT", "Make the columns NOT NULL.");
    }
    Terms terms;
    for (std::size_t i = 0; i < statement.n_index_params; ++i) {
        auto done = add_term(builder, table, *statement.index_params[i]->index_elem, at, terms);
        if (!done) return done;
    }
    Index index{.name = text_of(statement.idxname),
                .unique = statement.unique != 0,
                .columns = {},
                .sqlite_text = {}};
    if (index.name.empty())
        index.name = free_constraint_name(builder, table, {table.name, terms.name, "idx"});
    if (auto free = require_free_name(builder, {table.schema, index.name}, at); !free) {
        if (statement.if_not_exists == 0) return free;
        builder.note(fmt::format("index \"{}\" already exists, skipping", index.name));
        return {};
    }
    if (terms.columns.size() == terms.texts.size()) index.columns = terms.columns;
    index.sqlite_text = index_head(table, index) + "(" + join(terms.texts, ", ") + ")";
    if (statement.where_clause != nullptr) {
        auto predicate = predicate_text(builder, table, *statement.where_clause, at);
        if (!predicate) return std::unexpected(predicate.error());
        index.sqlite_text += " WHERE " + *predicate;
    }
    if (statement.n_index_including_params > 0) builder.note("INCLUDE has no effect on an index");
    builder.run(index.sqlite_text);
    table.indexes.push_back(std::move(index));
    return {};
}

}  // namespace dunlin::sql
