#pragma once

#include <boost/asio/awaitable.hpp>

#include "auth/authenticator.h"
#include "auth/context.h"
#include "auth/factors.h"
#include "http/server.h"

namespace dunlin::api {

/// `/auth/v1/factors` and `/auth/v1/user/identities`: second factors and the ways in to an account,
/// as auth-js 2.119.0 knows them (docs/protocol/auth.md). Immutable; called on every loop. Borrows
/// everything.
class AuthFactors {
public:
    AuthFactors(const auth::Authenticator& authenticator, const auth::Context& context)
        : authenticator_(authenticator), context_(context), factors_(context) {}

    void add_routes(http::Router& router) const;

private:
    using Answer = boost::asio::awaitable<http::Response>;
    Answer enroll(const http::Request& request) const;
    Answer post_of_factor(const http::Request& request) const;
    Answer remove(const http::Request& request) const;
    Answer recovery_codes(const http::Request& request) const;
    Answer make_recovery_codes(const http::Request& request) const;
    Answer replace_recovery_codes(const http::Request& request) const;
    Answer verify_recovery_code(const http::Request& request) const;
    Answer remove_recovery_codes(const http::Request& request) const;
    Answer unlink_identity(const http::Request& request) const;

    const auth::Authenticator& authenticator_;
    const auth::Context& context_;
    auth::Factors factors_;
};

}  // namespace dunlin::api
