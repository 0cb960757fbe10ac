#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/schema.h"
#include "core/value.h"

/// What `rules explain` is asked about: the table, a row of it, a row as it will be.
namespace dunlin::server {

/// A row as what stands after FROM, named `t`; "" for none.
struct ExplainedRow {
    std::string source{};
    std::vector<Value> parameters{};
};

/// Fails with NotFound; the hint is the nearest name, or all when none is near.
Result<const Table*> find_explained(const Schema& schema, std::string_view schema_name,
                                    std::string_view name);

/// The row whose primary key has these values, separated by commas; nothing for "".
Result<ExplainedRow> row_by_key(const Table& table, std::string_view key);

/// The row with `values` (a JSON object) set: `old_row` with them, or a new one with the defaults
/// of the other columns. Nothing when neither is given.
Result<ExplainedRow> row_of_values(const Schema& schema, const Table& table,
                                   const ExplainedRow& old_row, std::string_view values);

}  // namespace dunlin::server
