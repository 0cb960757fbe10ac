#pragma once

#include <boost/json/object.hpp>

#include "core/schema.h"

/// The pieces of the OpenAPI document.
namespace dunlin::api {

/// `#/definitions/TABLE`: a row as an object, with PostgREST's notes on keys.
boost::json::object table_definition(const Table& table);
/// The named arguments of a function as an object.
boost::json::object function_definition(const Function& function);
boost::json::object query_parameter(const Parameter& parameter);

/// What every table's operations refer to.
boost::json::object common_parameters();
/// `body.TABLE` and `rowFilter.TABLE.COLUMN`.
void add_table_parameters(const Table& table, boost::json::object& parameters);

}  // namespace dunlin::api
