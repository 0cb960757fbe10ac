#include "api/sync_status.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "api/call.h"
#include "api/live_page.h"
#include "core/limits.h"

namespace dunlin::api {

namespace {

/// These change from second to second.
http::Response fresh(http::Response response) {
    response.set("Cache-Control", "no-store");
    return response;
}

http::Response answer_of(int status, const boost::json::object& body) {
    return fresh(http::Response::json(status, boost::json::serialize(body)));
}

bool is_loopback(std::string_view remote) {
    return remote.starts_with("127.") || remote.starts_with("[::1]") || remote.starts_with("::1");
}

}  // namespace

SyncStatus::SyncStatus(Sources sources)
    : sources_(std::move(sources)), started_us_(sources_.clock.now_us()) {}

void SyncStatus::add_routes(http::Router& router) const {
    const auto add = [&](const std::string& path,
                         Answer (SyncStatus::*answer)(const http::Request&) const) {
        const auto handler = [this, answer](const http::Request& request) {
            return (this->*answer)(request);
        };
        router.add(http::Method::Get, path, handler);
        router.add(http::Method::Head, path, handler);
    };
    add("/api/sync/health", &SyncStatus::health);
    add("/api/sync/status", &SyncStatus::status);
    add("/api/sync/stats", &SyncStatus::stats);
    add("/_/live", &SyncStatus::page);
    add("/_/live/state", &SyncStatus::inspect);
}

asio::awaitable<LiveState> SyncStatus::ask(realtime::DescriptionRequest request) const {
    auto answers = co_await sources_.facts.describe(std::move(request));
    co_return state_of(std::move(answers), co_await sources_.database_writable());
}

asio::awaitable<LiveState> SyncStatus::ask_numbers() const {
    LiveFacts::Descriptions answers;
    for (auto& statistics : co_await sources_.facts.statistics()) {
        auto& answer = answers.emplace_back();
        if (statistics) answer.emplace().statistics = std::move(*statistics);
    }
    co_return state_of(std::move(answers), co_await sources_.database_writable());
}

LiveState SyncStatus::state_of(LiveFacts::Descriptions answers, bool database_writable) const {
    LiveState state(std::move(answers));
    state.database_writable = database_writable;
    state.log_position = sources_.log_position();
    state.now_us = sources_.clock.now_us();
    state.started_us = started_us_;
    return state;
}

Result<Identity> SyncStatus::signed_in(const http::Request& request) const {
    auto identity = authenticate(sources_.authenticator, request);
    if (identity && identity->role == Role::Anon) {
        return std::unexpected(Error{ErrorCode::Unauthorized, "Sign in first", "42501"});
    }
    return identity;
}

bool SyncStatus::is_administrator(const Identity& identity) const {
    if (identity.role == Role::ServiceRole) return true;
    const auto& roles = sources_.admin_roles;
    return std::ranges::find(roles, realtime::application_role(identity)) != roles.end();
}

SyncStatus::Answer SyncStatus::health(const http::Request&) const {
    const LiveState state = co_await ask_numbers();
    co_return answer_of(state.is_healthy() ? 200 : 503, health_json(state));
}

SyncStatus::Answer SyncStatus::status(const http::Request& request) const {
    const auto identity = signed_in(request);
    if (!identity) co_return http::Response::error(identity.error());
    realtime::DescriptionRequest own{.channels_max = limits::described_channels_max};
    own.owner = {.role = identity->role, .user_id = identity->user_id};
    co_return answer_of(200, status_json(co_await ask(std::move(own))));
}

SyncStatus::Answer SyncStatus::stats(const http::Request& request) const {
    const auto identity = signed_in(request);
    if (!identity) co_return http::Response::error(identity.error());
    if (!is_administrator(*identity)) {
        co_return http::Response::error(
            Error{ErrorCode::Forbidden, "Only administrators see everybody's subscriptions",
                  "42501", "", "Roles of live.admin_roles and service_role are administrators."});
    }
    co_return answer_of(200,
                        stats_json(co_await ask({.channels_max = limits::described_channels_max})));
}

Result<void> SyncStatus::may_inspect(const http::Request& request) const {
    if (sources_.development && is_loopback(request.remote)) return {};
    const auto identity = authenticate(sources_.authenticator, request);
    if (!identity) return std::unexpected(identity.error());
    if (identity->role == Role::ServiceRole) return {};
    return std::unexpected(
        Error{ErrorCode::Forbidden, "This page needs the service_role key", "42501"});
}

SyncStatus::Answer SyncStatus::page(const http::Request&) const {
    http::Response response{.body = std::string(live_page())};
    response.set("Content-Type", "text/html; charset=utf-8");
    response.set("Content-Security-Policy",
                 "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                 "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    co_return fresh(std::move(response));
}

SyncStatus::Answer SyncStatus::inspect(const http::Request& request) const {
    const auto allowed = may_inspect(request);
    if (!allowed) co_return http::Response::error(allowed.error());
    const LiveState state = co_await ask({.channels_max = limits::inspected_channels_max,
                                          .clients_max = limits::inspected_clients_max,
                                          .tables_max = limits::inspected_tables_max});
    co_return answer_of(200, inspector_json(state));
}

}  // namespace dunlin::api
