#pragma once

#include <string>
#include <string_view>

namespace dunlin::full_text {

/// What ends a word without quotes besides blanks and a colon.
enum class WordsOf : std::uint8_t { Vector, Query };

/// Takes a word from the front of `rest`, quoted or not, as tsvector and tsquery write them. False
/// when there is none, or its quote does not end.
bool take_word(WordsOf kind, std::string_view& rest, std::string& word);

/// Appends `'it''s'`.
void append_quoted(std::string_view word, std::string& out);

void skip_blanks(std::string_view& rest);

}  // namespace dunlin::full_text
