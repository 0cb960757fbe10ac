#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "api/sync_reader.h"
#include "api/sync_request.h"
#include "auth/authenticator.h"
#include "http/server.h"
#include "realtime/rule_source.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// `GET /sync/v1/changes`: the change log as somebody may see it, for clients without a socket
/// (docs/protocol/sync.md). Called on every loop. Borrows everything but the rules.
class Sync {
public:
    /// `schemas` are those that "all tables" means; `loops` by index.
    Sync(const auth::Authenticator& authenticator, SyncSources sources,
         std::vector<std::string> schemas, realtime::TableGroups groups,
         std::vector<SyncLoop> loops);

    void add_routes(http::Router& router) const;

private:
    /// A request that is understood, and who sends it.
    struct Call {
        SyncRequest request;
        Identity identity;
        realtime::FeedView view;
    };
    Result<Call> read(const http::Request& request) const;
    asio::awaitable<http::Response> get(const http::Request& request) const;
    asio::awaitable<http::Response> changes(SyncLoop loop, Call call) const;
    asio::awaitable<http::Response> snapshot(Call call) const;

    const auth::Authenticator& authenticator_;
    SyncSources sources_;
    std::vector<std::string> schemas_;
    std::vector<SyncLoop> loops_;
    std::unique_ptr<const realtime::RuleSource> rules_;
};

}  // namespace dunlin::api
