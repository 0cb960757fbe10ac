#include "auth/identities.h"

#include <algorithm>
#include <boost/json/array.hpp>

#include "auth/audit_log.h"
#include "auth/caller.h"
#include "auth/error.h"
#include "auth/user.h"

namespace dunlin::auth {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

Error conflicting_email() {
    return refused(ErrorCode::Unprocessable, "email_conflict_identity_not_deletable",
                   "Unable to unlink identity due to email conflict");
}

/// `user` with what its other identities leave of its addresses.
Result<User> without(data::OwnerSession& session, User user, const UserIdentity& gone,
                     const std::vector<UserIdentity>& rest) {
    if (gone.provider == "phone") {
        user.phone.clear();
        user.phone_confirmed_at.reset();
    }
    const bool keeps = std::ranges::find(rest, user.email, &UserIdentity::email) != rest.end();
    const auto next =
        std::ranges::find_if(rest, [](const UserIdentity& one) { return !one.email.empty(); });
    if (!user.email.empty() && !keeps) {
        user.email = next == rest.end() ? std::string() : next->email;
        if (user.email.empty()) user.email_confirmed_at.reset();
        auto holder = find_user_by_email(session, user.email);
        if (!holder) return std::unexpected(holder.error());
        if (*holder) return std::unexpected(conflicting_email());
    }
    json::array providers;
    for (const UserIdentity& one : rest) {
        if (std::ranges::find(providers, json::value(one.provider)) == providers.end()) {
            providers.emplace_back(one.provider);
        }
    }
    user.app_metadata["provider"] = rest.front().provider;
    user.app_metadata["providers"] = std::move(providers);
    return user;
}

Result<void> unlink(data::OwnerSession& session, const Context& context, const Caller& caller,
                    const std::string& identity_id, const Visitor& visitor) {
    const std::int64_t now_us = context.clock.now_us();
    auto identities = find_identities(session, caller.user.id);
    if (!identities) return std::unexpected(identities.error());
    if (identities->size() <= 1) {
        return std::unexpected(refused(ErrorCode::Unprocessable, "single_identity_not_deletable",
                                       "User must have at least 1 identity after unlinking"));
    }
    const auto found = std::ranges::find(*identities, identity_id, &UserIdentity::id);
    if (found == identities->end()) {
        return std::unexpected(
            refused(ErrorCode::Unprocessable, "identity_not_found", "Identity doesn't exist"));
    }
    const UserIdentity gone = *found;
    identities->erase(found);
    auto after = without(session, caller.user, gone, *identities);
    if (!after) return std::unexpected(after.error());
    after->claims_changed_at = now_us;
    auto removed = session.remove("auth.identities", "id = ?1", {Value(gone.id)});
    if (!removed) return std::unexpected(removed.error());
    auto kept = update_user(session, caller.user, *after, now_us);
    if (!kept) return kept;
    return audit(session,
                 {.action = "identity_unlinked",
                  .actor_id = caller.user.id,
                  .session_id = caller.session_id(),
                  .address = visitor.address,
                  .payload = {{"identity_id", gone.id}, {"provider", gone.provider}}},
                 now_us);
}

}  // namespace

asio::awaitable<Result<json::object>> unlink_identity(const Context& context, Identity identity,
                                                      std::string identity_id, Visitor visitor) {
    if (!context.settings.manual_linking) {
        co_return std::unexpected(
            refused(ErrorCode::NotFound, "manual_linking_disabled", "Manual linking is disabled"));
    }
    auto done =
        co_await context.owner.write(identity, [&](data::OwnerSession& session) -> Result<void> {
            auto caller = require_caller(session, identity, context.clock.now_us());
            if (!caller) return std::unexpected(caller.error());
            auto factor = has_verified_factor(session, caller->user);
            if (!factor) return std::unexpected(factor.error());
            if (*factor && !caller->is_aal2()) {
                return std::unexpected(
                    refused(ErrorCode::Unauthorized, "insufficient_aal",
                            "AAL2 session is required to unlink an identity when MFA is enabled."));
            }
            return unlink(session, context, *caller, identity_id, visitor);
        });
    if (!done) co_return std::unexpected(done.error());
    co_return json::object();
}

}  // namespace dunlin::auth
