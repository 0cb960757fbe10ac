#pragma once

#include "core/schema.h"
#include "query/body.h"
#include "query/rest_query.h"

namespace dunlin::query {

/// A PUT names one row: its filters are the whole primary key with `eq`, and the body has the same
/// values. Fails with PGRST105, PGRST114 (limit or offset), PGRST115, and 22P02 and kin.
Result<void> check_single_upsert(const Table& table, const RestQuery& query, const Body& body);

}  // namespace dunlin::query
