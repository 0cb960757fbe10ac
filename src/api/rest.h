#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "auth/authenticator.h"
#include "data/tables.h"
#include "http/message.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// `/rest/v1/{table}`: the data API as PostgREST answers it (docs/protocol/rest.md). Immutable;
/// called on every loop. Borrows both.
class Rest {
public:
    Rest(const auth::Authenticator& authenticator, data::Tables& tables);

    asio::awaitable<http::Response> get(const http::Request& request) const;  // and HEAD
    asio::awaitable<http::Response> post(const http::Request& request) const;
    asio::awaitable<http::Response> patch(const http::Request& request) const;
    asio::awaitable<http::Response> remove(const http::Request& request) const;

private:
    const auth::Authenticator& authenticator_;
    data::Tables& tables_;
};

/// Key from the `apikey` header or parameter and token from `Authorization`.
Result<Identity> authenticate(const auth::Authenticator& authenticator,
                              const http::Request& request);

}  // namespace dunlin::api
