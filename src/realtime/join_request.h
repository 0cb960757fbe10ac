#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/position.h"
#include "core/result.h"
#include "realtime/binding.h"
#include "realtime/stored_message.h"

namespace dunlin::realtime {

/// The payload of phx_join.
struct JoinRequest {
    bool is_private = false;
    bool broadcast_ack = false;
    bool broadcast_self = false;
    bool presence_enabled = true;    // clients that do not know the member expect the state
    bool replication_ready = false;  // wants to be told that stored messages are delivered
    std::optional<ReplayRequest> replay{};
    std::string presence_key{};  // "" for one of the server's choice
    std::string access_token{};  // "" for none
    std::optional<Position> resume_from{};
    std::vector<BindingRequest> bindings{};
    /// JSON array of the requested bindings as they were sent, each with its id: the client
    /// compares them field by field and gives up on the first difference.
    std::string echo = "[]";
};

/// Lenient where clients differ: everything may be missing, booleans may be text.
/// Fails with the reason for the error reply: "InvalidJoinPayload: ...", "UnableToReplayMessages:
/// ...".
Result<JoinRequest> read_join_request(const boost::json::value& payload);

}  // namespace dunlin::realtime
