#include "auth/proof.h"

#include "auth/address_change.h"
#include "auth/address_identity.h"
#include "auth/audit_log.h"
#include "auth/error.h"
#include "auth/pkce_flow.h"

namespace dunlin::auth {

namespace {

struct Type {
    std::string_view name;
    TokenKinds kinds;
};

const TokenKinds sign_in_kinds = {TokenKind::Confirmation, TokenKind::Recovery};

/// Confirms the address that the token went to. A password that was set before anybody had proved
/// the address is only kept when the token belongs to that very sign-up: else whoever guessed the
/// address first could open the account of its owner.
Result<void> confirm(data::OwnerSession& session, const Context& context, User& user,
                     const OneTimeToken& token) {
    const bool is_email = token.address == user.email;
    if (!is_email && token.address != user.phone) return std::unexpected(otp_expired());
    Instant& confirmed_at = is_email ? user.email_confirmed_at : user.phone_confirmed_at;
    auto removed = remove_tokens(session, user.id, sign_in_kinds);
    if (!removed || confirmed_at) return removed;
    if (token.kind == TokenKind::Recovery && !user.is_confirmed()) user.password_hash.clear();
    confirmed_at = context.clock.now_us();
    return keep_address_identities(session, user, *confirmed_at);
}

/// Whether both addresses have agreed by now; the account is changed then.
Result<bool> agree(data::OwnerSession& session, const Context& context, User& user,
                   const OneTimeToken& token) {
    const bool is_new = token.kind == TokenKind::EmailChangeNew;
    if (user.new_email.empty() || token.address != (is_new ? user.new_email : user.email)) {
        return std::unexpected(otp_expired());
    }
    bool complete = is_new;
    if (needs_present_address(context.settings, user)) {
        const TokenKind other = is_new ? TokenKind::EmailChangeCurrent : TokenKind::EmailChangeNew;
        auto shown =
            was_shown(session, context, user.id, other, is_new ? user.email : user.new_email);
        if (!shown) return std::unexpected(shown.error());
        complete = *shown;
    }
    auto done = complete ? complete_email_change(session, context, user)
                         : mark_shown(session, context, token);
    if (!done) return std::unexpected(done.error());
    return complete;
}

Result<void> change_phone(data::OwnerSession& session, const Context& context, User& user,
                          const OneTimeToken& token) {
    if (user.new_phone.empty() || token.address != user.new_phone) {
        return std::unexpected(otp_expired());
    }
    return complete_phone_change(session, context, user);
}

std::string_view action_of(TokenKind kind) {
    switch (kind) {
        case TokenKind::EmailChangeNew:
        case TokenKind::EmailChangeCurrent:
            return "email_changed";
        case TokenKind::PhoneChange:
            return "phone_changed";
        default:
            return "address_proved";
    }
}

/// What the token is for. Whether that is all that has to be shown.
Result<bool> carry_out(data::OwnerSession& session, const Context& context, User& user,
                       const OneTimeToken& token) {
    if (token.kind == TokenKind::EmailChangeNew || token.kind == TokenKind::EmailChangeCurrent) {
        return agree(session, context, user, token);
    }
    auto done = token.kind == TokenKind::PhoneChange ? change_phone(session, context, user, token)
                                                     : confirm(session, context, user, token);
    if (!done) return std::unexpected(done.error());
    return true;
}

}  // namespace

Error otp_expired() {
    return refused(ErrorCode::Forbidden, "otp_expired", "Token has expired or is invalid");
}

TokenKinds kinds_of_type(std::string_view type) {
    static const Type types[] = {
        {"signup", {TokenKind::Confirmation}},
        {"invite", {TokenKind::Confirmation}},
        {"magiclink", {TokenKind::Recovery}},
        {"recovery", {TokenKind::Recovery}},
        {"email", sign_in_kinds},
        {"sms", sign_in_kinds},
        {"email_change", {TokenKind::EmailChangeNew, TokenKind::EmailChangeCurrent}},
        {"phone_change", {TokenKind::PhoneChange}},
    };
    for (const Type& known : types) {
        if (known.name == type) return known.kinds;
    }
    return {};
}

Result<ProofOutcome> accept_proof(data::OwnerSession& session, const Context& context,
                                  const OneTimeToken& token, Shown shown, const Visitor& visitor) {
    const std::int64_t now_us = context.clock.now_us();
    auto user = require_user(session, token.user_id);
    if (!user || user->deleted_at) return std::unexpected(otp_expired());
    User after = *user;
    auto complete = carry_out(session, context, after, token);
    if (!complete) return std::unexpected(complete.error());
    ProofOutcome outcome{.waits_for_other = !*complete};
    auto kept = update_user(session, *user, after, now_us);
    if (kept && *complete) {
        kept = audit(
            session,
            {.action = action_of(token.kind), .actor_id = after.id, .address = visitor.address},
            now_us);
    }
    if (!kept) return std::unexpected(kept.error());
    if (outcome.waits_for_other) return outcome;
    if (shown == Shown::AsLink && !token.flow_state_id.empty()) {
        auto code = issue_auth_code(session, token.flow_state_id, after.id, now_us);
        if (!code) return std::unexpected(code.error());
        outcome.auth_code = std::move(*code);
        return outcome;
    }
    auto grant = sign_in(session, context, std::move(after), visitor, "otp");
    if (!grant) return std::unexpected(grant.error());
    outcome.grant = std::move(*grant);
    return outcome;
}

}  // namespace dunlin::auth
