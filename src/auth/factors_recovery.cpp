#include <algorithm>
#include <boost/json/array.hpp>

#include "auth/assurance.h"
#include "auth/attempts.h"
#include "auth/error.h"
#include "auth/factors.h"
#include "auth/one_time.h"
#include "auth/recovery_codes.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::string_view recovery_type = "recovery_code";
constexpr std::string_view default_name = "Recovery codes";
constexpr std::size_t name_bytes_max = 200;

Error aal2_required() {
    return refused(ErrorCode::Forbidden, "insufficient_aal",
                   "AAL2 required to manage recovery codes");
}

/// A code is hashed for its user, so that equal codes of two users have nothing in common.
std::string hash_of(const Context& context, const std::string& user_id, const std::string& code) {
    return token_hash(context.secret, "recovery:" + user_id, code);
}

Result<Factor> require_codes(data::OwnerSession& session, const std::string& user_id) {
    auto factors = find_factors(session, user_id);
    if (!factors) return std::unexpected(factors.error());
    const auto found = std::ranges::find(*factors, recovery_type, &Factor::type);
    if (found == factors->end()) return std::unexpected(factor_not_found());
    return std::move(*found);
}

/// Whether the user may have recovery codes of this name.
Result<void> check_room(data::OwnerSession& session, const std::string& user_id,
                        const std::string& name) {
    auto factors = find_factors(session, user_id);
    if (!factors) return std::unexpected(factors.error());
    if (std::ranges::find(*factors, recovery_type, &Factor::type) != factors->end()) {
        return std::unexpected(refused(ErrorCode::Unprocessable, "mfa_verified_factor_exists",
                                       "Recovery codes exist already, regenerate them to replace "
                                       "them"));
    }
    if (std::ranges::none_of(*factors, &Factor::is_verified)) {
        return std::unexpected(refused(ErrorCode::Unprocessable, "mfa_recovery_codes_sole_factor",
                                       "Recovery codes cannot be the only factor"));
    }
    if (has_name(*factors, name)) {
        return std::unexpected(refused(ErrorCode::Unprocessable, "mfa_factor_name_conflict",
                                       "A factor of this user has this friendly name already"));
    }
    return {};
}

}  // namespace

/// Puts ten new codes in the place of those there are, and shows them.
Result<json::object> Factors::fill(data::OwnerSession& session, const Factor& factor) const {
    auto removed =
        session.remove("auth.mfa_recovery_codes", "user_id = ?1", {Value(factor.user_id)});
    if (!removed) return std::unexpected(removed.error());
    json::array shown;
    for (const std::string& code : new_recovery_codes()) {
        auto kept = session.insert("auth.mfa_recovery_codes",
                                   {{"id", Value(new_id())},
                                    {"user_id", Value(factor.user_id)},
                                    {"code_hash", Value(hash_of(context_, factor.user_id, code))},
                                    {"created_at", Value(context_.clock.now_us())}});
        if (!kept) return std::unexpected(kept.error());
        shown.emplace_back(code);
    }
    json::object answer;
    answer["id"] = factor.id;
    answer["type"] = recovery_type;
    answer["friendly_name"] = factor.friendly_name;
    answer["total"] = shown.size();
    answer["codes"] = std::move(shown);
    return answer;
}

Factors::Answer Factors::recovery_codes(Identity identity) const {
    json::object answer;
    auto read = co_await context_.owner.read([&](data::OwnerSession& session) -> Result<void> {
        auto caller = require(session, identity);
        if (!caller) return std::unexpected(caller.error());
        auto factor = require_codes(session, caller->user.id);
        if (!factor) return std::unexpected(factor.error());
        auto counted = session.run(
            "select count(*), count(*) - count(used_at) from \"auth.mfa_recovery_codes\" "
            "where user_id = ?1",
            {Value(caller->user.id)});
        if (!counted) return std::unexpected(counted.error());
        answer = {{"id", factor->id},
                  {"type", recovery_type},
                  {"total", counted->front()[0].integer()},
                  {"remaining", counted->front()[1].integer()}};
        return {};
    });
    if (!read) co_return std::unexpected(read.error());
    co_return answer;
}

Factors::Answer Factors::make_recovery_codes(Identity identity, std::string friendly_name,
                                             Visitor visitor) const {
    if (friendly_name.size() > name_bytes_max) {
        co_return std::unexpected(validation_failed("friendly_name is too long"));
    }
    if (friendly_name.empty()) friendly_name = default_name;
    json::object answer;
    auto done =
        co_await context_.owner.write(identity, [&](data::OwnerSession& session) -> Result<void> {
            auto caller = require(session, identity);
            if (!caller) return std::unexpected(caller.error());
            if (!caller->is_aal2()) return std::unexpected(aal2_required());
            auto room = check_room(session, caller->user.id, friendly_name);
            if (!room) return room;
            const Factor factor{.id = new_id(),
                                .user_id = caller->user.id,
                                .friendly_name = friendly_name,
                                .type = std::string(recovery_type),
                                .status = "verified",
                                .created_at = context_.clock.now_us()};
            auto made = insert_factor(session, factor);
            if (made) made = note(session, *caller, factor, visitor, "factor_enrolled");
            if (!made) return made;
            auto shown = fill(session, factor);
            if (!shown) return std::unexpected(shown.error());
            answer = std::move(*shown);
            return {};
        });
    if (!done) co_return std::unexpected(done.error());
    co_return answer;
}

Factors::Answer Factors::replace_recovery_codes(Identity identity, Visitor visitor) const {
    json::object answer;
    auto done =
        co_await context_.owner.write(identity, [&](data::OwnerSession& session) -> Result<void> {
            auto caller = require(session, identity);
            if (!caller) return std::unexpected(caller.error());
            if (!caller->is_aal2()) return std::unexpected(aal2_required());
            auto factor = require_codes(session, caller->user.id);
            if (!factor) return std::unexpected(factor.error());
            auto kept =
                forgive_factor(session, {.user_id = caller->user.id, .of_recovery_code = true});
            if (kept) kept = note(session, *caller, *factor, visitor, "recovery_codes_replaced");
            if (!kept) return kept;
            auto shown = fill(session, *factor);
            if (!shown) return std::unexpected(shown.error());
            answer = std::move(*shown);
            return {};
        });
    if (!done) co_return std::unexpected(done.error());
    co_return answer;
}

/// A wrong code is an outcome, not a failure of the transaction: the audit log tells of it.
Result<Result<Grant>> Factors::verify_recovery_in(data::OwnerSession& session,
                                                  const Identity& identity, const std::string& code,
                                                  const Visitor& visitor) const {
    auto caller = require(session, identity);
    if (!caller) return std::unexpected(caller.error());
    const auto refuse = [] {
        return Result<Grant>(std::unexpected(refused(
            ErrorCode::Unprocessable, "mfa_verification_failed", "Invalid recovery code entered")));
    };
    auto factor = require_codes(session, caller->user.id);
    if (!factor && factor.error().sqlstate == "mfa_factor_not_found") return refuse();
    if (!factor) return std::unexpected(factor.error());
    auto used =
        session.update("auth.mfa_recovery_codes", {{"used_at", Value(context_.clock.now_us())}},
                       "user_id = ?1 and code_hash = ?2 and used_at is null",
                       {Value(caller->user.id), Value(hash_of(context_, caller->user.id, code))});
    if (!used) return std::unexpected(used.error());
    if (*used == 0) {
        auto noted = note(session, *caller, *factor, visitor, "factor_refused");
        if (!noted) return std::unexpected(noted.error());
        return refuse();
    }
    auto forgiven = forgive_factor(session, {.user_id = caller->user.id, .of_recovery_code = true});
    if (!forgiven) return std::unexpected(forgiven.error());
    auto grant = raise_session(session, context_, *caller, *factor, visitor);
    if (!grant) return std::unexpected(grant.error());
    return grant;
}

Factors::Answer Factors::verify_recovery_code(Identity identity, std::string code,
                                              Visitor visitor) const {
    auto counted = co_await count_factor_attempt(
        context_, visitor, {.user_id = identity.user_id, .of_recovery_code = true});
    if (!counted) co_return std::unexpected(counted.error());
    const std::string normal = normalize_recovery_code(code);
    co_return co_await commit_grant(context_, identity, [&](data::OwnerSession& session) {
        return verify_recovery_in(session, identity, normal, visitor);
    });
}

Factors::Answer Factors::remove_recovery_codes(Identity identity, Visitor visitor) const {
    json::object answer;
    auto done =
        co_await context_.owner.write(identity, [&](data::OwnerSession& session) -> Result<void> {
            auto caller = require(session, identity);
            if (!caller) return std::unexpected(caller.error());
            if (!caller->is_aal2()) return std::unexpected(aal2_required());
            auto factor = require_codes(session, caller->user.id);
            if (!factor) return std::unexpected(factor.error());
            auto removed = remove_factor(session, *factor, context_.clock.now_us());
            if (!removed) return removed;
            answer = {{"id", factor->id}};
            return note(session, *caller, *factor, visitor, "factor_removed");
        });
    if (!done) co_return std::unexpected(done.error());
    co_return answer;
}

}  // namespace dunlin::auth
