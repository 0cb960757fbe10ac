#include "stamp.h"

#include <fmt/format.h>

#include <charconv>

namespace dunlin::bench {

namespace {

constexpr std::string_view name = "seq=";
constexpr std::size_t lane_digits = 6, number_digits = 8, due_digits = 15;
constexpr std::size_t number_at = name.size() + lane_digits + 1;
constexpr std::size_t due_at = number_at + number_digits + 1;
static_assert(due_at + due_digits == stamp_text_bytes);

template <class Number>
Number read(std::string_view digits) {
    Number value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

}  // namespace

std::string stamp_text(const Stamp& stamp) {
    return fmt::format("seq={:06}.{:08}.{:015}", stamp.lane, stamp.number, stamp.due_us);
}

std::optional<Stamp> next_stamp(std::string_view text, std::size_t& at) {
    const std::size_t found = text.find(name, at);
    if (found == std::string_view::npos || text.size() - found < stamp_text_bytes) return {};
    const std::string_view stamp = text.substr(found, stamp_text_bytes);
    at = found + stamp_text_bytes;
    return Stamp{.lane = read<std::uint32_t>(stamp.substr(name.size(), lane_digits)),
                 .number = read<std::uint64_t>(stamp.substr(number_at, number_digits)),
                 .due_us = read<std::int64_t>(stamp.substr(due_at, due_digits))};
}

}  // namespace dunlin::bench
