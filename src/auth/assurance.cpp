#include "auth/assurance.h"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "auth/audit_log.h"
#include "auth/error.h"
#include "auth/refresh_token.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::int64_t us_per_s = 1'000'000;

bool is_second(const json::value& entry) {
    const auto* object = entry.if_object();
    const auto* method = object == nullptr ? nullptr : object->if_contains("method");
    return method != nullptr && method->is_string() &&
           (method->get_string() == factor_method::totp ||
            method->get_string() == factor_method::recovery_code);
}

/// `amr` without second factors.
json::array first_methods(const json::array& methods) {
    json::array first;
    for (const json::value& entry : methods) {
        if (!is_second(entry)) first.push_back(entry);
    }
    return first;
}

json::array array_of(const Value& value) {
    boost::system::error_code failure;
    auto parsed = json::parse(text_of(value), failure);
    return failure || !parsed.is_array() ? json::array() : std::move(parsed.as_array());
}

Result<void> end_lower_sessions(data::OwnerSession& session, const Session& raised,
                                std::int64_t now_us) {
    auto lower = session.run(
        "select id from \"auth.sessions\" where user_id = ?1 and id <> ?2 and aal = 'aal1'",
        {Value(raised.user_id), Value(raised.id)});
    if (!lower) return std::unexpected(lower.error());
    for (const Row& row : *lower) {
        auto ended = end_sessions(session, raised.user_id, row[0].text(), Which::This,
                                  end_reason::factor_verified, now_us);
        if (!ended) return std::unexpected(ended.error());
    }
    return {};
}

/// Takes back aal2 from the sessions that have it by `factor_id`.
Result<void> lower_sessions(data::OwnerSession& session, const Factor& factor,
                            std::int64_t now_us) {
    auto raised = session.run("select id, amr from \"auth.sessions\" where factor_id = ?1",
                              {Value(factor.id)});
    if (!raised) return std::unexpected(raised.error());
    for (const Row& row : *raised) {
        auto lowered = session.update("auth.sessions",
                                      {{"aal", Value("aal1")},
                                       {"amr", array_value(first_methods(array_of(row[1])))},
                                       {"factor_id", Value()},
                                       {"aal_lowered_at", Value(now_us)},
                                       {"updated_at", Value(now_us)}},
                                      "id = ?1", {row[0]});
        if (!lowered) return std::unexpected(lowered.error());
    }
    return {};
}

}  // namespace

Result<Grant> raise_session(data::OwnerSession& session, const Context& context,
                            const Caller& caller, const Factor& factor, const Visitor& visitor) {
    const std::int64_t now_us = context.clock.now_us();
    const std::string_view method =
        factor.is_totp() ? factor_method::totp : factor_method::recovery_code;
    Session raised = *caller.session;
    json::array methods{json::object{{"method", method}, {"timestamp", now_us / us_per_s}}};
    for (const json::value& entry : first_methods(raised.amr)) methods.push_back(entry);
    raised.aal = "aal2";
    raised.amr = std::move(methods);
    raised.factor_id = factor.id;
    raised.refresh_key = new_refresh_key();
    raised.refreshed_at = now_us;
    auto kept = session.update("auth.sessions",
                               {{"aal", Value(raised.aal)},
                                {"amr", array_value(raised.amr)},
                                {"factor_id", Value(raised.factor_id)},
                                {"refresh_key", Value(raised.refresh_key)},
                                {"refreshed_at", Value(now_us)},
                                {"updated_at", Value(now_us)}},
                               "id = ?1", {Value(raised.id)});
    if (!kept) return std::unexpected(kept.error());
    auto done = end_lower_sessions(session, raised, now_us);
    if (done) {
        done = audit(session,
                     {.action = "factor_verified",
                      .actor_id = caller.user.id,
                      .session_id = raised.id,
                      .address = visitor.address,
                      .payload = {{"factor_id", factor.id}, {"method", method}}},
                     now_us);
    }
    if (!done) return std::unexpected(done.error());
    auto object = user_json(session, caller.user);
    if (!object) return std::unexpected(object.error());
    return Grant{caller.user, std::move(raised), std::move(*object)};
}

Result<void> remove_factor(data::OwnerSession& session, const Factor& factor, std::int64_t now_us) {
    auto done = delete_factor(session, factor);
    if (done) done = lower_sessions(session, factor, now_us);
    if (!done) return done;
    auto rest = find_factors(session, factor.user_id);
    if (!rest) return std::unexpected(rest.error());
    const bool has_other = std::ranges::any_of(
        *rest, [](const Factor& one) { return one.is_totp() && one.is_verified(); });
    const auto codes = std::ranges::find(*rest, "recovery_code", &Factor::type);
    if (has_other || codes == rest->end()) return {};
    done = delete_factor(session, *codes);
    return done ? lower_sessions(session, *codes, now_us) : done;
}

}  // namespace dunlin::auth
