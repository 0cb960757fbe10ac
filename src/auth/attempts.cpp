#include "auth/attempts.h"

#include <fmt/format.h>

#include "auth/audit_log.h"
#include "auth/error.h"
#include "auth/rate_limits.h"

namespace dunlin::auth {

namespace {

constexpr std::string_view refusal_name = "over_request_rate_limit";

std::string account_key(const std::string& account) {
    return "attempt:account:" + account;
}

/// What an attempt counts against, besides its address and all together. None when `key` is "".
struct Target {
    std::string key{};
    RateLimit limit{};
    std::string refusal{};
};

Result<void> count(data::OwnerSession& session, const Context& context, const Visitor& visitor,
                   const Target& target) {
    const RateLimits& limits = context.settings.limits;
    const std::int64_t now_us = context.clock.now_us();
    auto counted = rate_limits::take(session, "attempt:address:" + visitor.address, limits.address,
                                     refusal_name, now_us);
    if (counted) {
        counted = rate_limits::take(session, "attempt", limits.global, refusal_name, now_us);
    }
    if (!counted || target.key.empty()) return counted;
    return rate_limits::take(session, target.key, target.limit, target.refusal, now_us);
}

Result<void> count_one_message(data::OwnerSession& session, const Context& context,
                               const Visitor& visitor, MessageChannel channel,
                               std::string_view purpose, const std::string& address) {
    const RateLimits& limits = context.settings.limits;
    const std::int64_t now_us = context.clock.now_us();
    auto taken = rate_limits::take(session, "message:address:" + visitor.address, limits.messages,
                                   refusal_name, now_us);
    if (!taken) return taken;
    auto wait_s = rate_limits::count(session, fmt::format("message:{}:{}", purpose, address),
                                     {1, limits.message_pause_s}, now_us);
    if (!wait_s) return std::unexpected(wait_s.error());
    if (*wait_s == 0) return {};
    return std::unexpected(over_limit(
        channel == MessageChannel::Email ? "over_email_send_rate_limit"
                                         : "over_sms_send_rate_limit",
        fmt::format("For security purposes, you can only request this after {} seconds.", *wait_s),
        *wait_s));
}

/// Runs `work`, whose refusal for being over a limit must not undo what was counted.
asio::awaitable<Result<void>> keep_count(const Context& context,
                                         std::function<Result<void>(data::OwnerSession&)> work) {
    Result<void> counted;
    auto done = co_await context.owner.write({}, [&](data::OwnerSession& session) -> Result<void> {
        counted = work(session);
        const bool over = !counted && counted.error().code == ErrorCode::LimitExceeded;
        return over ? Result<void>() : counted;
    });
    co_return done ? counted : done;
}

}  // namespace

asio::awaitable<Result<void>> count_attempt(const Context& context, Visitor visitor,
                                            std::string account) {
    const Target target{.key = account.empty() ? "" : account_key(account),
                        .limit = context.settings.limits.account,
                        .refusal = std::string(refusal_name)};
    // Who hammers on one account uses up his address's attempts as well.
    co_return co_await keep_count(context, [&](data::OwnerSession& session) {
        return count(session, context, visitor, target);
    });
}

asio::awaitable<Result<void>> count_factor_attempt(const Context& context, Visitor visitor,
                                                   FactorAttempt attempt) {
    const Target target{.key = attempt.key(),
                        .limit = context.settings.limits.factor,
                        .refusal = attempt.of_recovery_code ? "mfa_recovery_codes_locked"
                                                            : std::string(refusal_name)};
    co_return co_await keep_count(context, [&](data::OwnerSession& session) {
        return count(session, context, visitor, target);
    });
}

Result<void> forgive_factor(data::OwnerSession& session, const FactorAttempt& attempt) {
    return rate_limits::forgive(session, attempt.key());
}

asio::awaitable<Result<void>> count_message(const Context& context, Visitor visitor,
                                            MessageChannel channel, std::string_view purpose,
                                            std::string address) {
    co_return co_await keep_count(context, [&](data::OwnerSession& session) {
        return count_one_message(session, context, visitor, channel, purpose, address);
    });
}

Result<void> forgive_account(data::OwnerSession& session, const std::string& account) {
    return rate_limits::forgive(session, account_key(account));
}

asio::awaitable<Result<void>> note_failure(const Context& context, Visitor visitor,
                                           std::string user_id, std::string account) {
    co_return co_await context.owner.write({}, [&](data::OwnerSession& session) {
        return audit(session,
                     {.action = "sign_in_refused",
                      .actor_id = user_id,
                      .address = visitor.address,
                      .payload = {{"account", account}}},
                     context.clock.now_us());
    });
}

}  // namespace dunlin::auth
