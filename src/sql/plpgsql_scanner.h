#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/parser.h"

namespace dunlin::sql {

/// A token of PostgreSQL's SQL, with where it stands in the text. Comments are left out.
struct SqlToken {
    enum class Kind : std::uint8_t { Word, QuotedWord, String, Number, Parameter, Symbol, End };
    Kind kind = Kind::End;
    int from = 0;
    int to = 0;
    /// Words in lower case (quoted ones as they are), the content of a string, symbols as written.
    std::string text{};
    bool keyword = false;

    bool is(std::string_view word) const {
        return text == word && (kind == Kind::Word || kind == Kind::Symbol);
    }
};

/// All tokens, then End. Fails with 42601 as the parser does.
Parsed<std::vector<SqlToken>> scan(std::string_view text);

}  // namespace dunlin::sql
