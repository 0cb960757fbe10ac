#pragma once

#include <string>

#include "auth/context.h"
#include "auth/provider_profile.h"
#include "auth/user.h"
#include "auth/visitor.h"
#include "core/result.h"
#include "data/owner.h"

/// Whose account somebody is who has signed in elsewhere. Each works inside the caller's
/// transaction.
namespace dunlin::auth {

struct ExternalPerson {
    std::string provider;
    ProviderProfile profile;
    /// Whether somebody without a verified address may have an account.
    bool email_optional = false;
};

/// The account to sign in to, in this order:
/// 1. the one that has this identity;
/// 2. the one whose confirmed address is the verified one of the provider: gets the identity;
/// 3. the one that has claimed that address without ever having proved it: it is taken over, and
///    loses its password, identities, codes and sessions, so that nobody can wait inside an account
///    for the owner of its address;
/// 4. a new one.
/// Addresses that are not verified link nothing. Fails with 422 signup_disabled,
/// provider_email_needs_verification, email_exists; 403 user_banned.
Result<User> find_or_make_account(data::OwnerSession& session, const Context& context,
                                  const ExternalPerson& person, const Visitor& visitor);

/// Gives the account one more identity; one without an address gets the verified one as well and is
/// no longer anonymous. Fails with 422 identity_already_exists, email_exists,
/// provider_email_needs_verification; 403 user_banned.
Result<User> link_identity(data::OwnerSession& session, const Context& context, User user,
                           const ExternalPerson& person, const Visitor& visitor);

}  // namespace dunlin::auth
