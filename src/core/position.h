#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace dunlin {

/// A place in the change log: the epoch of the database and a dense sequence number in it.
///
/// Sequence zero is before the first change. The epoch changes when a database is restored from a
/// backup, so that a position of a lost future is recognised. Opaque to clients; the text form
/// `EPOCH-SEQUENCE` (both decimal) is part of the protocol (docs/protocol/realtime.md).
struct Position {
    std::uint64_t epoch = 0;
    std::uint64_t sequence = 0;

    /// Fails with InvalidInput for anything but the text form.
    static Result<Position> parse(std::string_view text);
    std::string to_string() const;

    friend auto operator<=>(const Position&, const Position&) = default;
};

}  // namespace dunlin
