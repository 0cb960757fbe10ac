#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <vector>

#include "core/schema.h"
#include "core/value.h"
#include "query/rest_query.h"

/// The JSON body of a write.
namespace dunlin::query {

/// The objects of a body: one, or those of an array. Fails with PGRST102.
Result<std::vector<const boost::json::object*>> body_objects(const boost::json::value& body);

/// The columns that the body sets, as indexes: those of `columns`, or the keys that all objects
/// share. Fails with PGRST102 `All object keys must match` and as writable_column().
Result<std::vector<std::size_t>> given_columns(
    const Table& table, Command command, const RestQuery& query,
    const std::vector<const boost::json::object*>& objects);

/// The value of a column in a new row; `given` is null for a missing key, which is NULL. Fails with
/// 428C9 for a column that takes no values, 23502 for null in a numbered one, 22P02 and kin.
Result<Value> insertable_value(const Table& table, const Column& column,
                               const boost::json::value* given);

/// As above for UPDATE … SET.
Result<Value> updatable_value(const Table& table, const Column& column,
                              const boost::json::value* given);

}  // namespace dunlin::query
