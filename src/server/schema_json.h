#pragma once

#include <boost/json/object.hpp>

#include "core/schema.h"

namespace dunlin::server {

/// The schema as `dunlin schema` prints it: tables and views with columns, constraints, indexes and
/// policies, and enums, in PostgreSQL's words (docs/guide/sql.md). Pure.
boost::json::object schema_json(const Schema& schema);

}  // namespace dunlin::server
