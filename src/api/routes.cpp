#include "api/routes.h"

#include "api/live_broadcast.h"
#include "api/live_socket.h"

namespace dunlin::api {

namespace {

http::Response not_built_yet(std::string_view service) {
    return http::Response::error(Error{
        ErrorCode::NotSupported, std::string(service) + " is not part of this version", "0A000"});
}

asio::awaitable<http::Response> refuse_service(std::string_view service) {
    co_return not_built_yet(service);
}

http::Handler refuse(std::string_view service) {
    return [service](const http::Request&) { return refuse_service(service); };
}

void add_refusals(http::Router& router, const std::string& path, std::string_view service) {
    using enum http::Method;
    for (const auto method : {Get, Post, Put, Patch, Delete}) {
        router.add(method, path, refuse(service));
    }
}

void add_rpc(http::Router& router, const Rpc& rpc) {
    using enum http::Method;
    const std::string path = "/rest/v1/rpc/*";
    const auto get = [&rpc](const http::Request& request) { return rpc.get(request); };
    router.add(Get, path, get);
    router.add(Head, path, get);
    router.add(Post, path, [&rpc](const http::Request& request) { return rpc.post(request); });
    for (const auto method : {Put, Patch, Delete}) {
        router.add(method, path,
                   [&rpc](const http::Request& request) { return rpc.refuse(request); });
    }
}

}  // namespace

void add_routes(http::Router& router, Endpoints endpoints) {
    using enum http::Method;
    const Rest& rest = endpoints.rest;
    const auto get = [&rest](const http::Request& request) { return rest.get(request); };
    const auto post = [&rest](const http::Request& request) { return rest.post(request); };
    const auto put = [&rest](const http::Request& request) { return rest.put(request); };
    const auto patch = [&rest](const http::Request& request) { return rest.patch(request); };
    const auto remove = [&rest](const http::Request& request) { return rest.remove(request); };

    add_rpc(router, endpoints.rpc);
    router.add(Get, "/rest/v1/*", get);
    router.add(Head, "/rest/v1/*", get);
    router.add(Post, "/rest/v1/*", post);
    router.add(Put, "/rest/v1/*", put);
    router.add(Patch, "/rest/v1/*", patch);
    router.add(Delete, "/rest/v1/*", remove);
    router.add_websocket("/realtime/v1/websocket",
                         live_sockets(endpoints.authenticator, endpoints.shards));
    add_broadcast_routes(router, endpoints.authenticator, endpoints.shards);
    endpoints.auth.add_routes(router);
    endpoints.auth_admin.add_routes(router);
    endpoints.auth_external.add_routes(router);
    endpoints.auth_flows.add_routes(router);
    endpoints.auth_factors.add_routes(router);
    endpoints.sync.add_routes(router);
    endpoints.sync_status.add_routes(router);
    add_refusals(router, "/storage/v1/*", "picture storage");
    router.add(Get, "/healthz", endpoints.health);
    router.add(Head, "/healthz", endpoints.health);
    router.add(Get, "/metrics", endpoints.metrics);
    router.set_fallback(endpoints.files);
}

}  // namespace dunlin::api
