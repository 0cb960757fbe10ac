#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

/// PostgreSQL's full-text search: tsvector, tsquery and the way from text to both. The stored form
/// of each is PostgreSQL's output text (docs/guide/full-text-search.md). Pure; thread-safe.
namespace dunlin::full_text {

/// 0 to 3 for the weights D to A.
using Weight = std::uint8_t;

struct Position {
    std::uint16_t at = 1;  // 1 to 16383
    Weight weight = 0;
    friend bool operator==(const Position&, const Position&) = default;
};

struct Lexeme {
    std::string text;
    std::vector<Position> positions{};  // ascending; none in a stripped vector
};

/// A tsvector: lexemes ordered by their bytes, each once.
using Vector = std::vector<Lexeme>;

/// A tsquery or a part of it.
struct Query {
    enum class Kind : std::uint8_t {
        Lexeme,  // text, prefix, weights
        Stop,    // a word that the configuration drops; in no finished query
        Not,     // operands[0]
        And,
        Or,
        Phrase,  // operands[1] stands `distance` behind operands[0]
    };
    Kind kind = Kind::Lexeme;
    std::string text{};
    bool prefix = false;
    std::uint8_t weights = 0;  // bit n: weight n; 0 means any
    int distance = 1;
    std::vector<Query> operands{};
};

/// Reads `'fat':2,4A 'rat':3`. Fails with 42601 `syntax error in tsvector: "x"`.
Result<Vector> read_vector(std::string_view text);
std::string print_vector(const Vector& vector);
/// Orders lexemes and positions, and makes each unique.
void normalize(Vector& vector);

/// Reads `'fat' & ( 'rat' | !'cat':*A ) <-> 'dog'`; nothing for a query without operands. Fails
/// with 42601 `syntax error in tsquery: "x"`, and with 54000 beyond limits::search_terms_max.
Result<std::optional<Query>> read_query(std::string_view text);
std::string print_query(const std::optional<Query>& query);

/// The stored form of what PostgreSQL's input functions read.
Result<std::string> parse_vector(std::string_view text);
Result<std::string> parse_query(std::string_view text);

/// Whether a vector in its stored form can match: false only when it does not. Reads no more than
/// it must, so that most rows of a search need not be parsed.
bool may_match(std::string_view stored_vector, const std::optional<Query>& query);

/// `vector @@ query`. A query without operands matches nothing.
bool matches(const Vector& vector, const std::optional<Query>& query);

}  // namespace dunlin::full_text
