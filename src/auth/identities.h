#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "auth/context.h"
#include "auth/visitor.h"
#include "core/identity.h"
#include "core/result.h"

namespace dunlin::auth {

/// Takes one of several ways in away from the caller's account: its address or an account
/// elsewhere. The account's own email goes on with the identities that stay. Gives {}. Fails with
/// 404 manual_linking_disabled, 422 single_identity_not_deletable, identity_not_found,
/// email_conflict_identity_not_deletable; 401 insufficient_aal when there is a second factor that
/// this session has not shown.
boost::asio::awaitable<Result<boost::json::object>> unlink_identity(const Context& context,
                                                                    Identity identity,
                                                                    std::string identity_id,
                                                                    Visitor visitor);

}  // namespace dunlin::auth
