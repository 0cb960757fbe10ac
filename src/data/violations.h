#pragma once

#include <boost/json/value.hpp>
#include <vector>

#include "core/result.h"
#include "core/schema.h"
#include "engine/engine.h"

/// Finds out what SQLite does not say about a broken constraint, so that the error reads as
/// PostgreSQL's: which key, which value, which table. Runs a few look-ups, only after a failure.
namespace dunlin::data {

/// For an insert or update of `rows` (a JSON object or array of objects): adds details to a 23505, names
/// the constraint and adds details to a 23503. Other errors come back as they are.
Error explain_written(engine::Session& session, const Schema& schema, const Table& table,
                      const boost::json::value& rows, Error error);

/// For a delete (or key update) of the parent rows `rows`, in the table's column order.
Error explain_referenced(engine::Session& session, const Schema& schema, const Table& table,
                         const std::vector<Row>& rows, Error error);

}  // namespace dunlin::data
