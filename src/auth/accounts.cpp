#include "auth/accounts.h"

#include "auth/attempts.h"
#include "auth/audit_log.h"
#include "auth/error.h"
#include "auth/password_hash.h"

namespace dunlin::auth {

namespace json = boost::json;

asio::awaitable<Result<json::object>> Accounts::sign_up_anonymously(json::object metadata,
                                                                    Visitor visitor) {
    if (!context_.settings.sign_ups || !context_.settings.anonymous) {
        co_return std::unexpected(refused(ErrorCode::Unprocessable, "anonymous_provider_disabled",
                                          "Anonymous sign-ins are disabled"));
    }
    auto counted = co_await count_attempt(context_, visitor, "");
    if (!counted) co_return std::unexpected(counted.error());
    const std::int64_t now_us = context_.clock.now_us();
    const User user{.id = new_id(),
                    .user_metadata = std::move(metadata),
                    .is_anonymous = true,
                    .created_at = now_us,
                    .updated_at = now_us};
    std::optional<Grant> grant;
    auto done = co_await context_.owner.write({}, [&](data::OwnerSession& session) -> Result<void> {
        auto made = create(session, user, visitor, "anonymous");
        if (!made) return std::unexpected(made.error());
        grant = std::move(*made);
        return {};
    });
    if (!done) co_return std::unexpected(done.error());
    co_return grant_json(context_, *grant);
}

Result<Grant> Accounts::create(data::OwnerSession& session, const User& user,
                               const Visitor& visitor, std::string_view method) {
    auto made = create_user(session, user);
    if (made) {
        made =
            audit(session, {.action = "sign_up", .actor_id = user.id, .address = visitor.address},
                  context_.clock.now_us());
    }
    if (!made) return std::unexpected(made.error());
    return sign_in(session, context_, user, visitor, method);
}

asio::awaitable<Result<json::object>> Accounts::sign_in_with_password(Credentials credentials,
                                                                      Visitor visitor) {
    auto normal = normal_credentials(std::move(credentials));
    if (!normal) co_return std::unexpected(normal.error());
    const std::string account = account_of(*normal);
    auto counted = co_await count_attempt(context_, visitor, account);
    if (!counted) co_return std::unexpected(counted.error());
    std::optional<User> known;
    auto found = co_await context_.owner.read([&](data::OwnerSession& session) -> Result<void> {
        auto user = find_user(session, *normal);
        if (!user) return std::unexpected(user.error());
        known = std::move(*user);
        return {};
    });
    if (!found) co_return std::unexpected(found.error());
    const std::string stored = known ? known->password_hash : std::string();
    auto proved = co_await context_.passwords.verify(normal->password, stored);
    if (!proved) co_return std::unexpected(proved.error());
    if (!*proved) {
        auto noted = co_await note_failure(context_, visitor, known ? known->id : "", account);
        co_return std::unexpected(noted ? invalid_credentials() : noted.error());
    }
    std::string rehashed;
    if (needs_rehash(stored)) {
        auto hash = co_await context_.passwords.hash(normal->password);
        if (hash) rehashed = std::move(*hash);
    }
    std::optional<Grant> grant;
    auto done = co_await context_.owner.write({}, [&](data::OwnerSession& session) -> Result<void> {
        auto user = require_user(session, known->id);
        // Somebody may have changed the password while we compared it.
        if (!user || user->password_hash != stored) return std::unexpected(invalid_credentials());
        if (!(normal->email.empty() ? user->phone_confirmed_at : user->email_confirmed_at)) {
            return std::unexpected(not_confirmed(*normal));
        }
        auto forgiven = forgive_account(session, account);
        if (!forgiven) return forgiven;
        if (!rehashed.empty()) {
            User after = *user;
            after.password_hash = rehashed;
            auto kept = update_user(session, *user, after, context_.clock.now_us());
            if (!kept) return kept;
            user = std::move(after);
        }
        auto made = sign_in(session, context_, std::move(*user), visitor, "password");
        if (!made) return std::unexpected(made.error());
        grant = std::move(*made);
        return {};
    });
    if (!done && done.error().sqlstate == "session_conflict") {
        // The password was good; what was undone is the rest.
        auto forgiven = co_await context_.owner.write(
            {}, [&](data::OwnerSession& session) { return forgive_account(session, account); });
        if (!forgiven) co_return std::unexpected(forgiven.error());
    }
    if (!done) co_return std::unexpected(done.error());
    co_return grant_json(context_, *grant);
}

}  // namespace dunlin::auth
