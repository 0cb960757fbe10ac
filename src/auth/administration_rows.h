#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <string_view>

#include "auth/user.h"
#include "core/result.h"
#include "data/owner.h"

/// What belongs to an account besides its row, as administration keeps it. Each works inside the
/// caller's transaction.
namespace dunlin::auth {

/// Voids codes and links that were sent, and flows that are under way.
Result<void> void_codes(data::OwnerSession& session, std::string_view user_id);

/// The names of what differs, for the audit log: no values.
boost::json::array changed_members(const User& before, const User& after);

/// What stays of a deleted account: its id, and when.
User anonymized(const User& user, std::int64_t now_us);

}  // namespace dunlin::auth
