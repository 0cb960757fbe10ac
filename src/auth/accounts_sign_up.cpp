#include <optional>
#include <vector>

#include "auth/accounts.h"
#include "auth/attempts.h"
#include "auth/audit_log.h"
#include "auth/error.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

/// What somebody gets who signs up with an address that has an account: as for a new one, but there
/// is none.
json::object made_up_user(const User& wished) {
    json::object object;
    object["id"] = new_id();
    object["aud"] = wished.aud;
    object["role"] = "";
    object["email"] = wished.email;
    object["phone"] = wished.phone;
    const std::string now = timestamp_text(wished.created_at.value_or(0));
    object["confirmation_sent_at"] = now;
    object["app_metadata"] = wished.app_metadata;
    object["user_metadata"] = json::object();
    object["identities"] = json::array();
    object["created_at"] = now;
    object["updated_at"] = now;
    object["is_anonymous"] = false;
    return object;
}

/// Whether the account is somebody's: it has been proved, or used.
bool is_taken(const User& user) {
    return user.is_confirmed() || user.last_sign_in_at;
}

/// The account that is to be confirmed: a new one, or one that nobody has confirmed, which then is
/// whose sign-up was the last. An earlier one's password must not open it, or whoever knew of the
/// address first would own it.
Result<User> keep_unconfirmed(data::OwnerSession& session, const std::optional<User>& before,
                              User wished, std::int64_t now_us) {
    if (!before) {
        auto made = create_user(session, wished);
        if (!made) return std::unexpected(made.error());
        return wished;
    }
    User after = *before;
    after.password_hash = wished.password_hash;
    after.user_metadata = std::move(wished.user_metadata);
    auto kept = update_user(session, *before, after, now_us);
    if (!kept) return std::unexpected(kept.error());
    return after;
}

}  // namespace

asio::awaitable<Result<json::object>> Accounts::sign_up(Credentials credentials,
                                                        json::object metadata,
                                                        MessageOptions options, Visitor visitor) {
    if (!context_.settings.sign_ups) {
        co_return std::unexpected(refused(ErrorCode::Unprocessable, "signup_disabled",
                                          "Signups not allowed for this instance"));
    }
    auto normal = normal_credentials(std::move(credentials));
    if (!normal) co_return std::unexpected(normal.error());
    auto usable = check_options(options);
    if (!usable) co_return std::unexpected(usable.error());
    const bool confirm =
        normal->email.empty() ? context_.settings.confirm_phone : context_.settings.confirm_email;
    const std::string address = normal->email.empty() ? normal->phone : normal->email;
    if (confirm) {
        auto admitted = context_.messenger.admit(address);
        if (!admitted) co_return std::unexpected(admitted.error());
    }
    auto counted = co_await count_attempt(context_, visitor, "");
    if (counted && confirm) {
        counted = co_await count_message(context_, visitor, channel_of(address), "signup", address);
    }
    if (!counted) co_return std::unexpected(counted.error());
    // Hashed in any case, so that the time does not tell whether the account exists.
    auto hash = co_await hash_new_password(context_, std::move(normal->password), normal->email);
    if (!hash) co_return std::unexpected(hash.error());
    User user = new_user(*normal, std::move(metadata), context_.clock.now_us());
    user.password_hash = std::move(*hash);
    if (confirm) {
        co_return co_await sign_up_to_confirm(std::move(user), std::move(*normal),
                                              std::move(options), std::move(visitor));
    }
    co_return co_await sign_up_at_once(std::move(user), std::move(*normal), std::move(visitor));
}

asio::awaitable<Result<json::object>> Accounts::sign_up_at_once(User user, Credentials credentials,
                                                                Visitor visitor) {
    (credentials.email.empty() ? user.phone_confirmed_at : user.email_confirmed_at) =
        user.created_at;
    std::optional<Grant> grant;
    auto done = co_await context_.owner.write({}, [&](data::OwnerSession& session) -> Result<void> {
        auto same = find_user(session, credentials);
        if (!same) return std::unexpected(same.error());
        if (*same) {
            return std::unexpected(refused(ErrorCode::Unprocessable, "user_already_exists",
                                           "User already registered"));
        }
        auto made = create(session, user, visitor, "password");
        if (!made) return std::unexpected(made.error());
        grant = std::move(*made);
        return {};
    });
    if (!done) co_return std::unexpected(done.error());
    co_return grant_json(context_, *grant);
}

asio::awaitable<Result<json::object>> Accounts::sign_up_to_confirm(User wished,
                                                                   Credentials credentials,
                                                                   MessageOptions options,
                                                                   Visitor visitor) {
    const std::int64_t now_us = context_.clock.now_us();
    json::object answer;
    std::vector<Message> messages;
    auto done = co_await context_.owner.write({}, [&](data::OwnerSession& session) -> Result<void> {
        messages.clear();
        auto same = find_user(session, credentials);
        if (!same) return std::unexpected(same.error());
        const bool taken = *same && is_taken(**same);
        auto noted = audit(session,
                           {.action = taken ? "sign_up_repeated" : "sign_up",
                            .actor_id = *same ? (*same)->id : wished.id,
                            .address = visitor.address},
                           now_us);
        if (!noted || taken) {
            answer = made_up_user(wished);
            return noted;
        }
        auto user = keep_unconfirmed(session, *same, wished, now_us);
        if (!user) return std::unexpected(user.error());
        const User before = *user;
        auto issued = issue(session, context_, *user, Purpose::SignUp,
                            credentials.email.empty() ? user->phone : user->email, options);
        if (!issued) return std::unexpected(issued.error());
        auto kept = update_user(session, before, *user, now_us);
        if (!kept) return kept;
        messages.push_back(message_of(context_, *user, Purpose::SignUp, *issued, options));
        auto object = user_json(session, *user);
        if (!object) return std::unexpected(object.error());
        answer = std::move(*object);
        return {};
    });
    if (!done) co_return std::unexpected(done.error());
    co_await context_.messenger.send(std::move(messages));
    co_return answer;
}

}  // namespace dunlin::auth
