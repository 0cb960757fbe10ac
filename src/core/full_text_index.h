#pragma once

#include <optional>
#include <string>

#include "core/full_text.h"

/// What of a tsvector and a tsquery an FTS5 index sees: docs/formats/search-index.md. The index
/// finds every vector that can match and some that do not, so whoever asks it also asks matches().
/// Pure.
namespace dunlin::full_text {

/// A word that every document has.
inline constexpr std::string_view every_document = "_";

/// The lexemes of a vector as one text.
std::string index_document(const Vector& vector);

/// The FTS5 query that finds the documents of all vectors that match `query`. Nothing when it
/// leaves none out: a query of negations, or one nested too deeply for FTS5's parser.
std::optional<std::string> index_query(const std::optional<Query>& query);

/// What index_query() gives, or the query that finds every document.
std::string index_query_or_all(const std::optional<Query>& query);

/// The FTS5 query that finds nothing.
std::string no_document();

}  // namespace dunlin::full_text
