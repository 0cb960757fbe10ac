#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "auth/authenticator.h"
#include "auth/external_sign_in.h"
#include "http/server.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// Sign-in with other providers by the browser (docs/protocol/auth.md): `/authorize` sends it away,
/// `/callback` takes it back. Immutable; called on every loop. Borrows everything.
class AuthExternal {
public:
    /// `url` is the server's as clients reach it: cookies are for https alone when it is.
    AuthExternal(const auth::Authenticator& authenticator, auth::ExternalSignIn& sign_in,
                 std::string_view url);

    void add_routes(http::Router& router) const;

private:
    using Answer = asio::awaitable<http::Response>;
    Answer authorize(const http::Request& request) const;
    Answer authorize_link(const http::Request& request) const;
    Answer callback(const http::Request& request) const;
    http::Response send_away(const http::Request& request, const auth::Departure& departure) const;

    const auth::Authenticator& authenticator_;
    auth::ExternalSignIn& sign_in_;
    bool https_;
    std::string cookie_path_;
};

}  // namespace dunlin::api
