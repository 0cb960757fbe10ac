#include "query/cursor.h"

#include <fmt/format.h>

#include <algorithm>

namespace dunlin::query {

namespace {

bool starts_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

/// In quotes, as Haskell's show: the text is part of PostgREST's message.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    out.push_back('"');
    return out;
}

std::string_view character_at(std::string_view text, std::size_t position) {
    std::size_t end = position + 1;
    while (end < text.size() && !starts_character(text[end])) ++end;
    return text.substr(position, end - position);
}

}  // namespace

std::string_view Cursor::take_until(std::string_view stops) {
    const std::size_t end = std::min(text_.find_first_of(stops, position_), text_.size());
    const auto taken = text_.substr(position_, end - position_);
    position_ = end;
    return taken;
}

Error parse_error(std::string_view what, std::string_view shown, std::string_view parsed,
                  const ParseFailure& failure) {
    if (failure.refusal) return *failure.refusal;
    const std::string_view before = parsed.substr(0, failure.position);
    const auto column = std::count_if(before.begin(), before.end(), starts_character) + 1;
    const std::string found = failure.position < parsed.size()
                                  ? quoted(character_at(parsed, failure.position))
                                  : "end of input";
    return Error{ErrorCode::InvalidInput,
                 fmt::format("{} (line 1, column {})",
                             quoted(fmt::format("failed to parse {} ({})", what, shown)), column),
                 "PGRST100", fmt::format("unexpected {} expecting {}", found, failure.expecting)};
}

Error limit_error(std::string message) {
    return Error{ErrorCode::LimitExceeded, std::move(message), "54000"};
}

}  // namespace dunlin::query
