#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "auth/caller.h"
#include "auth/context.h"
#include "auth/factor_rows.h"
#include "auth/grant.h"
#include "auth/visitor.h"
#include "core/identity.h"
#include "core/result.h"

namespace dunlin::auth {

namespace asio = boost::asio;

/// What somebody asks for who sets up a second factor.
struct Enrolment {
    std::string type;             // "totp"
    std::string friendly_name{};  // unique among one's own
    std::string issuer{};         // as the app shows it; "" for the host of Settings::site_url
};

/// A code of an authenticator app, shown for a challenge.
struct FactorProof {
    std::string factor_id;
    std::string challenge_id;
    std::string code;
};

/// Second factors of an account: authenticator apps (TOTP) and recovery codes, as auth-js knows
/// them (docs/protocol/auth.md). All need a session and an account that is not anonymous. Wrong
/// codes count against RateLimits::factor; answers are JSON objects of auth-js.
///
/// Thread-safe; borrows the context.
class Factors {
public:
    explicit Factors(const Context& context) : context_(context) {}

    using Answer = asio::awaitable<Result<boost::json::object>>;

    /// An unverified factor with its QR code and secret, shown once. Fails with 422
    /// mfa_factor_name_conflict, too_many_enrolled_mfa_factors, mfa_phone_enroll_not_enabled,
    /// mfa_webauthn_enroll_not_enabled; 403 insufficient_aal when there is a verified one already
    /// that this session has not shown.
    Answer enroll(Identity identity, Enrolment enrolment, Visitor visitor) const;
    /// Fails with 404 mfa_factor_not_found.
    Answer challenge(Identity identity, std::string factor_id, Visitor visitor) const;
    /// A session at aal2; a code is good once. Fails with 422 mfa_verification_failed,
    /// mfa_challenge_expired, mfa_ip_address_mismatch, 429 over_request_rate_limit.
    Answer verify(Identity identity, FactorProof proof, Visitor visitor) const;
    /// Fails with 422 insufficient_aal when it is verified and this session is at aal1.
    Answer remove(Identity identity, std::string factor_id, Visitor visitor) const;

    /// {id, type, total, remaining}. Fails with 404 mfa_factor_not_found.
    Answer recovery_codes(Identity identity) const;
    /// Ten codes, shown once. Fails with 403 insufficient_aal, 422 mfa_recovery_codes_sole_factor,
    /// mfa_verified_factor_exists (then replace them).
    Answer make_recovery_codes(Identity identity, std::string friendly_name, Visitor visitor) const;
    /// Ten others in their place. Fails with 403 insufficient_aal, 404 mfa_factor_not_found.
    Answer replace_recovery_codes(Identity identity, Visitor visitor) const;
    /// A session at aal2; each code is good once. Fails with 422 mfa_verification_failed, 429
    /// mfa_recovery_codes_locked.
    Answer verify_recovery_code(Identity identity, std::string code, Visitor visitor) const;
    /// Fails with 403 insufficient_aal, 404 mfa_factor_not_found.
    Answer remove_recovery_codes(Identity identity, Visitor visitor) const;

private:
    Result<Caller> require(data::OwnerSession& session, const Identity& identity) const;
    Result<void> check_enrolment(data::OwnerSession& session, const Caller& caller,
                                 const Enrolment& enrolment) const;
    Result<Result<Grant>> verify_in(data::OwnerSession& session, const Identity& identity,
                                    const FactorProof& proof, const Visitor& visitor) const;
    Result<Result<Grant>> verify_recovery_in(data::OwnerSession& session, const Identity& identity,
                                             const std::string& code, const Visitor& visitor) const;
    Result<void> note(data::OwnerSession& session, const Caller& caller, const Factor& factor,
                      const Visitor& visitor, std::string_view action) const;
    Result<boost::json::object> fill(data::OwnerSession& session, const Factor& factor) const;

    const Context& context_;
};

}  // namespace dunlin::auth
