#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/schema.h"
#include "realtime/live_filter.h"
#include "realtime/subscription_index.h"
#include "realtime/table_groups.h"

namespace dunlin::realtime {

/// One entry of `postgres_changes` in a join, as the client wrote it.
struct BindingRequest {
    std::string event;
    std::optional<std::string> schema{};
    std::optional<std::string> table{};
    std::optional<std::string> filter{};
    std::vector<std::string> select{};  // empty: every column
};

/// The columns that a `select` leaves, in table order, the primary key among them.
using Projection = std::vector<std::size_t>;

/// A binding whose names mean something to a role. Tables and columns are borrowed from the Schema
/// as that role sees it.
struct Binding {
    std::uint64_t id = 0;
    KindSet kinds = 0;
    std::vector<const Table*> tables{};          // several for a wildcard or group
    std::shared_ptr<const LiveFilter> filter{};  // null for none; shared with the index
    std::shared_ptr<const Projection>
        projection{};           // null for every column; shared with deliveries
    std::string description{};  // for error texts: "[event: *, schema: public, ...]"
};

/// Fails with InvalidInput when a field is not of its type; the message says which.
Result<BindingRequest> read_binding_request(const boost::json::object& object);

/// The same for the same request, never 0, below 2^53 so that JavaScript keeps it exactly.
std::uint64_t binding_id(const BindingRequest& request);

/// The table `group:NAME` stands for the tables of that group, as a wildcard does; the schema is
/// then not looked at. Fails with upstream's text for the `system` message: nothing named, unknown
/// schema, table, group or column, a bad filter, a filter or select on a wildcard or group.
Result<Binding> resolve_binding(const Schema& schema, const TableGroups& groups,
                                const BindingRequest& request);

/// The columns that a binding shows of one of its tables: those of its `select` that its role may
/// read; null for all there are.
std::shared_ptr<const Projection> projection_of(const Binding& binding, const Table& table);

/// "Unable to subscribe to changes with given parameters. ...", then the reason.
std::string unable_to_subscribe(const std::string& description, const std::string& reason);

}  // namespace dunlin::realtime
