#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/message.h"
#include "realtime/channel_message.h"

namespace dunlin::api {

/// What a request to broadcast asks for, or the answer that refuses it.
struct BroadcastCall {
    std::vector<realtime::ChannelMessage> messages{};
    std::optional<http::Response> refusal{};
};

/// The body `{"messages": [{topic, event, payload, private?}]}`. Refused with 422 and what is wrong
/// with each, or 429 when there are too many.
BroadcastCall read_broadcast_batch(const http::Request& request);

/// One message: topic and event from the path after `prefix`, `private` from the query, the payload
/// is the body, JSON or bytes.
BroadcastCall read_single_broadcast(const http::Request& request, std::string_view prefix);

}  // namespace dunlin::api
