#pragma once

#include <vector>

#include "api/auth.h"
#include "api/auth_admin.h"
#include "api/auth_external.h"
#include "api/auth_factors.h"
#include "api/auth_flows.h"
#include "api/rest.h"
#include "api/rpc.h"
#include "api/status.h"
#include "api/sync.h"
#include "api/sync_status.h"
#include "auth/authenticator.h"
#include "http/server.h"
#include "realtime/shard.h"

namespace dunlin::api {

/// What the routes lead to. Everything borrowed or copied; must outlive the router.
struct Endpoints {
    const auth::Authenticator& authenticator;
    const Rest& rest;
    const Rpc& rpc;
    const Auth& auth;
    const AuthAdmin& auth_admin;
    const AuthExternal& auth_external;
    const AuthFlows& auth_flows;
    const AuthFactors& auth_factors;
    const Sync& sync;
    const SyncStatus& sync_status;
    std::vector<realtime::Shard*> shards;
    http::Handler health;
    http::Handler metrics;
    http::Handler files;
};

/// Every URL of the server, in one table.
void add_routes(http::Router& router, Endpoints endpoints);

}  // namespace dunlin::api
