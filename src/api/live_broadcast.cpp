#include "api/live_broadcast.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <string_view>
#include <utility>

#include "api/broadcast_body.h"
#include "api/call.h"
#include "core/check.h"

namespace dunlin::api {

namespace asio = boost::asio;

namespace {

constexpr std::string_view batch_path = "/realtime/v1/api/broadcast";
constexpr std::string_view single_prefix = "/realtime/v1/api/broadcast/";

using Posted = Result<std::size_t>;

/// What the endpoints borrow; copied into their handlers.
struct Parts {
    const auth::Authenticator& authenticator;
    std::vector<realtime::Shard*> shards;
};

/// How many of the messages the identity was allowed to send.
asio::awaitable<Posted> post(realtime::Shard& shard, Identity identity,
                             std::vector<realtime::ChannelMessage> messages) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Posted)>(
        [](auto handler, realtime::Shard* to, Identity sender,
           std::vector<realtime::ChannelMessage> what) {
            // Shared because std::function copies, and only the one copy that is called uses it.
            auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
            to->post(sender, std::move(what),
                     [waiting](Posted posted) { std::move (*waiting)(std::move(posted)); });
        },
        asio::use_awaitable, &shard, std::move(identity), std::move(messages));
}

http::Response unauthorized() {
    return http::Response::json(401, R"({"message":"Unauthorized"})");
}

http::Response outcome(const Posted& posted, bool single) {
    if (!posted) {
        return http::Response::json(http_status(posted.error()),
                                    R"({"message":"The message could not be delivered"})");
    }
    if (single && *posted == 0) {
        return http::Response::json(403, R"({"message":"You do not have permissions to write to )"
                                         R"(this Channel topic"})");
    }
    return http::Response{.status = 202};
}

asio::awaitable<http::Response> broadcast(Parts parts, const http::Request& request,
                                          std::string_view prefix) {
    const auto identity = authenticate(parts.authenticator, request);
    if (!identity) co_return unauthorized();
    const bool single = !prefix.empty();
    BroadcastCall call =
        single ? read_single_broadcast(request, prefix) : read_broadcast_batch(request);
    if (call.refusal) co_return std::move(*call.refusal);
    CHECK(request.loop < parts.shards.size());
    const Posted posted =
        co_await post(*parts.shards[request.loop], *identity, std::move(call.messages));
    co_return outcome(posted, single);
}

}  // namespace

void add_broadcast_routes(http::Router& router, const auth::Authenticator& authenticator,
                          std::vector<realtime::Shard*> shards) {
    const Parts parts{authenticator, std::move(shards)};
    router.add(http::Method::Post, std::string(batch_path),
               [parts](const http::Request& request) { return broadcast(parts, request, ""); });
    router.add(
        http::Method::Post, std::string(single_prefix) + "*",
        [parts](const http::Request& request) { return broadcast(parts, request, single_prefix); });
}

}  // namespace dunlin::api
