#include "auth/external_account.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <optional>

#include "auth/address_identity.h"
#include "auth/administration_rows.h"
#include "auth/audit_log.h"
#include "auth/error.h"
#include "auth/sessions.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

Error identity_exists(std::string message) {
    return refused(ErrorCode::Unprocessable, "identity_already_exists", std::move(message));
}

Error needs_verified_email(const ExternalPerson& person) {
    return refused(ErrorCode::Unprocessable, "provider_email_needs_verification",
                   fmt::format("Unverified email with {0}. Verify the email with {0} in order to "
                               "sign in",
                               person.provider));
}

/// The address that the provider vouches for, as it is stored; "" when there is none.
std::string verified_email(const ProviderProfile& profile) {
    if (!profile.email_verified) return "";
    auto email = normal_email(profile.email);
    return email ? std::move(*email) : std::string();
}

Result<void> note(data::OwnerSession& session, const Context& context, std::string_view action,
                  const User& user, const ExternalPerson& person, const Visitor& visitor) {
    return audit(session,
                 {.action = action,
                  .actor_id = user.id,
                  .address = visitor.address,
                  .payload = {{"provider", person.provider}}},
                 context.clock.now_us());
}

Result<void> add_identity(data::OwnerSession& session, const User& user,
                          const ExternalPerson& person, std::int64_t now_us) {
    return insert_identity(session, {.id = new_id(),
                                     .user_id = user.id,
                                     .provider_id = person.profile.subject,
                                     .provider = person.provider,
                                     .data = person.profile.claims,
                                     .email = verified_email(person.profile),
                                     .last_sign_in_at = now_us,
                                     .created_at = now_us,
                                     .updated_at = now_us});
}

/// Somebody whom we have seen before. What the provider says of him now replaces what it said.
Result<User> know_again(data::OwnerSession& session, const Context& context,
                        const UserIdentity& identity, const ExternalPerson& person) {
    const std::int64_t now_us = context.clock.now_us();
    auto user = require_user(session, identity.user_id);
    if (!user) return user;
    auto kept = session.update("auth.identities",
                               {{"identity_data", object_value(person.profile.claims)},
                                {"email", text_value(verified_email(person.profile))},
                                {"last_sign_in_at", Value(now_us)},
                                {"updated_at", Value(now_us)}},
                               "id = ?1", {Value(identity.id)});
    if (!kept) return std::unexpected(kept.error());
    User after = *user;
    merge_metadata(after.user_metadata, person.profile.claims);
    add_provider(after.app_metadata, person.provider);
    auto updated = update_user(session, *user, after, now_us);
    if (!updated) return std::unexpected(updated.error());
    return after;
}

/// Whatever whoever made the account could still use to get in.
Result<void> shut_out(data::OwnerSession& session, const User& user, std::int64_t now_us) {
    auto ended = end_sessions(session, user.id, "", Which::All, end_reason::taken_over, now_us);
    if (!ended) return std::unexpected(ended.error());
    for (const std::string_view table :
         {"auth.identities", "auth.mfa_factors", "auth.mfa_recovery_codes"}) {
        auto removed = session.remove(table, "user_id = ?1", {Value(user.id)});
        if (!removed) return std::unexpected(removed.error());
    }
    return void_codes(session, user.id);
}

Result<User> take_over(data::OwnerSession& session, const Context& context, User user,
                       const ExternalPerson& person, const Visitor& visitor) {
    // A telephone number was proved: the account is somebody's, who only mistyped his address.
    if (user.phone_confirmed_at) return std::unexpected(email_exists());
    const std::int64_t now_us = context.clock.now_us();
    auto shut = shut_out(session, user, now_us);
    if (!shut) return std::unexpected(shut.error());
    User after = user;
    after.password_hash.clear();
    after.phone.clear();
    after.new_email.clear();
    after.new_phone.clear();
    after.email_confirmed_at = now_us;
    after.user_metadata = person.profile.claims;
    after.app_metadata["provider"] = person.provider;
    after.app_metadata["providers"] = json::array{person.provider};
    auto done = update_user(session, user, after, now_us);
    if (done) done = add_identity(session, after, person, now_us);
    if (done) done = note(session, context, "account_taken_over", after, person, visitor);
    if (!done) return std::unexpected(done.error());
    return after;
}

Result<User> add_to(data::OwnerSession& session, const Context& context, User user,
                    const ExternalPerson& person, const Visitor& visitor) {
    const std::int64_t now_us = context.clock.now_us();
    User after = user;
    merge_metadata(after.user_metadata, person.profile.claims);
    add_provider(after.app_metadata, person.provider);
    auto done = add_identity(session, after, person, now_us);
    if (done) done = update_user(session, user, after, now_us);
    if (done) done = note(session, context, "identity_linked", after, person, visitor);
    if (!done) return std::unexpected(done.error());
    return after;
}

Result<User> make_account(data::OwnerSession& session, const Context& context,
                          const std::string& email, const ExternalPerson& person,
                          const Visitor& visitor) {
    if (!context.settings.sign_ups) {
        return std::unexpected(refused(ErrorCode::Unprocessable, "signup_disabled",
                                       "Signups not allowed for this instance"));
    }
    if (email.empty() && !person.email_optional) {
        return std::unexpected(needs_verified_email(person));
    }
    const std::int64_t now_us = context.clock.now_us();
    User user{.id = new_id(),
              .email = email,
              .user_metadata = person.profile.claims,
              .created_at = now_us,
              .updated_at = now_us};
    if (!email.empty()) user.email_confirmed_at = now_us;
    add_provider(user.app_metadata, person.provider);
    auto made = insert_user(session, user);
    if (made) made = add_identity(session, user, person, now_us);
    if (made) made = note(session, context, "sign_up", user, person, visitor);
    if (!made) return std::unexpected(made.error());
    return user;
}

Result<User> choose_account(data::OwnerSession& session, const Context& context,
                            const ExternalPerson& person, const Visitor& visitor) {
    auto known = find_identity(session, person.provider, person.profile.subject);
    if (!known) return std::unexpected(known.error());
    if (*known) return know_again(session, context, **known, person);
    const std::string email = verified_email(person.profile);
    auto same = find_user_by_email(session, email);
    if (!same) return std::unexpected(same.error());
    if (!*same) return make_account(session, context, email, person, visitor);
    // Before anything is changed: a ban is not lifted by coming in through another door.
    if ((*same)->is_banned(context.clock.now_us())) {
        return std::unexpected(user_banned(ErrorCode::Forbidden));
    }
    const auto decided = (*same)->email_confirmed_at ? add_to : take_over;
    return decided(session, context, std::move(**same), person, visitor);
}

/// An account without an address gets the one that was verified.
Result<void> give_address(data::OwnerSession& session, const Context& context, User& user,
                          const ExternalPerson& person) {
    if (!user.email.empty()) return {};
    const std::string email = verified_email(person.profile);
    if (email.empty()) {
        if (!person.email_optional) return std::unexpected(needs_verified_email(person));
    } else {
        auto same = find_user_by_email(session, email);
        if (!same) return std::unexpected(same.error());
        if (*same) return std::unexpected(email_exists());
        user.email = email;
        user.email_confirmed_at = context.clock.now_us();
    }
    user.is_anonymous = false;
    return {};
}

}  // namespace

Result<User> find_or_make_account(data::OwnerSession& session, const Context& context,
                                  const ExternalPerson& person, const Visitor& visitor) {
    auto user = choose_account(session, context, person, visitor);
    if (user && user->is_banned(context.clock.now_us())) {
        return std::unexpected(user_banned(ErrorCode::Forbidden));
    }
    return user;
}

Result<User> link_identity(data::OwnerSession& session, const Context& context, User user,
                           const ExternalPerson& person, const Visitor& visitor) {
    if (user.is_banned(context.clock.now_us())) {
        return std::unexpected(user_banned(ErrorCode::Forbidden));
    }
    auto known = find_identity(session, person.provider, person.profile.subject);
    if (!known) return std::unexpected(known.error());
    if (*known) {
        return std::unexpected(identity_exists((*known)->user_id == user.id
                                                   ? "Identity is already linked"
                                                   : "Identity is already linked to another user"));
    }
    User after = user;
    auto given = give_address(session, context, after, person);
    if (!given) return std::unexpected(given.error());
    auto kept = update_user(session, user, after, context.clock.now_us());
    if (!kept) return std::unexpected(kept.error());
    return add_to(session, context, std::move(after), person, visitor);
}

}  // namespace dunlin::auth
