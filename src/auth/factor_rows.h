#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/user.h"
#include "core/result.h"
#include "data/owner.h"

namespace dunlin::auth {

/// A row of auth.mfa_factors: an authenticator app, or the set of recovery codes.
struct Factor {
    std::string id;
    std::string user_id;
    std::string friendly_name{};
    std::string type = "totp";  // or "recovery_code"
    std::string status = "unverified";
    std::string sealed_secret{};  // of totp: sealed_text.h
    std::int64_t last_step = 0;   // the latest time step whose code was used
    std::int64_t created_at = 0;

    bool is_verified() const { return status == "verified"; }
    bool is_totp() const { return type == "totp"; }
};

/// A row of auth.mfa_challenges: leave to show one code.
struct Challenge {
    std::string id;
    std::string factor_id;
    std::int64_t created_at = 0;
    Instant verified_at{};
    std::string address{};
};

// Each reads or writes rows of auth.* inside the caller's transaction.

Result<std::vector<Factor>> find_factors(data::OwnerSession& session, std::string_view user_id);
/// Whether one of them is called so.
bool has_name(const std::vector<Factor>& factors, std::string_view friendly_name);
/// Fails with 404 mfa_factor_not_found, also when it is somebody else's.
Result<Factor> require_factor(data::OwnerSession& session, std::string_view user_id,
                              std::string_view factor_id);
Result<void> insert_factor(data::OwnerSession& session, const Factor& factor);
/// With the codes, when these are the recovery codes.
Result<void> delete_factor(data::OwnerSession& session, const Factor& factor);

Result<std::optional<Challenge>> find_challenge(data::OwnerSession& session,
                                                std::string_view factor_id, std::string_view id);
/// Forgets challenges of the factor that were made before `since_us`.
Result<void> insert_challenge(data::OwnerSession& session, const Challenge& challenge,
                              std::int64_t since_us);

/// The code of `step` has been used for `challenge`; the factor is verified from now on, and others
/// of its type that were begun and left are gone.
Result<void> use_factor(data::OwnerSession& session, const Factor& factor,
                        const Challenge& challenge, std::int64_t step, std::int64_t now_us);

}  // namespace dunlin::auth
