#include "api/auth_admin.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "api/auth_admin_call.h"
#include "api/auth_call.h"
#include "auth/error.h"

namespace dunlin::api {

namespace json = boost::json;

namespace {

constexpr std::string_view users_path = "/auth/v1/admin/users/";

http::Response answer_of(const http::Request& request, const Result<json::object>& made) {
    return made ? auth_answer(request, 200, *made) : auth_refusal(request, made.error());
}

/// As upstream: a path that cannot name anything is not found, and says why.
Error not_a_uuid(std::string_view what) {
    return auth::refused(ErrorCode::NotFound, "validation_failed",
                         fmt::format("{} must be an UUID", what));
}

}  // namespace

const AuthAdmin::Endpoint AuthAdmin::endpoints[] = {
    {http::Method::Get, "", false, &AuthAdmin::user},
    {http::Method::Put, "", false, &AuthAdmin::change_user},
    {http::Method::Delete, "", false, &AuthAdmin::remove_user},
    {http::Method::Get, "factors", false, &AuthAdmin::factors},
    {http::Method::Delete, "factors", true, &AuthAdmin::remove_factor},
    {http::Method::Get, "sessions", false, &AuthAdmin::sessions},
    {http::Method::Delete, "sessions", false, &AuthAdmin::end_sessions},
    {http::Method::Delete, "sessions", true, &AuthAdmin::end_sessions},
};

void AuthAdmin::add_routes(http::Router& router) const {
    using enum http::Method;
    const auto add = [&](http::Method method, std::string path,
                         Answer (AuthAdmin::*answer)(const http::Request&) const) {
        router.add(method, "/auth/v1/admin/" + path, [this, answer](const http::Request& request) {
            return (this->*answer)(request);
        });
    };
    add(Get, "users", &AuthAdmin::users);
    add(Post, "users", &AuthAdmin::create_user);
    for (const auto method : {Get, Put, Delete}) add(method, "users/*", &AuthAdmin::at_user);
    add(Get, "audit", &AuthAdmin::audit);
    add(Get, "audit/verify", &AuthAdmin::verify_audit);
}

Result<auth::Administrator> AuthAdmin::administrator_of(const http::Request& request) const {
    auto identity = administrator(authenticator_, request);
    if (!identity) return std::unexpected(identity.error());
    return auth::Administrator{std::move(*identity), visitor_of(request)};
}

Result<AuthAdmin::Place> AuthAdmin::place_of(const http::Request& request) {
    const std::string rest = path_rest(request, users_path);
    const auto first = std::min(rest.find('/'), rest.size());
    const auto second = std::min(rest.find('/', first + 1), rest.size());
    Place place{.user_id = rest.substr(0, first)};
    if (first < rest.size()) place.part = rest.substr(first + 1, second - first - 1);
    if (second < rest.size()) place.part_id = rest.substr(second + 1);
    if (!auth::is_uuid(place.user_id)) return std::unexpected(not_a_uuid("user_id"));
    if (second < rest.size() && !auth::is_uuid(place.part_id)) {
        return std::unexpected(not_a_uuid(place.part == "factors" ? "factor_id" : "session_id"));
    }
    // Stored ids are in lower case.
    for (std::string* id : {&place.user_id, &place.part_id}) {
        std::ranges::transform(*id, id->begin(), [](char c) {
            return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
        });
    }
    return place;
}

AuthAdmin::Answer AuthAdmin::at_user(const http::Request& request) const {
    auto who = administrator_of(request);
    if (!who) co_return auth_refusal(request, who.error());
    auto place = place_of(request);
    if (!place) co_return auth_refusal(request, place.error());
    const auto* endpoint = std::ranges::find_if(endpoints, [&](const Endpoint& one) {
        return one.method == request.method && one.part == place->part &&
               one.has_part_id == !place->part_id.empty();
    });
    if (endpoint == std::end(endpoints)) {
        co_return auth_refusal(
            request, auth::refused(ErrorCode::NotFound, "not_found",
                                   fmt::format("no such endpoint: {} {}",
                                               http::method_name(request.method), request.path)));
    }
    co_return co_await (this->*endpoint->answer)(request, std::move(*place), std::move(*who));
}

AuthAdmin::Answer AuthAdmin::users(const http::Request& request) const {
    const auto who = administrator_of(request);
    if (!who) co_return auth_refusal(request, who.error());
    const auto page = page_of(request);
    if (!page) co_return auth_refusal(request, page.error());
    auto listed = co_await administration_.users(*page, request.parameter("filter").value_or(""));
    if (!listed) co_return auth_refusal(request, listed.error());
    const json::object body{{"users", std::move(listed->rows)}, {"aud", "authenticated"}};
    co_return page_answer(request, body, *page, listed->total);
}

AuthAdmin::Answer AuthAdmin::create_user(const http::Request& request) const {
    auto who = administrator_of(request);
    if (!who) co_return auth_refusal(request, who.error());
    const auto body = auth_body(request);
    if (!body) co_return auth_refusal(request, body.error());
    auto attributes = attributes_of(*body);
    if (!attributes) co_return auth_refusal(request, attributes.error());
    co_return answer_of(
        request, co_await administration_.create_user(std::move(*attributes), std::move(*who)));
}

AuthAdmin::Answer AuthAdmin::user(const http::Request& request, Place place,
                                  auth::Administrator) const {
    co_return answer_of(request, co_await administration_.user(std::move(place.user_id)));
}

AuthAdmin::Answer AuthAdmin::change_user(const http::Request& request, Place place,
                                         auth::Administrator who) const {
    const auto body = auth_body(request);
    if (!body) co_return auth_refusal(request, body.error());
    auto attributes = attributes_of(*body);
    if (!attributes) co_return auth_refusal(request, attributes.error());
    co_return answer_of(
        request, co_await administration_.change_user(std::move(place.user_id),
                                                      std::move(*attributes), std::move(who)));
}

AuthAdmin::Answer AuthAdmin::remove_user(const http::Request& request, Place place,
                                         auth::Administrator who) const {
    const auto body = auth_body(request);
    if (!body) co_return auth_refusal(request, body.error());
    const auto soft = flag_member(*body, "should_soft_delete");
    if (!soft) co_return auth_refusal(request, soft.error());
    using Deletion = auth::Administration::Deletion;
    auto done = co_await administration_.remove_user(
        std::move(place.user_id), *soft ? Deletion::Soft : Deletion::Hard, std::move(who));
    co_return done ? auth_answer(request, 200, json::object())
                   : auth_refusal(request, done.error());
}

AuthAdmin::Answer AuthAdmin::factors(const http::Request& request, Place place,
                                     auth::Administrator) const {
    const auto listed = co_await administration_.factors(std::move(place.user_id));
    if (!listed) co_return auth_refusal(request, listed.error());
    auto response = auth_answer(request, 200, json::object());
    response.body = json::serialize(*listed);  // the one answer that is no object
    co_return response;
}

AuthAdmin::Answer AuthAdmin::remove_factor(const http::Request& request, Place place,
                                           auth::Administrator who) const {
    co_return answer_of(
        request, co_await administration_.remove_factor(std::move(place.user_id),
                                                        std::move(place.part_id), std::move(who)));
}

AuthAdmin::Answer AuthAdmin::sessions(const http::Request& request, Place place,
                                      auth::Administrator) const {
    co_return answer_of(request, co_await administration_.sessions(std::move(place.user_id)));
}

AuthAdmin::Answer AuthAdmin::end_sessions(const http::Request& request, Place place,
                                          auth::Administrator who) const {
    auto done = co_await administration_.end_sessions(std::move(place.user_id),
                                                      std::move(place.part_id), std::move(who));
    co_return done ? auth_answer(request, 204) : auth_refusal(request, done.error());
}

AuthAdmin::Answer AuthAdmin::audit(const http::Request& request) const {
    const auto who = administrator_of(request);
    if (!who) co_return auth_refusal(request, who.error());
    const auto page = page_of(request);
    if (!page) co_return auth_refusal(request, page.error());
    auto listed = co_await administration_.audit_entries(*page);
    if (!listed) co_return auth_refusal(request, listed.error());
    const json::object body{{"entries", std::move(listed->rows)}};
    co_return page_answer(request, body, *page, listed->total);
}

AuthAdmin::Answer AuthAdmin::verify_audit(const http::Request& request) const {
    const auto who = administrator_of(request);
    if (!who) co_return auth_refusal(request, who.error());
    co_return answer_of(request, co_await administration_.verify_audit());
}

}  // namespace dunlin::api
