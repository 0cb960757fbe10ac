#include "auth/accounts.h"

#include "auth/attempts.h"
#include "auth/audit_log.h"
#include "auth/error.h"
#include "auth/pkce_flow.h"
#include "auth/rate_limits.h"
#include "auth/refresh_token.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::int64_t us_per_s = 1'000'000;

Error refresh_token_not_found() {
    return refused(ErrorCode::InvalidInput, "refresh_token_not_found",
                   "Invalid Refresh Token: Refresh Token Not Found");
}

Error already_used() {
    return refused(ErrorCode::InvalidInput, "refresh_token_already_used",
                   "Invalid Refresh Token: Already Used");
}

Error session_expired() {
    return refused(ErrorCode::InvalidInput, "session_expired", "Session is no longer valid");
}

}  // namespace

/// What a refresh comes to. A refusal that has to be remembered (a stolen token ends its session)
/// is an outcome, not a failure of the transaction.
Result<Result<Grant>> Accounts::refresh_in(data::OwnerSession& session, const RefreshToken& token,
                                           const Visitor& visitor) {
    const std::int64_t now_us = context_.clock.now_us();
    auto found = find_session(session, token.session_id);
    if (!found) return std::unexpected(found.error());
    if (!*found || !is_genuine(token, context_.secret, (*found)->refresh_key)) {
        return Result<Grant>(std::unexpected(refresh_token_not_found()));
    }
    Session current = std::move(**found);
    auto user = require_user(session, current.user_id);
    if (!user) return std::unexpected(user.error());
    const auto end = [&](std::string_view reason, Error refusal) -> Result<Result<Grant>> {
        auto ended = end_sessions(session, user->id, current.id, Which::This, reason, now_us);
        if (!ended) return std::unexpected(ended.error());
        auto noted = audit(session,
                           {.action = "session_ended",
                            .actor_id = user->id,
                            .session_id = current.id,
                            .address = visitor.address,
                            .payload = {{"reason", reason}}},
                           now_us);
        if (!noted) return std::unexpected(noted.error());
        return Result<Grant>(std::unexpected(std::move(refusal)));
    };
    if (user->is_banned(now_us)) {
        return end(end_reason::banned, user_banned(ErrorCode::InvalidInput));
    }
    if (is_over(context_.settings, current, now_us)) {
        return end(end_reason::expired, session_expired());
    }
    if (token.generation != current.refresh_generation) {
        const bool previous = token.generation + 1 == current.refresh_generation;
        const std::int64_t since_us = now_us - current.refreshed_at.value_or(0);
        if (!previous || since_us > context_.settings.refresh_reuse_s * us_per_s) {
            return end(end_reason::reused, already_used());
        }
    } else {
        ++current.refresh_generation;
        current.refreshed_at = now_us;
        auto kept = session.update("auth.sessions",
                                   {{"refresh_generation", Value(current.refresh_generation)},
                                    {"refreshed_at", Value(now_us)},
                                    {"last_seen_at", Value(now_us)},
                                    {"updated_at", Value(now_us)},
                                    {"ip", text_value(visitor.address)}},
                                   "id = ?1", {Value(current.id)});
        if (!kept) return std::unexpected(kept.error());
    }
    auto object = user_json(session, *user);
    if (!object) return std::unexpected(object.error());
    return Result<Grant>(Grant{std::move(*user), std::move(current), std::move(*object)});
}

asio::awaitable<Result<json::object>> Accounts::refresh(std::string text, Visitor visitor) {
    constexpr std::size_t size_min = 12;  // upstream's
    if (text.size() < size_min) {
        co_return std::unexpected(validation_failed("Refresh token is not valid"));
    }
    const auto token = parse_refresh_token(text);
    if (!token) co_return std::unexpected(refresh_token_not_found());
    const auto work = [&](data::OwnerSession& session) -> Result<Result<Grant>> {
        auto counted = rate_limits::take(session, "refresh:address:" + visitor.address,
                                         context_.settings.limits.refresh,
                                         "over_request_rate_limit", context_.clock.now_us());
        if (!counted) return std::unexpected(counted.error());
        return refresh_in(session, *token, visitor);
    };
    co_return co_await commit_grant(context_, {}, work);
}

asio::awaitable<Result<json::object>> Accounts::sign_in_with_auth_code(std::string code,
                                                                       std::string verifier,
                                                                       Visitor visitor) {
    return exchange_auth_code(context_, std::move(code), std::move(verifier), std::move(visitor));
}

asio::awaitable<Result<void>> Accounts::sign_out(Identity identity, Which which, Visitor visitor) {
    co_return co_await context_.owner.write(
        identity, [&](data::OwnerSession& session) -> Result<void> {
            const std::int64_t now_us = context_.clock.now_us();
            auto caller = require_caller(session, identity, now_us);
            if (!caller) return std::unexpected(caller.error());
            auto ended = end_sessions(session, caller->user.id, caller->session_id(), which,
                                      end_reason::signed_out, now_us);
            if (!ended) return std::unexpected(ended.error());
            return audit(session,
                         {.action = "sign_out",
                          .actor_id = caller->user.id,
                          .session_id = caller->session_id(),
                          .address = visitor.address,
                          .payload = {{"sessions", *ended}}},
                         now_us);
        });
}

asio::awaitable<Result<json::object>> Accounts::sessions(Identity identity) {
    json::array listed;
    auto read = co_await context_.owner.read([&](data::OwnerSession& session) -> Result<void> {
        const std::int64_t now_us = context_.clock.now_us();
        auto caller = require_caller(session, identity, now_us);
        if (!caller) return std::unexpected(caller.error());
        auto found = find_sessions(session, context_.settings, caller->user.id, now_us);
        if (!found) return std::unexpected(found.error());
        for (const Session& one : *found) {
            listed.push_back(session_json(one, caller->session_id()));
        }
        return {};
    });
    if (!read) co_return std::unexpected(read.error());
    co_return json::object{{"sessions", std::move(listed)}};
}

asio::awaitable<Result<void>> Accounts::end_session(Identity identity, std::string session_id,
                                                    Visitor visitor) {
    co_return co_await context_.owner.write(
        identity, [&](data::OwnerSession& session) -> Result<void> {
            const std::int64_t now_us = context_.clock.now_us();
            auto caller = require_caller(session, identity, now_us);
            if (!caller) return std::unexpected(caller.error());
            auto ended = end_sessions(session, caller->user.id, session_id, Which::This,
                                      end_reason::signed_out, now_us);
            if (!ended) return std::unexpected(ended.error());
            if (*ended == 0) return std::unexpected(session_not_found(ErrorCode::NotFound));
            return audit(session,
                         {.action = "session_ended",
                          .actor_id = caller->user.id,
                          .session_id = session_id,
                          .address = visitor.address,
                          .payload = {{"reason", end_reason::signed_out}}},
                         now_us);
        });
}

}  // namespace dunlin::auth
