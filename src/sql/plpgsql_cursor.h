#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "sql/analyzer.h"
#include "sql/plpgsql_scanner.h"
#include "sql/plpgsql_tree.h"

namespace dunlin::sql::plpgsql {

/// Reads the tokens of a body from left to right. Internal to the parser.
class Cursor {
public:
    Cursor(std::string_view body, std::vector<SqlToken> tokens)
        : body_(body), tokens_(std::move(tokens)) {}

    const SqlToken& peek(std::size_t ahead = 0) const;
    SqlToken next();
    bool at(std::string_view word) const { return peek().is(word); }
    bool at_end() const { return peek().kind == SqlToken::Kind::End; }
    /// Takes the next token when it is `word`.
    bool take(std::string_view word);
    Parsed<void> expect(std::string_view word);
    Parsed<std::string> name();
    /// Names with dots between them.
    Parsed<Target> target();

    /// Everything up to one of `ends` outside of parentheses, which is not taken. Fails with 42601
    /// when there is nothing, or no end.
    Parsed<Fragment> until(std::initializer_list<std::string_view> ends);
    /// What stands between two offsets.
    Fragment between(int from, int to) const;
    /// `syntax error at or near …` at the next token.
    std::unexpected<Refusal> unexpected() const;

private:
    std::string_view body_;
    std::vector<SqlToken> tokens_;  // the last is End
    std::size_t at_ = 0;
};

}  // namespace dunlin::sql::plpgsql
