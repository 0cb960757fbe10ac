#include "api/sync.h"

#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <utility>

#include "api/call.h"
#include "api/sync_rows.h"
#include "api/sync_stream.h"
#include "core/check.h"
#include "http/event_stream.h"

namespace dunlin::api {

namespace {

using SteadyClock = std::chrono::steady_clock;

http::Response refusal(const Identity& identity, Error error) {
    if (error.sqlstate == "42501" && identity.role == Role::Anon)
        error.code = ErrorCode::Unauthorized;
    return http::Response::error(error);
}

/// Answers follow the rights of a caller and grow old at once.
http::Response fresh_json(int status, std::string body) {
    auto response = http::Response::json(status, std::move(body));
    response.set("Cache-Control", "no-store");
    return response;
}

http::Response answer(const SyncStep& step) {
    if (!step.resync.empty()) return fresh_json(410, resync_json(step));
    std::string body = R"({"position":")" + step.position.to_string() + R"(","more":)" +
                       (step.more ? "true" : "false") + R"(,"commits":[)";
    for (const SyncCommit& commit : step.commits) {
        if (body.back() != '[') body += ',';
        body += commit.json;
    }
    return fresh_json(200, body + "]}");
}

}  // namespace

Sync::Sync(const auth::Authenticator& authenticator, SyncSources sources,
           std::vector<std::string> schemas, realtime::TableGroups groups,
           std::vector<SyncLoop> loops)
    : authenticator_(authenticator),
      sources_(sources),
      schemas_(std::move(schemas)),
      loops_(std::move(loops)),
      rules_(realtime::access_rule_source(sources.tables.shared_rules(), std::move(groups))) {}

void Sync::add_routes(http::Router& router) const {
    router.add(http::Method::Get, "/sync/v1/changes",
               [this](const http::Request& request) { return get(request); });
}

Result<Sync::Call> Sync::read(const http::Request& request) const {
    auto identity = authenticate(authenticator_, request);
    if (!identity) return std::unexpected(identity.error());
    auto wanted = read_sync_request(request);
    if (!wanted) return std::unexpected(wanted.error());
    auto view = realtime::FeedView::resolve(*rules_, identity->role, schemas_, wanted->feed);
    if (!view) {
        if (view.error().sqlstate.empty()) view.error().sqlstate = "22023";
        if (view.error().sqlstate == "42501" && identity->role == Role::Anon)
            view.error().code = ErrorCode::Unauthorized;
        return std::unexpected(view.error());
    }
    return Call{std::move(*wanted), std::move(*identity), std::move(*view)};
}

asio::awaitable<http::Response> Sync::get(const http::Request& request) const {
    auto call = read(request);
    if (!call) co_return http::Response::error(call.error());
    CHECK(request.loop < loops_.size());
    const SyncLoop loop = loops_[request.loop];
    if (call->request.stream || http::accepts_event_stream(request)) {
        co_return sync_stream(co_await asio::this_coro::executor, loop, sources_, call->request,
                              std::move(call->identity), std::move(call->view));
    }
    if (call->request.snapshot) co_return co_await snapshot(std::move(*call));
    co_return co_await changes(loop, std::move(*call));
}

asio::awaitable<http::Response> Sync::changes(SyncLoop loop, Call call) const {
    const auto until = SteadyClock::now() + call.request.wait;
    const auto waits =
        call.request.wait.count() > 0 ? SyncReader::Waits::Yes : SyncReader::Waits::No;
    SyncReader reader(loop, sources_, call.identity, std::move(call.view),
                      call.request.since.value_or(sources_.log.last()), waits);
    while (true) {
        const auto step = co_await reader.read(call.request.changes_max);
        if (!step) co_return refusal(call.identity, step.error());
        const bool late = SteadyClock::now() >= until || reader.stopping();
        if (!step->commits.empty() || !step->resync.empty() || late) co_return answer(*step);
        co_await reader.wait(until - SteadyClock::now());
    }
}

asio::awaitable<http::Response> Sync::snapshot(Call call) const {
    const auto rows = co_await read_all_rows(sources_.tables, call.identity, call.view);
    if (!rows) co_return refusal(call.identity, rows.error());
    co_return fresh_json(
        200, R"({"position":")" + rows->position.to_string() + R"(","rows":)" + rows->json + "}");
}

}  // namespace dunlin::api
