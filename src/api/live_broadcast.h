#pragma once

#include <vector>

#include "auth/authenticator.h"
#include "http/server.h"
#include "realtime/shard.h"

namespace dunlin::api {

/// Broadcasts without a socket (docs/protocol/realtime.md):
/// `POST /realtime/v1/api/broadcast` and `POST /realtime/v1/api/broadcast/TOPIC/events/EVENT`.
/// `shards` by loop index; borrows both.
void add_broadcast_routes(http::Router& router, const auth::Authenticator& authenticator,
                          std::vector<realtime::Shard*> shards);

}  // namespace dunlin::api
