#pragma once

#include <optional>

#include "auth/sessions.h"
#include "auth/user.h"
#include "core/identity.h"
#include "core/result.h"
#include "data/owner.h"

namespace dunlin::auth {

/// Who calls an endpoint for signed-in users.
struct Caller {
    User user;
    /// None for a token that names no session (made by the project's own backend).
    std::optional<Session> session{};

    /// Claim `aal`: a token from before the second factor never counts for more than it said.
    std::string token_aal{};

    std::string session_id() const { return session ? session->id : std::string(); }
    bool is_aal2() const { return session && session->aal == "aal2" && token_aal == "aal2"; }
};

/// Fails with 403 user_not_found, session_not_found or user_banned when the token's claims are no
/// longer true.
Result<Caller> require_caller(data::OwnerSession& session, const Identity& identity,
                              std::int64_t now_us);

/// Whether the account has a second factor, which then has to be shown for what matters most.
Result<bool> has_verified_factor(data::OwnerSession& session, const User& user);

}  // namespace dunlin::auth
