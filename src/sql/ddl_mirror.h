#pragma once

#include "sql/ddl.h"

/// Mirrored columns: `comment on column t.c is 'dunlin: mirrors other.column via key_column'`.
namespace dunlin::sql {

/// Whether a comment is meant for this server, and so has to be right.
bool is_directive(std::string_view comment);

/// Brings the triggers, indexes and values of mirrored columns in line with the comments, after
/// a statement that may have changed either. Fails with 42601 for a directive that is none, 42P01
/// and 42703 for unknown names, 42830 without the foreign key, 42804 for another type, 0A000 for
/// what cannot be mirrored.
Done sync_mirrors(Builder& builder);

}  // namespace dunlin::sql
