#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api/call.h"
#include "api/rest_settings.h"
#include "data/functions.h"
#include "http/message.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// `/rest/v1/rpc/{function}`: calls of the project's functions (docs/protocol/rpc.md). Immutable;
/// called on every loop. Borrows both.
class Rpc {
public:
    Rpc(const auth::Authenticator& authenticator, data::Functions& functions,
        RestSettings settings);

    asio::awaitable<http::Response> get(const http::Request& request) const;  // and HEAD
    asio::awaitable<http::Response> post(const http::Request& request) const;
    /// Every other method: PGRST101.
    asio::awaitable<http::Response> refuse(const http::Request& request) const;

private:
    asio::awaitable<http::Response> call(const http::Request& request, Call call,
                                         data::FunctionCall function, bool reads) const;

    const auth::Authenticator& authenticator_;
    data::Functions& functions_;
    RestSettings settings_;
};

}  // namespace dunlin::api
