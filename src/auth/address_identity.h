#pragma once

#include <cstdint>
#include <string_view>

#include "auth/user.h"
#include "core/result.h"
#include "data/owner.h"

namespace dunlin::auth {

/// Writes the identity that the account's own address is, as the account has it now: of `provider`
/// "email" or "phone". Makes it when there is none.
Result<void> keep_address_identity(data::OwnerSession& session, const User& user,
                                   std::string_view provider, std::int64_t now_us);

/// Notes the way in that `provider` is in app_metadata. Whether that was news.
bool add_provider(User& user, std::string_view provider);

}  // namespace dunlin::auth
