#pragma once

#include <memory>
#include <vector>

#include "auth/authenticator.h"
#include "http/server.h"
#include "realtime/shard.h"

namespace dunlin::api {

/// `GET /realtime/v1/websocket?apikey=…&vsn=…`: one socket of the live protocol
/// (docs/protocol/realtime.md). Refuses the upgrade with 401 without a valid key.
/// `shards` by loop index; borrows both.
http::WebSocketFactory live_sockets(const auth::Authenticator& authenticator,
                                    std::vector<realtime::Shard*> shards);

}  // namespace dunlin::api
