#include <fmt/format.h>

#include <algorithm>

#include "sql/ddl_index.h"
#include "sql/search_index.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

void add_columns(const Expression& expression, std::vector<std::string>& columns) {
    const bool fresh = expression.kind == Expression::Kind::Column &&
                       std::ranges::find(columns, expression.name) == columns.end();
    if (fresh) columns.push_back(expression.name);
    for (const Expression& argument : expression.arguments) add_columns(argument, columns);
}

/// What PostgreSQL's text of the only term is; "" for several terms and conditions, which a
/// full-text index here has not.
std::string only_term(const PgQuery__IndexStmt& statement) {
    if (statement.n_index_params != 1 || statement.where_clause != nullptr) return "";
    const auto& element = *statement.index_params[0]->index_elem;
    if (given(element.name)) return quote_identifier(element.name);
    return deparse_expression(*element.expr);
}

}  // namespace

std::optional<SearchIndex> read_search_index(const Schema& schema, const Table& table,
                                             std::string_view index_name, std::string text) {
    const auto vector = analyze_expression(schema, &table, text);
    if (!vector || !is_scalar(vector->type, TypeKind::TsVector)) return std::nullopt;
    if (!require_plain(*vector, -1, "an index expression", true)) return std::nullopt;
    if (sqlite_text(*vector, "").contains(SearchIndex::row_mark) || table.row_number().empty())
        return std::nullopt;
    SearchIndex index{.table = fmt::format("{}{}_words", search_prefix,
                                           storage_name({table.schema, std::string(index_name)})),
                      .vector_text = std::move(text),
                      .vector_pattern = sqlite_text(*vector, SearchIndex::row_mark)};
    add_columns(*vector, index.columns);
    return index;
}

Done refresh_search_indexes(const Schema& schema, Table& table, int offset) {
    for (Index& index : table.indexes) {
        if (!index.search) continue;
        auto fresh = read_search_index(schema, table, index.name, index.search->vector_text);
        if (!fresh) {
            return refuse(
                offset, "2BP01",
                fmt::format("cannot alter table \"{}\" because index \"{}\" depends on it",
                            table.name, index.name),
                "Drop the index first and create it again after the change.");
        }
        index.search = std::move(*fresh);
    }
    return {};
}

void make_search_indexes(Builder& builder, const Table& table) {
    for (const Index& index : table.indexes) {
        if (index.search) make_index(builder, table, index);
    }
}

void unmake_search_indexes(Builder& builder, const Table& table) {
    for (const Index& index : table.indexes) {
        if (index.search) unmake_index(builder, table, index);
    }
}

Parsed<bool> create_search_index(Builder& builder, Table& table,
                                 const PgQuery__IndexStmt& statement) {
    std::string text = only_term(statement);
    if (text.empty()) return false;
    Index index{.name = text_of(statement.idxname), .columns = {}, .sqlite_text = {}};
    if (index.name.empty()) index.name = default_index_name(builder, table, statement);
    index.search = read_search_index(builder.schema, table, index.name, std::move(text));
    if (!index.search) return false;
    const int at = statement.relation->location;
    if (auto free = require_free_name(builder, {table.schema, index.name}, at); !free) {
        if (statement.if_not_exists == 0) return std::unexpected(free.error());
        builder.note(fmt::format("index \"{}\" already exists, skipping", index.name));
        return true;
    }
    make_index(builder, table, index);
    table.indexes.push_back(std::move(index));
    return true;
}

}  // namespace dunlin::sql
