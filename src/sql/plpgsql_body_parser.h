#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "sql/plpgsql_cursor.h"
#include "sql/plpgsql_tree.h"

namespace dunlin::sql::plpgsql {

/// The remedy for EXECUTE.
constexpr std::string_view fixed_text =
    "Write the statement itself; names of tables and columns have to be known.";

/// 0A000 for what is not carried in a body.
std::unexpected<Refusal> not_in_routine(int offset, std::string_view what, std::string_view remedy);

/// Recursive descent over the tokens of a body. Internal to the module.
class BodyParser {
public:
    explicit BodyParser(Cursor cursor) : in_(std::move(cursor)) {}

    Parsed<Statement> body();

private:
    Parsed<Statement> block();
    Parsed<Declaration> declaration();
    Parsed<void> declared_type(Declaration& declared);
    Parsed<Statements> statements(std::initializer_list<std::string_view> ends);
    Parsed<Statement> statement();
    Parsed<Statement> plain_statement(Statement made);
    Parsed<Statement> if_statement(Statement made);
    Parsed<Statement> case_statement(Statement made);
    Parsed<Statement> raise(Statement made);
    Parsed<void> raise_options(Statement& made);
    Parsed<Statement> returning(Statement made);
    Parsed<Statement> assignment(Statement made);
    Parsed<Statement> sql(Statement made);
    Parsed<void> into(Statement& made);
    Parsed<std::string> label();
    bool is_assignment() const;
    bool at_block() const;

    Cursor in_;
    std::size_t depth_ = 0;
};

}  // namespace dunlin::sql::plpgsql
