#include "auth/accounts.h"

#include "auth/audit_log.h"
#include "auth/error.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

Error aal2_required(std::string message) {
    return refused(ErrorCode::Unauthorized, "insufficient_aal", std::move(message));
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

asio::awaitable<Result<json::object>> Accounts::change_user(Identity identity, UserChange change,
                                                            Visitor visitor) {
    std::string hash;
    if (change.password) {
        auto who = co_await caller(identity);
        if (!who) co_return std::unexpected(who.error());
        auto hashed = co_await changed_password(std::move(*who), change);
        if (!hashed) co_return std::unexpected(hashed.error());
        hash = std::move(*hashed);
    }
    json::object object;
    auto done = co_await context_.owner.write(identity, [&](data::OwnerSession& session) {
        return apply(session, identity, change, hash, visitor, object);
    });
    if (!done) co_return std::unexpected(done.error());
    co_return object;
}

Result<void> Accounts::apply(data::OwnerSession& session, const Identity& identity,
                             const UserChange& change, const std::string& hash,
                             const Visitor& visitor, json::object& answer) {
    const std::int64_t now_us = context_.clock.now_us();
    auto caller = require_caller(session, identity, now_us);
    if (!caller) return std::unexpected(caller.error());
    User after = caller->user;
    if (!hash.empty()) {
        auto factor = has_verified_factor(session, after);
        if (!factor) return std::unexpected(factor.error());
        if (*factor && !caller->is_aal2()) {
            return std::unexpected(aal2_required(
                "AAL2 session is required to update email or password when MFA is enabled."));
        }
        after.password_hash = hash;
        auto ended = end_sessions(session, after.id, caller->session_id(), Which::Others,
                                  end_reason::password_changed, now_us);
        if (!ended) return std::unexpected(ended.error());
    }
    if (change.user_metadata) merge_metadata(after.user_metadata, *change.user_metadata);
    auto kept = update_user(session, caller->user, after, now_us);
    if (kept) {
        kept = audit(session,
                     {.action = hash.empty() ? "user_changed" : "password_changed",
                      .actor_id = after.id,
                      .session_id = caller->session_id(),
                      .address = visitor.address},
                     now_us);
    }
    if (!kept) return kept;
    after.updated_at = now_us;
    auto object = user_json(session, after);
    if (!object) return std::unexpected(object.error());
    answer = std::move(*object);
    return {};
}

}  // namespace dunlin::auth
