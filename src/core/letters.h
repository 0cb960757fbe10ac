#pragma once

#include <cstddef>
#include <string_view>

/// What the C library's Unicode tables say of the character at the front of UTF-8 text.
namespace dunlin::letters {

/// Bytes of a letter or digit of any script; 0 when there is none. ASCII too.
std::size_t length_of_letter(std::string_view text);

/// Bytes of an accent or vowel mark that combines with the character before it; 0 when there is
/// none.
std::size_t length_of_mark(std::string_view text);

/// Whether the text begins with an ASCII word in any case.
bool starts_with_word(std::string_view text, std::string_view lower_word);

}  // namespace dunlin::letters
