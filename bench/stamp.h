#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What every message of a benchmark carries, so that its receiver can say whether one is missing,
/// came twice or out of order, was not meant for it, and how long it took.
namespace dunlin::bench {

struct Stamp {
    std::uint32_t lane = 0;    // below 1,000,000; messages of a lane are sent in order
    std::uint64_t number = 0;  // in its lane, from 0 without gaps; below 100,000,000
    std::int64_t due_us = 0;   // when it was to be sent, by the monotonic clock
};

/// `seq=LLLLLL.NNNNNNNN.TTTTTTTTTTTTTTT`, decimal.
std::string stamp_text(const Stamp& stamp);
constexpr std::size_t stamp_text_bytes = 35;

/// The first whole stamp from `at` on; moves `at` behind it. Nothing when there is none.
std::optional<Stamp> next_stamp(std::string_view text, std::size_t& at);

}  // namespace dunlin::bench
