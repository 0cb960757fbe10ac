#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "api/call.h"
#include "api/rest_settings.h"
#include "data/tables.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// `/rest/v1/{table}`: the data API as PostgREST answers it (docs/protocol/rest.md). Immutable;
/// called on every loop. Borrows authenticator and tables.
class Rest {
public:
    Rest(const auth::Authenticator& authenticator, data::Tables& tables, RestSettings settings);

    asio::awaitable<http::Response> get(const http::Request& request) const;  // and HEAD
    asio::awaitable<http::Response> post(const http::Request& request) const;
    asio::awaitable<http::Response> put(const http::Request& request) const;
    asio::awaitable<http::Response> patch(const http::Request& request) const;
    asio::awaitable<http::Response> remove(const http::Request& request) const;

private:
    /// A call and the table it is about.
    struct TableCall {
        Call call;
        const Table* table = nullptr;
    };
    Result<TableCall> read(const http::Request& request) const;
    http::Response root(const http::Request& request) const;

    const auth::Authenticator& authenticator_;
    data::Tables& tables_;
    RestSettings settings_;
};

}  // namespace dunlin::api
