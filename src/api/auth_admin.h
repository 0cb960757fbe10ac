#pragma once

#include <boost/asio/awaitable.hpp>

#include "auth/administration.h"
#include "auth/authenticator.h"
#include "http/server.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// `/auth/v1/admin`: accounts, their devices and second factors, and the audit log, for the service
/// role (docs/protocol/auth-administration.md). Immutable; called on every loop. Borrows
/// everything.
class AuthAdmin {
public:
    AuthAdmin(const auth::Authenticator& authenticator, auth::Administration& administration)
        : authenticator_(authenticator), administration_(administration) {}

    void add_routes(http::Router& router) const;

private:
    using Answer = asio::awaitable<http::Response>;
    /// Below `/admin/users/`: USER, USER/PART or USER/PART/ID.
    struct Place {
        std::string user_id;
        std::string part;
        std::string part_id;
    };
    using AtPlace = Answer (AuthAdmin::*)(const http::Request&, Place, auth::Administrator) const;
    struct Endpoint {
        http::Method method;
        std::string_view part;
        bool has_part_id;
        AtPlace answer;
    };
    static const Endpoint endpoints[];

    Answer users(const http::Request& request) const;
    Answer create_user(const http::Request& request) const;
    Answer at_user(const http::Request& request) const;
    Answer audit(const http::Request& request) const;
    Answer verify_audit(const http::Request& request) const;

    Answer user(const http::Request& request, Place place, auth::Administrator who) const;
    Answer change_user(const http::Request& request, Place place, auth::Administrator who) const;
    Answer remove_user(const http::Request& request, Place place, auth::Administrator who) const;
    Answer factors(const http::Request& request, Place place, auth::Administrator who) const;
    Answer remove_factor(const http::Request& request, Place place, auth::Administrator who) const;
    Answer sessions(const http::Request& request, Place place, auth::Administrator who) const;
    Answer end_sessions(const http::Request& request, Place place, auth::Administrator who) const;

    static Result<Place> place_of(const http::Request& request);
    Result<auth::Administrator> administrator_of(const http::Request& request) const;

    const auth::Authenticator& authenticator_;
    auth::Administration& administration_;
};

}  // namespace dunlin::api
