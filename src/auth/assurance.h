#pragma once

#include <cstdint>
#include <string_view>

#include "auth/caller.h"
#include "auth/context.h"
#include "auth/factor_rows.h"
#include "auth/grant.h"
#include "core/result.h"
#include "data/owner.h"

/// How sure a session is of its user: aal1 after one proof, aal2 after a second (NIST SP 800-63B).
namespace dunlin::auth {

/// How a second factor was shown, as `amr` says it.
namespace factor_method {
constexpr std::string_view totp = "totp";
constexpr std::string_view recovery_code = "mfa/recovery_code";
}  // namespace factor_method

/// The caller has shown `factor`: his session goes to aal2 under a new refresh token, the one from
/// before is worth nothing any more (who stole it did not show the factor). Sessions of the account
/// that stayed at aal1 end.
Result<Grant> raise_session(data::OwnerSession& session, const Context& context,
                            const Caller& caller, const Factor& factor, const Visitor& visitor);

/// Removes `factor`. Sessions that are at aal2 by it go back to aal1, at once and whatever their
/// tokens say (SessionRegistry). Recovery codes go with the last other factor: they never stand
/// alone.
Result<void> remove_factor(data::OwnerSession& session, const Factor& factor, std::int64_t now_us);

}  // namespace dunlin::auth
