#pragma once

#include "server/typescript_text.h"

namespace dunlin::server {

/// Prints `name: { Row, Insert, Update, Relationships }` of a table, or `name: { Row, Relationships
/// }` of a view.
void print_relation(TypeScriptLines& out, const TypeScriptTypes& types, const Table& table);

}  // namespace dunlin::server
