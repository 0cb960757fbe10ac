#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "auth/provider_settings.h"
#include "core/result.h"

/// What providers say of a person, in one form. Pure.
namespace dunlin::auth {

struct ProviderProfile {
    std::string subject;  // the provider's id of the person; never empty
    std::string email{};  // "" when the provider gives none
    /// Whether the provider vouches that the person owns the address. Accounts are linked by it.
    bool email_verified = false;
    std::string name{};
    std::string avatar_url{};
    /// `identity_data` as GoTrue keeps it: iss, sub, email, email_verified, name, full_name,
    /// picture, avatar_url, provider_id, user_name, custom_claims, …
    boost::json::object claims{};
};

/// From the claims of a proved ID token, or the answer of a userinfo endpoint. `claims` has a sub.
/// Microsoft's addresses count as verified for one tenant, for personal accounts, and where the
/// claim xms_edov says so: any tenant's administrator can write any address into an account.
ProviderProfile profile_from_claims(const ProviderSettings& settings,
                                    const boost::json::object& claims);

/// From GitHub's /user and /user/emails: the primary address if it is verified, else none. Fails
/// with Unavailable when they are not what GitHub answers.
Result<ProviderProfile> profile_from_github(std::string_view issuer, std::string_view user,
                                            std::string_view emails);

/// Adds what Apple posts beside the code, only the first time: {"name":{"firstName","lastName"}}.
/// It is not signed, so only the name is taken. What cannot be read is ignored.
void add_apple_name(ProviderProfile& profile, std::string_view user);

}  // namespace dunlin::auth
