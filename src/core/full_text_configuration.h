#pragma once

#include <string>
#include <string_view>

#include "core/full_text.h"
#include "core/full_text_tokens.h"

namespace dunlin::full_text {

/// A text search configuration: what becomes of a word.
struct Configuration {
    std::string_view name;             // as in pg_ts_config
    std::string_view algorithm;        // Snowball's, "" for none
    std::string_view ascii_algorithm;  // of words in ASCII letters
};

/// Where none is named.
inline constexpr std::string_view default_configuration = "english";

/// By "english" or "pg_catalog.english". Fails with 42704 `text search configuration "x" does not
/// exist`.
Result<const Configuration*> find_configuration(std::string_view name);

/// The lexeme of a token, "" for a stop word.
std::string lexeme_of(const Configuration& configuration, const Token& token);

/// PostgreSQL's to_tsvector(). Fails with 54000 over 1 MiB of lexemes.
Result<Vector> to_vector(const Configuration& configuration, std::string_view text);
/// Of the strings in a JSON value; between two of them is a gap, so that no phrase spans them.
Result<Vector> json_to_vector(const Configuration& configuration, std::string_view json);

enum class QueryForm : std::uint8_t {
    Expression,  // to_tsquery: a tsquery whose operands are text
    Plain,       // plainto_tsquery: all words
    Phrase,      // phraseto_tsquery: all words in order
    Web,         // websearch_to_tsquery: quotes, or, -; never a syntax error
};

/// Nothing when all words are stop words. Fails as read_query() does.
Result<std::optional<Query>> to_query(QueryForm form, const Configuration& configuration,
                                      std::string_view text);

}  // namespace dunlin::full_text
