#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <vector>

#include "api/live_facts.h"
#include "api/sync_status_json.h"
#include "auth/authenticator.h"
#include "core/clock.h"
#include "http/server.h"

namespace dunlin::api {

/// Who follows what: `/api/sync/health` for everybody, `/api/sync/status` of one's own channels,
/// `/api/sync/stats` for administrators, and the page `/_/live` with its data
/// (docs/protocol/sync-status.md). Thread-safe.
class SyncStatus {
public:
    struct Sources {
        const auth::Authenticator& authenticator;
        const LiveFacts& facts;
        const Clock& clock;
        std::function<Position()> log_position;  // called on any loop
        std::function<asio::awaitable<bool>()> database_writable;
        std::vector<std::string> admin_roles;  // app_metadata.role
        /// The page's data is for everybody on this machine.
        bool development = false;
    };
    explicit SyncStatus(Sources sources);

    void add_routes(http::Router& router) const;

private:
    using Answer = asio::awaitable<http::Response>;

    Answer health(const http::Request& request) const;
    Answer status(const http::Request& request) const;
    Answer stats(const http::Request& request) const;
    Answer page(const http::Request& request) const;
    Answer inspect(const http::Request& request) const;

    asio::awaitable<LiveState> ask(realtime::DescriptionRequest request) const;
    /// The same without channels: cheap, whatever their number.
    asio::awaitable<LiveState> ask_numbers() const;
    LiveState state_of(LiveFacts::Descriptions answers, bool database_writable) const;
    /// Fails with 401 for who has not signed in.
    Result<Identity> signed_in(const http::Request& request) const;
    bool is_administrator(const Identity& identity) const;
    Result<void> may_inspect(const http::Request& request) const;

    Sources sources_;
    std::int64_t started_us_;
};

}  // namespace dunlin::api
