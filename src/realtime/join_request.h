#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/position.h"
#include "core/result.h"
#include "realtime/binding.h"

namespace dunlin::realtime {

/// The payload of phx_join.
struct JoinRequest {
    bool is_private = false;
    bool broadcast_ack = false;
    std::string access_token{};  // "" for none
    std::optional<Position> resume_from{};
    std::vector<BindingRequest> bindings{};
    /// JSON array of the requested bindings as they were sent, each with its id: the client
    /// compares them field by field and gives up on the first difference.
    std::string echo = "[]";
};

/// Lenient where clients differ: everything may be missing, booleans may be text.
/// Fails with the reason for the error reply, "InvalidJoinPayload: ...".
Result<JoinRequest> read_join_request(const boost::json::value& payload);

}  // namespace dunlin::realtime
