#include "core/position.h"

#include <charconv>

namespace dunlin {

namespace {

bool parse_number(std::string_view text, std::uint64_t& number) {
    const auto* end = text.data() + text.size();
    const auto [stopped, failure] = std::from_chars(text.data(), end, number);
    return failure == std::errc{} && stopped == end && !text.empty();
}

}  // namespace

Result<Position> Position::parse(std::string_view text) {
    const auto dash = text.find('-');
    Position position;
    if (dash == std::string_view::npos || !parse_number(text.substr(0, dash), position.epoch) ||
        !parse_number(text.substr(dash + 1), position.sequence)) {
        return std::unexpected(
            Error{ErrorCode::InvalidInput,
                  "a position looks like 12-345: two decimal numbers and a dash"});
    }
    return position;
}

std::string Position::to_string() const {
    return std::to_string(epoch) + "-" + std::to_string(sequence);
}

}  // namespace dunlin
