#include <fmt/format.h>

#include "sql/ddl_index.h"
#include "sql/search_index.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

/// What an index is over: SQLite texts of its terms.
struct Terms {
    std::vector<std::string> texts;
    std::vector<std::size_t> columns;  // plain ones
};

Done add_term(Builder& builder, const Table& table, const PgQuery__IndexElem& element, int at,
              Terms& terms) {
    std::string text;
    if (given(element.name)) {
        auto column = find_column(table, element.name, at);
        if (!column) return std::unexpected(column.error());
        terms.columns.push_back(*column);
        text = quote_identifier(element.name);
    } else {
        auto expression = analyze_expression(builder.schema, &table, *element.expr);
        if (!expression) return std::unexpected(expression.error());
        if (auto plain = require_plain(*expression, at, "an index expression", true); !plain)
            return plain;
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

/// An index of another kind: of those only full-text indexes are made, the others are noted.
Done create_other_index(Builder& builder, Table& table, const PgQuery__IndexStmt& statement) {
    const std::string method = text_of(statement.access_method);
    if (statement.unique != 0) {
        return not_carried(statement.relation->location, fmt::format("a unique {} index", method),
                           "Leave USING out.");
    }
    if (method == "gin" || method == "gist") {
        const auto made = create_search_index(builder, table, statement);
        if (!made) return std::unexpected(made.error());
        if (*made) return {};
        builder.note(fmt::format("index \"{}\" is not made: a {} index is made over one tsvector",
                                 text_of(statement.idxname), method));
        return {};
    }
    builder.note(fmt::format("index \"{}\" is not made: there are no {} indexes on SQLite",
                             text_of(statement.idxname), method));
    return {};
}

std::string term_name(const PgQuery__IndexElem& element) {
    if (given(element.name)) return element.name;
    if (element.expr->node_case != PG_QUERY__NODE__NODE_FUNC_CALL) return "expr";
    const auto& function = *element.expr->func_call;
    return string_of(*function.funcname[function.n_funcname - 1]);
}

}  // namespace

std::string default_index_name(const Builder& builder, const Table& table,
                               const PgQuery__IndexStmt& statement) {
    std::string terms;
    for (std::size_t i = 0; i < statement.n_index_params; ++i) {
        terms += (terms.empty() ? "" : "_") + term_name(*statement.index_params[i]->index_elem);
    }
    return free_constraint_name(builder, table, {table.name, terms, "idx"});
}

std::string index_tail(const Table& table, const Index& index) {
    return index.search ? "" : index.sqlite_text.substr(index_head(table, index).size());
}

void make_index(Builder& builder, const Table& table, const Index& index) {
    if (!index.search) return builder.run(index.sqlite_text);
    for (std::string& sql : search_index_statements(table, *index.search))
        builder.run(std::move(sql));
}

void unmake_index(Builder& builder, const Table& table, const Index& index) {
    if (!index.search) {
        const std::string name = storage_name({table.schema, index.name});
        return builder.run("DROP INDEX " + quote_identifier(name));
    }
    for (std::string& sql : search_drop_statements(*index.search)) builder.run(std::move(sql));
}

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
    const std::string method = text_of(statement.access_method);
    if (!method.empty() && method != "btree") return create_other_index(builder, table, statement);
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
    if (index.name.empty()) index.name = default_index_name(builder, table, statement);
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
    make_index(builder, table, index);
    table.indexes.push_back(std::move(index));
    return {};
}

}  // namespace dunlin::sql
