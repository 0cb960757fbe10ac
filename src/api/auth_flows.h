#pragma once

#include <boost/asio/awaitable.hpp>

#include "auth/authenticator.h"
#include "auth/context.h"
#include "auth/outbox.h"
#include "http/server.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// The part of `/auth/v1` that sends messages and takes their codes and links back
/// (docs/protocol/auth-flows.md). Immutable; called on every loop. Borrows everything.
class AuthFlows {
public:
    /// `outbox` is null but under --dev.
    AuthFlows(const auth::Authenticator& authenticator, const auth::Context& context,
              const auth::Outbox* outbox)
        : authenticator_(authenticator), context_(context), outbox_(outbox) {}

    /// Adds its paths below `/auth/v1/`, and `/_/outbox` under --dev; each is listed in
    /// auth_flows.cpp.
    void add_routes(http::Router& router) const;

private:
    using Answer = asio::awaitable<http::Response>;
    Answer otp(const http::Request& request) const;
    Answer recover(const http::Request& request) const;
    Answer resend(const http::Request& request) const;
    Answer reauthenticate(const http::Request& request) const;
    Answer verify(const http::Request& request) const;
    Answer open_link(const http::Request& request) const;
    Answer invite(const http::Request& request) const;
    Answer generate_link(const http::Request& request) const;
    Answer outbox(const http::Request& request) const;

    const auth::Authenticator& authenticator_;
    const auth::Context& context_;
    const auth::Outbox* outbox_;
};

}  // namespace dunlin::api
