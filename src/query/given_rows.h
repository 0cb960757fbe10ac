#pragma once

#include <string>
#include <string_view>

#include "query/read_plan.h"

/// Rows that come to a statement as JSON: an array for each, read back as columns of their table.
namespace dunlin::query {

/// A value that json_each() gives, as one of `type` is stored.
std::string decoded(const Type& type, std::string value);

/// `(select …) as` is to follow: the rows of `table` that the first parameter gives.
std::string given_rows(const Table& table);

/// The column with the place of the parent in keyed_rows().
constexpr std::string_view parent_place = "\"?parent\"";

/// The rows that `relation` gives for the row `parent_alias` of the statement around.
std::string correlated_rows(const ComputedRelation& relation, std::string_view parent_alias,
                            std::string_view alias);

/// The rows that it gives for all rows of `parent`, whose columns that are not hidden the first
/// parameter gives; each with parent_place.
std::string keyed_rows(const ComputedRelation& relation, const Table& parent,
                       std::string_view alias);

}  // namespace dunlin::query
