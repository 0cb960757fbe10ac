#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/functions/arguments.h"

/// Characters of UTF-8 text, for functions that count them. Stored text is valid UTF-8.
namespace dunlin::functions {

bool starts_character(char c);
/// How many characters there are.
std::int64_t character_count(std::string_view text);
/// Byte offset of the character with that zero-based number, or the end.
std::size_t character_offset(std::string_view text, std::int64_t number);
/// `count` characters from the zero-based `first`; both may reach outside.
std::string character_slice(std::string_view text, std::int64_t first, std::int64_t count);
/// The text cut into its characters, which it must outlive.
std::vector<std::string_view> characters_of(std::string_view text);

/// The code point at the front of non-empty text.
std::uint32_t code_point(std::string_view character);
void append_utf8(std::uint32_t code_point, std::string& out);

/// Fails with 54000 when a function would make more than limits::function_text_bytes_max.
Result<void> require_text_size(std::uint64_t bytes);

}  // namespace dunlin::functions
