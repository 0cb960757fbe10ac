#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string_view>

#include "auth/user.h"
#include "core/result.h"
#include "data/owner.h"

namespace dunlin::auth {

/// Writes the identities that the account's own addresses are ("email", "phone") as the account has
/// them now, in the caller's transaction. Makes those that are missing.
Result<void> keep_address_identities(data::OwnerSession& session, const User& user,
                                     std::int64_t now_us);

/// Notes in app_metadata that one signs in by `provider`: a member of `providers`; `provider` names
/// the first. Whether that was news.
bool add_provider(boost::json::object& app_metadata, std::string_view provider);

}  // namespace dunlin::auth
