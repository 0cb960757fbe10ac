#include "auth/accounts.h"

#include "auth/attempts.h"
#include "auth/error.h"
#include "auth/user_change.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

/// Takes out what is as it should be already; the rest in the form in which it is stored.
Result<void> normalize(UserChange& change, const User& user) {
    if (change.email) {
        auto email = normal_email(*change.email);
        if (!email) return std::unexpected(email.error());
        change.email = *email == user.email ? std::nullopt : std::optional(std::move(*email));
    }
    if (change.phone) {
        auto phone = normal_phone(*change.phone);
        if (!phone) return std::unexpected(phone.error());
        change.phone = *phone == user.phone ? std::nullopt : std::optional(std::move(*phone));
    }
    const bool nameless = user.email.empty() && user.phone.empty();
    if (change.password && user.is_anonymous && nameless && !change.email && !change.phone) {
        return std::unexpected(
            refused(ErrorCode::Unprocessable, "validation_failed",
                    "Updating password of an anonymous user without an email or phone is not "
                    "allowed"));
    }
    return check_options(change.options);
}

}  // namespace

asio::awaitable<Result<Caller>> Accounts::caller(Identity identity) {
    std::optional<Caller> caller;
    auto read = co_await context_.owner.read([&](data::OwnerSession& session) -> Result<void> {
        auto found = require_caller(session, identity, context_.clock.now_us());
        if (!found) return std::unexpected(found.error());
        caller = std::move(*found);
        return {};
    });
    if (!read) co_return std::unexpected(read.error());
    co_return std::move(*caller);
}

asio::awaitable<Result<json::object>> Accounts::user(Identity identity) {
    json::object object;
    auto read = co_await context_.owner.read([&](data::OwnerSession& session) -> Result<void> {
        auto found = require_caller(session, identity, context_.clock.now_us());
        if (!found) return std::unexpected(found.error());
        auto made = user_json(session, found->user);
        if (!made) return std::unexpected(made.error());
        object = std::move(*made);
        return {};
    });
    if (!read) co_return std::unexpected(read.error());
    co_return object;
}

/// The hash of the new password, once everything speaks for the change.
asio::awaitable<Result<std::string>> Accounts::changed_password(Caller caller, UserChange change) {
    const std::string& stored = caller.user.password_hash;
    if (change.current_password) {
        auto proved = co_await context_.passwords.verify(*change.current_password, stored);
        if (!proved) co_return std::unexpected(proved.error());
        if (!*proved) co_return std::unexpected(invalid_credentials());
    }
    if (!stored.empty()) {
        auto same = co_await context_.passwords.verify(*change.password, stored);
        if (!same) co_return std::unexpected(same.error());
        if (*same) {
            co_return std::unexpected(
                refused(ErrorCode::Unprocessable, "same_password",
                        "New password should be different from the old password."));
        }
    }
    co_return co_await hash_new_password(context_, *change.password, caller.user.email);
}

/// Counts the messages that the change takes.
asio::awaitable<Result<void>> Accounts::admit_addresses(std::string user_id, UserChange change,
                                                        Visitor visitor) {
    if (change.email && context_.settings.confirm_email) {
        auto admitted = context_.messenger.admit(*change.email);
        if (!admitted) co_return admitted;
        auto counted = co_await count_message(context_, visitor, MessageChannel::Email,
                                              "email_change", user_id);
        if (!counted) co_return counted;
    }
    if (!change.phone || !context_.settings.confirm_phone) co_return Result<void>{};
    auto admitted = context_.messenger.admit(*change.phone);
    if (!admitted) co_return admitted;
    co_return co_await count_message(context_, visitor, MessageChannel::Sms, "phone_change",
                                     user_id);
}

asio::awaitable<Result<json::object>> Accounts::change_user(Identity identity, UserChange change,
                                                            Visitor visitor) {
    auto who = co_await caller(identity);
    if (!who) co_return std::unexpected(who.error());
    auto usable = normalize(change, who->user);
    if (usable) usable = co_await admit_addresses(who->user.id, change, visitor);
    if (!usable) co_return std::unexpected(usable.error());
    std::string hash;
    if (change.password) {
        auto hashed = co_await changed_password(std::move(*who), change);
        if (!hashed) co_return std::unexpected(hashed.error());
        hash = std::move(*hashed);
    }
    AppliedChange applied;
    auto done =
        co_await context_.owner.write(identity, [&](data::OwnerSession& session) -> Result<void> {
            auto made = apply_change(session, context_, identity, change, hash, visitor);
            if (!made) return std::unexpected(made.error());
            applied = std::move(*made);
            return {};
        });
    if (!done) co_return std::unexpected(done.error());
    if (applied.refusal) co_return std::unexpected(std::move(*applied.refusal));
    co_await context_.messenger.send(std::move(applied.messages));
    co_return std::move(applied.user_object);
}

}  // namespace dunlin::auth
