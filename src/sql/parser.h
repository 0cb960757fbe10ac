#pragma once

#include <pg_query/pg_query.pb-c.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace dunlin::sql {

/// A refusal with the place it is about: a byte offset into the parsed text, -1 when unknown.
struct Refusal {
    Error error;
    int offset = -1;
};

template <typename T>
using Parsed = std::expected<T, Refusal>;

/// The parse tree of a text; owns every node.
class SyntaxTree {
public:
    explicit SyntaxTree(PgQuery__ParseResult* result);
    ~SyntaxTree();
    SyntaxTree(SyntaxTree&& other) noexcept;
    SyntaxTree& operator=(SyntaxTree&&) = delete;

    /// Each with stmt, stmt_location and stmt_len (0: to the end) in bytes.
    std::vector<const PgQuery__RawStmt*> statements() const;

private:
    PgQuery__ParseResult* result_;
};

/// Parses PostgreSQL's SQL with libpg_query, on a thread with a large stack
/// (`limits::parser_stack_bytes`), because its recursion needs 2 KB a level.
/// Fails with 42601 and PostgreSQL's text, or 54000 for a statement over
/// `limits::statement_bytes_max` or a text over `limits::migration_bytes_max`. Thread-safe; blocks
/// for the parse.
Parsed<SyntaxTree> parse(std::string_view text);

/// PostgreSQL text of an expression node, e.g. for Column::default_text.
std::string deparse_expression(const PgQuery__Node& expression);
/// PostgreSQL text of a whole statement node.
std::string deparse_statement(const PgQuery__Node& statement);

/// 1-based line and column (characters) of a byte offset.
struct LineColumn {
    int line = 1;
    int column = 1;
};
LineColumn line_column(std::string_view text, int offset);

}  // namespace dunlin::sql
