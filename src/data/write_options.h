#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/rows.h"
#include "query/table_sql.h"

/// How a write is to be done and what it gives.
namespace dunlin::data {

/// What the caller wants back from a write. All but Nothing reads what was written, which takes the
/// SELECT rule as well.
enum class Returning : std::uint8_t { Nothing, Location, Representation };

struct WriteOptions {
    Returning returning = Returning::Nothing;
    RowFormat format = RowFormat::Json;
    query::Missing missing = query::Missing::Null;
    query::Resolution resolution = query::Resolution::None;  // inserts
    /// More rows than this are PGRST124, and nothing is written.
    std::optional<std::uint64_t> affected_max{};
    /// Any other number of rows is PGRST116, and nothing is written.
    bool exactly_one = false;
    /// Nothing is done, and the plan of the (first) statement is answered.
    PlanForm plan = PlanForm::None;
    /// Everything is done and answered, then undone: nothing is stored, nobody hears of it.
    bool undo = false;
};

struct WriteResult {
    Rows rows;
    /// Rows that were new; the others an upsert merged.
    std::uint64_t inserted = 0;
    /// The primary key of the one row that was written, as filters (column, `eq.value`); only for
    /// Returning::Location.
    std::vector<std::pair<std::string, std::string>> location{};
};

}  // namespace dunlin::data
