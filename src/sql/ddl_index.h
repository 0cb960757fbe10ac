#pragma once

#include "sql/ddl.h"

/// Indexes in the model and in SQLite. Internal to the module.
namespace dunlin::sql {

/// CREATE INDEX up to the column list, which is all that depends on names of relations.
std::string index_head(const Table& table, const Index& index);
/// What comes behind it in the SQLite text; "" of a full-text index.
std::string index_tail(const Table& table, const Index& index);

/// The default name of PostgreSQL: the table's, then the columns and functions.
std::string default_index_name(const Builder& builder, const Table& table,
                               const PgQuery__IndexStmt& statement);

/// Makes an index of the model in SQLite, filled from the rows that are there.
void make_index(Builder& builder, const Table& table, const Index& index);
/// Takes it out of SQLite.
void unmake_index(Builder& builder, const Table& table, const Index& index);
void make_search_indexes(Builder& builder, const Table& table);
void unmake_search_indexes(Builder& builder, const Table& table);

/// A full-text index over an expression in PostgreSQL's text. Nothing where it is no tsvector or
/// cannot be indexed: a subquery, or what changes with time or caller.
std::optional<SearchIndex> read_search_index(const Schema& schema, const Table& table,
                                             std::string_view index_name, std::string text);
/// Reads the table's full-text indexes anew, after a change of its columns. Fails with 2BP01.
Done refresh_search_indexes(const Schema& schema, Table& table, int offset);

/// CREATE INDEX … USING gin or gist over a tsvector. False when it is over something else.
Parsed<bool> create_search_index(Builder& builder, Table& table,
                                 const PgQuery__IndexStmt& statement);

}  // namespace dunlin::sql
