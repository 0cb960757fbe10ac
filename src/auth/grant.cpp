#include "auth/grant.h"

#include <boost/json/serialize.hpp>

#include "auth/audit_log.h"
#include "auth/error.h"
#include "auth/refresh_token.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {
constexpr std::int64_t us_per_s = 1'000'000;
}

Result<Grant> sign_in(data::OwnerSession& session, const Context& context, User user,
                      const Visitor& visitor, std::string_view method) {
    const std::int64_t now_us = context.clock.now_us();
    if (user.is_banned(now_us)) return std::unexpected(user_banned(ErrorCode::InvalidInput));
    auto opened = open_session(session, context.settings, user, visitor, method, now_us);
    if (!opened) return std::unexpected(opened.error());
    User after = user;
    after.last_sign_in_at = now_us;
    auto noted = update_user(session, user, after, now_us);
    if (noted) {
        noted = audit(session,
                      {.action = "sign_in",
                       .actor_id = after.id,
                       .session_id = opened->id,
                       .address = visitor.address,
                       .payload = {{"method", method}, {"device", visitor.device.name}}},
                      now_us);
    }
    if (!noted) return std::unexpected(noted.error());
    auto object = user_json(session, after);
    if (!object) return std::unexpected(object.error());
    return Grant{std::move(after), std::move(*opened), std::move(*object)};
}

Result<Grant> continue_session(data::OwnerSession& session, Session current) {
    auto user = require_user(session, current.user_id);
    if (!user) return std::unexpected(user.error());
    auto object = user_json(session, *user);
    if (!object) return std::unexpected(object.error());
    return Grant{std::move(*user), std::move(current), std::move(*object)};
}

json::object access_claims(const Settings& settings, const User& user, const Session& session,
                           std::int64_t now_us) {
    const std::int64_t now_s = now_us / us_per_s;
    json::object claims;
    claims["iss"] = settings.url + "/auth/v1";
    claims["sub"] = user.id;
    claims["aud"] = user.aud;
    claims["exp"] = now_s + settings.access_token_s;
    claims["iat"] = now_s;
    claims["email"] = user.email;
    claims["phone"] = user.phone;
    claims["app_metadata"] = user.app_metadata;
    claims["user_metadata"] = user.user_metadata;
    claims["role"] = user.role;
    claims["aal"] = session.aal;
    claims["amr"] = session.amr;
    claims["session_id"] = session.id;
    claims["is_anonymous"] = user.is_anonymous;
    return claims;
}

boost::asio::awaitable<Result<json::object>> commit_grant(const Context& context, Identity identity,
                                                          GrantWork work) {
    Result<Grant> grant;
    auto done = co_await context.owner.write(std::move(identity),
                                             [&](data::OwnerSession& session) -> Result<void> {
                                                 auto outcome = work(session);
                                                 if (!outcome)
                                                     return std::unexpected(outcome.error());
                                                 grant = std::move(*outcome);
                                                 return {};
                                             });
    if (!done) co_return std::unexpected(done.error());
    if (!grant) co_return std::unexpected(grant.error());
    co_return grant_json(context, *grant);
}

json::object grant_json(const Context& context, const Grant& grant) {
    const std::int64_t now_us = context.clock.now_us();
    const Settings& settings = context.settings;
    json::object answer;
    answer["access_token"] = context.keys.sign(
        json::serialize(access_claims(settings, grant.user, grant.session, now_us)));
    answer["token_type"] = "bearer";
    answer["expires_in"] = settings.access_token_s;
    answer["expires_at"] = now_us / us_per_s + settings.access_token_s;
    answer["refresh_token"] =
        make_refresh_token(context.secret, grant.session.refresh_key, grant.session.id,
                           grant.session.refresh_generation);
    answer["user"] = grant.user_object;
    return answer;
}

}  // namespace dunlin::auth
