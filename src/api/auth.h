#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "auth/accounts.h"
#include "auth/authenticator.h"
#include "auth/external_sign_in.h"
#include "http/server.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// `/auth/v1`: accounts and sessions as auth-js 2.119.0 knows them (docs/protocol/auth.md), and the
/// devices that an account is signed in on. Immutable; called on every loop. Borrows everything.
class Auth {
public:
    Auth(const auth::Authenticator& authenticator, auth::Accounts& accounts,
         auth::ExternalSignIn& external, const auth::Settings& settings,
         const auth::SigningKeys& keys, std::string version);

    /// Adds every path below `/auth/v1/`; each is listed in auth.cpp.
    void add_routes(http::Router& router) const;

private:
    using Answer = asio::awaitable<http::Response>;
    Answer sign_up(const http::Request& request) const;
    Answer token(const http::Request& request) const;
    Answer id_token(const http::Request& request, const boost::json::object& body) const;
    Answer user(const http::Request& request) const;
    Answer change_user(const http::Request& request) const;
    Answer sign_out(const http::Request& request) const;
    Answer sessions(const http::Request& request) const;
    Answer end_session(const http::Request& request) const;
    Answer settings(const http::Request& request) const;
    Answer health(const http::Request& request) const;
    Answer jwks(const http::Request& request) const;
    Answer unknown(const http::Request& request) const;

    const auth::Authenticator& authenticator_;
    auth::Accounts& accounts_;
    auth::ExternalSignIn& external_;
    const auth::Settings& settings_;
    const auth::SigningKeys& keys_;
    std::string version_;
};

}  // namespace dunlin::api
