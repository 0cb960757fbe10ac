#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/schema.h"
#include "engine/sqlite/statement.h"

/// SQLite's refusals in PostgreSQL's words: SQLSTATE and text. Pure.
namespace dunlin::engine::sqlite {

/// `schema` gives constraints their names; without it (null) PostgreSQL's default names are made
/// up.
Error translate(const Failure& failure, const Schema* schema);

Error result_too_large(std::size_t bytes_max);
Error transaction_lost();

/// The columns that SQLite names in "UNIQUE constraint failed: t.a, t.b".
struct NamedColumns {
    std::string table;  // storage name
    std::vector<std::string> columns;
};
NamedColumns named_columns(std::string_view text);

/// The table's name as PostgreSQL prints it: without its schema.
std::string relation_name(std::string_view storage_name);

}  // namespace dunlin::engine::sqlite
