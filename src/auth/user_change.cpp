#include "auth/user_change.h"

#include <iterator>

#include "auth/address_change.h"
#include "auth/audit_log.h"
#include "auth/caller.h"
#include "auth/error.h"
#include "auth/one_time_tokens.h"

namespace dunlin::auth {

namespace {

constexpr std::int64_t us_per_s = 1'000'000;

Result<void> require_factor(data::OwnerSession& session, const Caller& caller) {
    auto factor = has_verified_factor(session, caller.user);
    if (!factor) return std::unexpected(factor.error());
    if (!*factor || caller.is_aal2()) return {};
    return std::unexpected(
        refused(ErrorCode::Unauthorized, "insufficient_aal",
                "AAL2 session is required to update email or password when MFA is enabled."));
}

/// Whether a password needs a fresh proof: the session is old, or unknown, and the present password
/// was not given.
bool needs_nonce(const Context& context, const Caller& caller, const UserChange& change) {
    const Settings& settings = context.settings;
    if (!settings.secure_password_change || !change.password || change.current_password) {
        return false;
    }
    if (caller.user.email.empty() && caller.user.phone.empty()) return false;
    const std::int64_t since_us = context.clock.now_us() - settings.reauthentication_s * us_per_s;
    return !caller.session || caller.session->created_at <= since_us;
}

/// What speaks against the change, if anything does.
Result<std::optional<Error>> check_nonce(data::OwnerSession& session, const Context& context,
                                         const Caller& caller, const UserChange& change) {
    if (!needs_nonce(context, caller, change)) return std::nullopt;
    if (change.nonce.empty()) {
        return refused(ErrorCode::InvalidInput, "reauthentication_needed",
                       "Password update requires reauthentication");
    }
    const User& user = caller.user;
    const TokenKinds kinds = {TokenKind::Reauthentication};
    auto found = find_by_code(session, context, kinds, user.email.empty() ? user.phone : user.email,
                              user.id, change.nonce);
    if (!found) return std::unexpected(found.error());
    if (!*found) {
        return refused(ErrorCode::Unprocessable, "reauthentication_not_valid",
                       "Nonce has expired or is invalid");
    }
    auto used = remove_tokens(session, user.id, kinds);
    if (!used) return std::unexpected(used.error());
    return std::nullopt;
}

Result<void> change_addresses(data::OwnerSession& session, const Context& context, User& user,
                              const UserChange& change, std::vector<Message>& messages) {
    const auto take = [&](Result<std::vector<Message>> made) -> Result<void> {
        if (!made) return std::unexpected(made.error());
        std::ranges::move(*made, std::back_inserter(messages));
        return {};
    };
    if (change.email) {
        auto taken =
            take(request_email_change(session, context, user, *change.email, change.options));
        if (!taken) return taken;
    }
    if (!change.phone) return {};
    return take(request_phone_change(session, context, user, *change.phone, change.options));
}

std::string_view action_of(const UserChange& change) {
    if (change.password) return "password_changed";
    if (change.email) return "email_change_requested";
    if (change.phone) return "phone_change_requested";
    return "user_changed";
}

}  // namespace

Result<AppliedChange> apply_change(data::OwnerSession& session, const Context& context,
                                   const Identity& identity, const UserChange& change,
                                   const std::string& hash, const Visitor& visitor) {
    const std::int64_t now_us = context.clock.now_us();
    auto caller = require_caller(session, identity, now_us);
    if (!caller) return std::unexpected(caller.error());
    if (change.password || change.email) {
        auto proved = require_factor(session, *caller);
        if (!proved) return std::unexpected(proved.error());
    }
    AppliedChange applied;
    auto refusal = check_nonce(session, context, *caller, change);
    if (!refusal) return std::unexpected(refusal.error());
    applied.refusal = std::move(*refusal);
    if (applied.refusal) return applied;
    User after = caller->user;
    if (!hash.empty()) {
        after.password_hash = hash;
        auto ended = end_sessions(session, after.id, caller->session_id(), Which::Others,
                                  end_reason::password_changed, now_us);
        if (!ended) return std::unexpected(ended.error());
        // A link to choose another one is not wanted any more.
        auto removed = remove_tokens(session, after.id, {TokenKind::Recovery});
        if (!removed) return std::unexpected(removed.error());
    }
    if (change.user_metadata) merge_metadata(after.user_metadata, *change.user_metadata);
    auto changed = change_addresses(session, context, after, change, applied.messages);
    if (changed) changed = update_user(session, caller->user, after, now_us);
    if (changed) {
        changed = audit(session,
                        {.action = action_of(change),
                         .actor_id = after.id,
                         .session_id = caller->session_id(),
                         .address = visitor.address},
                        now_us);
    }
    if (!changed) return std::unexpected(changed.error());
    after.updated_at = now_us;
    auto object = user_json(session, after);
    if (!object) return std::unexpected(object.error());
    applied.user_object = std::move(*object);
    return applied;
}

}  // namespace dunlin::auth
