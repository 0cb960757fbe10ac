#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/context.h"
#include "auth/grant.h"
#include "auth/one_time_tokens.h"
#include "auth/visitor.h"
#include "core/error.h"
#include "core/result.h"
#include "data/owner.h"

namespace dunlin::auth {

/// The tokens that prove `type` of `POST /verify`. None for an unknown type.
TokenKinds kinds_of_type(std::string_view type);

/// What follows from a token that was found good: one of the members, `grant` alone for a code.
struct ProofOutcome {
    std::optional<Grant> grant{};
    std::string auth_code{};       // the flow ends by PKCE
    bool waits_for_other = false;  // another address has to agree as well
};

/// How a token was shown.
enum class Shown { AsCode, AsLink };

/// Uses the token up in the caller's transaction: its address is confirmed or changed, and its
/// account signed in. Fails with 403 otp_expired when the account has no use for it any more, and
/// as sign_in().
Result<ProofOutcome> accept_proof(data::OwnerSession& session, const Context& context,
                                  const OneTimeToken& token, Shown shown, const Visitor& visitor);

/// 403 otp_expired.
Error otp_expired();

}  // namespace dunlin::auth
