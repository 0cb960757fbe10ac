#include "auth/factors.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/assurance.h"
#include "auth/attempts.h"
#include "auth/audit_log.h"
#include "auth/error.h"
#include "auth/qr_code.h"
#include "auth/sealed_text.h"
#include "auth/totp.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::int64_t us_per_s = 1'000'000;
constexpr std::int64_t challenge_us = 300 * us_per_s;
constexpr std::int64_t unverified_us = 300 * us_per_s;  // then an enrolment counts as abandoned
constexpr std::size_t name_bytes_max = 200;
constexpr std::string_view secret_use = "totp secret";

Error failed_code() {
    return refused(ErrorCode::Unprocessable, "mfa_verification_failed",
                   "Invalid TOTP code entered");
}

Error expired_challenge(const std::string& id) {
    return refused(ErrorCode::Unprocessable, "mfa_challenge_expired",
                   fmt::format("MFA challenge {} has expired, verify against another challenge or "
                               "create a new challenge.",
                               id));
}

/// "clinic.example:3000" of "http://clinic.example:3000/app".
std::string host_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme != url.npos) url.remove_prefix(scheme + 3);
    return std::string(url.substr(0, url.find('/')));
}

Result<void> check_type(const Enrolment& enrolment) {
    if (enrolment.friendly_name.size() > name_bytes_max ||
        enrolment.issuer.size() > name_bytes_max || enrolment.issuer.contains('\0')) {
        return std::unexpected(validation_failed(
            fmt::format("friendly_name and issuer are at most {} bytes", name_bytes_max)));
    }
    if (enrolment.type == "totp") return {};
    const bool phone = enrolment.type == "phone";
    if (phone || enrolment.type == "webauthn") {
        return std::unexpected(refused(
            ErrorCode::Unprocessable,
            phone ? "mfa_phone_enroll_not_enabled" : "mfa_webauthn_enroll_not_enabled",
            phone ? "MFA enroll is disabled for Phone" : "MFA enroll is disabled for WebAuthn"));
    }
    return std::unexpected(validation_failed("factor_type needs to be totp, phone, or webauthn"));
}

Result<json::object> enrolled_json(const Factor& factor, const Caller& caller,
                                   const std::string& issuer, const std::string& secret) {
    const std::string account = caller.user.email.empty() ? caller.user.phone : caller.user.email;
    const std::string uri = totp_uri(issuer, account, secret);
    auto picture = qr_code_svg(uri);
    if (!picture) return std::unexpected(validation_failed(picture.error().message));
    json::object totp;
    totp["qr_code"] = std::move(*picture);
    totp["secret"] = secret;
    totp["uri"] = uri;
    json::object answer;
    answer["id"] = factor.id;
    answer["type"] = factor.type;
    answer["friendly_name"] = factor.friendly_name;
    answer["totp"] = std::move(totp);
    return answer;
}

}  // namespace

Result<Caller> Factors::require(data::OwnerSession& session, const Identity& identity) const {
    const std::int64_t now_us = context_.clock.now_us();
    auto caller = require_caller(session, identity, now_us);
    if (!caller) return caller;
    if (!caller->session) return std::unexpected(session_not_found(ErrorCode::Forbidden));
    if (is_over(context_.settings, *caller->session, now_us)) {
        return std::unexpected(
            refused(ErrorCode::Forbidden, "session_expired", "Session is no longer valid"));
    }
    if (caller->user.is_anonymous) {
        return std::unexpected(refused(ErrorCode::Forbidden, "no_authorization",
                                       "Anonymous user not allowed to perform these actions"));
    }
    return caller;
}

Result<void> Factors::note(data::OwnerSession& session, const Caller& caller, const Factor& factor,
                           const Visitor& visitor, std::string_view action) const {
    return audit(session,
                 {.action = action,
                  .actor_id = caller.user.id,
                  .session_id = caller.session_id(),
                  .address = visitor.address,
                  .payload = {{"factor_id", factor.id}, {"type", factor.type}}},
                 context_.clock.now_us());
}

Result<void> Factors::check_enrolment(data::OwnerSession& session, const Caller& caller,
                                      const Enrolment& enrolment) const {
    const Value abandoned(context_.clock.now_us() - unverified_us);
    auto removed = session.remove("auth.mfa_factors",
                                  "user_id = ?1 and status = 'unverified' and created_at < ?2",
                                  {Value(caller.user.id), abandoned});
    if (!removed) return std::unexpected(removed.error());
    auto factors = find_factors(session, caller.user.id);
    if (!factors) return std::unexpected(factors.error());
    if (std::ranges::any_of(*factors, &Factor::is_verified) && !caller.is_aal2()) {
        return std::unexpected(refused(ErrorCode::Forbidden, "insufficient_aal",
                                       "AAL2 required to enroll a new factor"));
    }
    if (has_name(*factors, enrolment.friendly_name)) {
        return std::unexpected(refused(
            ErrorCode::Unprocessable, "mfa_factor_name_conflict",
            fmt::format("A factor with the friendly name \"{}\" for this user already exists",
                        enrolment.friendly_name)));
    }
    if (std::ranges::count_if(*factors, &Factor::is_totp) >= context_.settings.factors_max) {
        return std::unexpected(
            refused(ErrorCode::Unprocessable, "too_many_enrolled_mfa_factors",
                    "Maximum number of verified factors reached, unenroll to continue"));
    }
    return {};
}

Factors::Answer Factors::enroll(Identity identity, Enrolment enrolment, Visitor visitor) const {
    auto fits = check_type(enrolment);
    if (!fits) co_return std::unexpected(fits.error());
    auto counted = co_await count_attempt(context_, visitor, "");
    if (!counted) co_return std::unexpected(counted.error());
    const std::string issuer =
        enrolment.issuer.empty() ? host_of(context_.settings.site_url) : enrolment.issuer;
    const std::string secret = new_totp_secret();
    Factor factor{.id = new_id(),
                  .user_id = identity.user_id,
                  .friendly_name = enrolment.friendly_name,
                  .created_at = context_.clock.now_us()};
    factor.sealed_secret = seal(context_.secret, {.use = secret_use, .row = factor.id}, secret);
    json::object answer;
    auto done =
        co_await context_.owner.write(identity, [&](data::OwnerSession& session) -> Result<void> {
            auto caller = require(session, identity);
            if (!caller) return std::unexpected(caller.error());
            auto possible = check_enrolment(session, *caller, enrolment);
            if (possible) possible = insert_factor(session, factor);
            if (possible) possible = note(session, *caller, factor, visitor, "factor_enrolled");
            if (!possible) return possible;
            auto shown = enrolled_json(factor, *caller, issuer, secret);
            if (!shown) return std::unexpected(shown.error());
            answer = std::move(*shown);
            return {};
        });
    if (!done) co_return std::unexpected(done.error());
    co_return answer;
}

Factors::Answer Factors::challenge(Identity identity, std::string factor_id,
                                   Visitor visitor) const {
    // Counted, so that nobody fills the table.
    auto counted = co_await count_attempt(context_, visitor, "");
    if (!counted) co_return std::unexpected(counted.error());
    const std::int64_t now_us = context_.clock.now_us();
    const Challenge made{
        .id = new_id(), .factor_id = factor_id, .created_at = now_us, .address = visitor.address};
    auto done =
        co_await context_.owner.write(identity, [&](data::OwnerSession& session) -> Result<void> {
            auto caller = require(session, identity);
            if (!caller) return std::unexpected(caller.error());
            auto factor = require_factor(session, caller->user.id, factor_id);
            if (!factor) return std::unexpected(factor.error());
            // Recovery codes are shown without a challenge.
            if (!factor->is_totp()) return std::unexpected(factor_not_found());
            return insert_challenge(session, made, now_us - challenge_us);
        });
    if (!done) co_return std::unexpected(done.error());
    co_return json::object{
        {"id", made.id}, {"type", "totp"}, {"expires_at", (now_us + challenge_us) / us_per_s}};
}

/// A wrong code is an outcome, not a failure of the transaction: the audit log tells of it.
Result<Result<Grant>> Factors::verify_in(data::OwnerSession& session, const Identity& identity,
                                         const FactorProof& proof, const Visitor& visitor) const {
    const std::int64_t now_us = context_.clock.now_us();
    auto caller = require(session, identity);
    if (!caller) return std::unexpected(caller.error());
    auto factor = require_factor(session, caller->user.id, proof.factor_id);
    if (!factor) return std::unexpected(factor.error());
    auto challenge = find_challenge(session, factor->id, proof.challenge_id);
    if (!challenge) return std::unexpected(challenge.error());
    if (!*challenge) {
        return std::unexpected(refused(ErrorCode::Unprocessable, "mfa_factor_not_found",
                                       "MFA factor with the provided challenge ID not found"));
    }
    if ((*challenge)->address != visitor.address) {
        return std::unexpected(refused(ErrorCode::Unprocessable, "mfa_ip_address_mismatch",
                                       "Challenge and verify IP addresses mismatch."));
    }
    if ((*challenge)->verified_at || (*challenge)->created_at + challenge_us <= now_us) {
        return std::unexpected(expired_challenge(proof.challenge_id));
    }
    const auto secret =
        unseal(context_.secret, {.use = secret_use, .row = factor->id}, factor->sealed_secret);
    if (!secret) {
        return std::unexpected(
            Error{ErrorCode::Internal, "a second factor was sealed under another project secret"});
    }
    const auto step = verify_totp(*secret, proof.code, now_us / us_per_s);
    if (!step || *step <= factor->last_step) {
        auto noted = note(session, *caller, *factor, visitor, "factor_refused");
        if (!noted) return std::unexpected(noted.error());
        return Result<Grant>(std::unexpected(failed_code()));
    }
    auto used = use_factor(session, *factor, **challenge, *step, now_us);
    if (used) used = forgive_factor(session, {.user_id = caller->user.id});
    if (!used) return std::unexpected(used.error());
    auto grant = raise_session(session, context_, *caller, *factor, visitor);
    if (!grant) return std::unexpected(grant.error());
    return grant;
}

Factors::Answer Factors::verify(Identity identity, FactorProof proof, Visitor visitor) const {
    auto counted = co_await count_factor_attempt(context_, visitor, {.user_id = identity.user_id});
    if (!counted) co_return std::unexpected(counted.error());
    co_return co_await commit_grant(context_, identity, [&](data::OwnerSession& session) {
        return verify_in(session, identity, proof, visitor);
    });
}

Factors::Answer Factors::remove(Identity identity, std::string factor_id, Visitor visitor) const {
    auto done =
        co_await context_.owner.write(identity, [&](data::OwnerSession& session) -> Result<void> {
            auto caller = require(session, identity);
            if (!caller) return std::unexpected(caller.error());
            auto factor = require_factor(session, caller->user.id, factor_id);
            if (!factor) return std::unexpected(factor.error());
            if (factor->is_verified() && !caller->is_aal2()) {
                return std::unexpected(refused(ErrorCode::Unprocessable, "insufficient_aal",
                                               "AAL2 required to unenroll verified factor"));
            }
            auto removed = remove_factor(session, *factor, context_.clock.now_us());
            if (!removed) return removed;
            return note(session, *caller, *factor, visitor, "factor_removed");
        });
    if (!done) co_return std::unexpected(done.error());
    co_return json::object{{"id", factor_id}};
}

}  // namespace dunlin::auth
