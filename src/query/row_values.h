#pragma once

#include <cstddef>
#include <vector>

#include "core/schema.h"
#include "core/value.h"
#include "query/body.h"
#include "query/rest_query.h"

/// From the body of a write to values of columns.
namespace dunlin::query {

/// A row of the body: the columns it gives, in the order of the table, and their values.
struct RowValues {
    std::vector<std::size_t> columns{};
    std::vector<Value> values{};
};

/// The rows of a body and the columns that count in it, in the order of the table. A row may give
/// fewer.
struct GivenRows {
    std::vector<std::size_t> columns{};
    std::vector<RowValues> rows{};
};

/// What to do about a key that `columns` names and a row lacks.
enum class Missing : std::uint8_t { Null, Default };

/// The rows to insert. The columns are those of `columns` in the query, or the keys that all
/// objects share. With Missing::Default a row leaves out what it lacks, else that is NULL.
/// Fails with PGRST102 `All object keys must match`, as writable_column(), with 428C9 (value for a
/// generated column), 23502 (null for a numbered column), 22P02 and kin (bad value).
Result<GivenRows> insert_values(const Table& table, const RestQuery& query, const Body& body,
                                Missing missing);

/// Whether rows that give the columns may be merged into others. Fails with 42501 for a column that
/// the role may not update.
Result<void> check_mergeable(const Table& table, const std::vector<std::size_t>& columns);

/// The new values of an update, none when there is nothing to set. Fails as insert_values, and with
/// PGRST102 for several objects, 0A000 for a default.
Result<RowValues> update_values(const Table& table, const RestQuery& query, const Body& body,
                                Missing missing);

}  // namespace dunlin::query
