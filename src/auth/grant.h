#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <string_view>

#include "auth/context.h"
#include "auth/sessions.h"
#include "auth/user.h"

namespace dunlin::auth {

/// An account that has just been signed in, or whose session goes on.
struct Grant {
    User user;
    Session session;
    boost::json::object user_object{};  // as user_json() gives it
};

/// Opens a session for `user` in the caller's transaction: refuses the banned, notes the sign-in,
/// writes the audit entry.
Result<Grant> sign_in(data::OwnerSession& session, const Context& context, User user,
                      const Visitor& visitor, std::string_view method);

/// The account and its session as they are now: a session that goes on.
Result<Grant> continue_session(data::OwnerSession& session, Session current);

/// Runs `work` in one transaction and gives the session object. What it decides may be a refusal
/// that has to stay in the database (a code is used up, a stolen token ends its session): that one
/// is the outcome, while a failure of the work undoes everything.
using GrantWork = std::function<Result<Result<Grant>>(data::OwnerSession&)>;
boost::asio::awaitable<Result<boost::json::object>> commit_grant(const Context& context,
                                                                 Identity identity, GrantWork work);

/// The session object of auth-js: a fresh access token, the refresh token, the user.
boost::json::object grant_json(const Context& context, const Grant& grant);

/// The claims of an access token for the session, as upstream (reference in docs/protocol/auth.md).
boost::json::object access_claims(const Settings& settings, const User& user,
                                  const Session& session, std::int64_t now_us);

}  // namespace dunlin::auth
