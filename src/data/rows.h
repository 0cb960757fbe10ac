#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/position.h"

namespace dunlin::data {

/// Rows as text, ready to be sent.
struct Rows {
    std::string json = "[]";  // or CSV: see RowFormat
    std::uint64_t count = 0;
    /// All rows that match, without limit and offset; only when it was asked for.
    std::optional<std::uint64_t> total{};
    /// Of the snapshot that was read; only when it was asked for.
    std::optional<Position> position{};
};

enum class RowFormat : std::uint8_t {
    Json,          // an array of objects
    JsonStripped,  // the same without members that are null, at every level
    Csv,           // a line of names, then one for each row; embedded rows as JSON
};

/// Whether the plan of the statement is wanted instead of its rows, and how.
enum class PlanForm : std::uint8_t { None, Text, Json };

}  // namespace dunlin::data
