#include "api/auth_external.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "api/auth_call.h"

namespace dunlin::api {

namespace {

constexpr int found = 302;
constexpr int see_other = 303;

/// Of /authorize itself; every other parameter is for the provider.
constexpr std::string_view own_parameters[] = {
    "provider", "redirect_to", "scopes",       "code_challenge",    "code_challenge_method",
    "force",    "apikey",      "invite_token", "skip_http_redirect"};

/// Scopes with blanks or commas between them: applications write both.
std::vector<std::string> split_scopes(std::string_view text) {
    std::vector<std::string> scopes(1);
    for (const char c : text) {
        if (c != ' ' && c != ',')
            scopes.back().push_back(c);
        else if (!scopes.back().empty())
            scopes.emplace_back();
    }
    if (scopes.back().empty()) scopes.pop_back();
    return scopes;
}

auth::ExternalRequest external_request(const http::Request& request) {
    const auto text = [&](std::string_view name) { return request.parameter(name).value_or(""); };
    auth::ExternalRequest external{
        .provider = text("provider"),
        .redirect_to = text("redirect_to"),
        .scopes = split_scopes(text("scopes")),
        .pkce = {.challenge = text("code_challenge"), .method = text("code_challenge_method")},
        .force = text("force") == "true",
        .redirects = text("skip_http_redirect") != "true"};
    for (auto& [name, value] : http::parse_query(request.query)) {
        const bool own = std::ranges::find(own_parameters, name) != std::end(own_parameters);
        if (!own) external.extra_query.emplace_back(std::move(name), std::move(value));
    }
    return external;
}

/// RFC 6265 section 4.2.1; "" when the browser has no such cookie.
std::string cookie_of(const http::Request& request, std::string_view name) {
    std::string_view rest = request.header("cookie");
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        const auto begin = std::min(pair.find_first_not_of(' '), pair.size());
        const auto equals = pair.find('=');
        if (equals == pair.npos || equals < begin) continue;
        if (pair.substr(begin, equals - begin) == name) return std::string(pair.substr(equals + 1));
    }
    return "";
}

http::Response lead(int status, std::string url) {
    http::Response response{.status = status};
    response.set("Location", std::move(url));
    // Both the address it comes from and the one it goes to may hold a secret.
    response.set("Referrer-Policy", "no-referrer");
    response.set("Cache-Control", "no-store");
    return response;
}

/// Programs that look at links ahead of their readers must not use them up.
http::Response only_get() {
    http::Response response{.status = 405};
    response.set("Allow", "GET");
    return response;
}

}  // namespace

AuthExternal::AuthExternal(const auth::Authenticator& authenticator, auth::ExternalSignIn& sign_in,
                           std::string_view url)
    : authenticator_(authenticator), sign_in_(sign_in), https_(url.starts_with("https://")) {
    // Behind a proxy the server may be below a path of its own.
    const auto path = url.find('/', url.find("://") + 3);
    cookie_path_ = fmt::format("{}/auth/v1/callback", path == url.npos ? "" : url.substr(path));
}

void AuthExternal::add_routes(http::Router& router) const {
    using enum http::Method;
    const auto add = [&](http::Method method, std::string path,
                         Answer (AuthExternal::*answer)(const http::Request&) const) {
        router.add(method, std::move(path), [this, answer](const http::Request& request) {
            return (this->*answer)(request);
        });
    };
    add(Get, "/auth/v1/authorize", &AuthExternal::authorize);
    add(Get, "/auth/v1/user/identities/authorize", &AuthExternal::authorize_link);
    add(Get, "/auth/v1/callback", &AuthExternal::callback);
    add(Post, "/auth/v1/callback", &AuthExternal::callback);
}

/// The cookie makes sure that it is this browser that comes back, and not another one that was
/// given the provider's answer to sign in to somebody else's account.
http::Response AuthExternal::send_away(const http::Request& request,
                                       const auth::Departure& departure) const {
    if (request.parameter("skip_http_redirect") == "true") {
        return auth_answer(request, 200, {{"url", departure.url}});
    }
    http::Response response = lead(found, departure.url);
    if (departure.browser == auth::SameBrowser::NotRequired) return response;
    // Apple posts its answer, and SameSite=Lax is for GET alone.
    const bool posted = request.parameter("provider") == "apple";
    response.set("Set-Cookie",
                 fmt::format("{}={}; Path={}; Max-Age={}; HttpOnly; SameSite={}{}",
                             departure.cookie_name, departure.cookie, cookie_path_, auth::visit_s,
                             posted ? "None" : "Lax", https_ ? "; Secure" : ""));
    return response;
}

AuthExternal::Answer AuthExternal::authorize(const http::Request& request) const {
    if (request.method == http::Method::Head) co_return only_get();
    auto departure = co_await sign_in_.begin(external_request(request), visitor_of(request));
    co_return departure ? send_away(request, *departure) : auth_refusal(request, departure.error());
}

AuthExternal::Answer AuthExternal::authorize_link(const http::Request& request) const {
    if (request.method == http::Method::Head) co_return only_get();
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    auto departure = co_await sign_in_.begin_link(external_request(request), std::move(*identity),
                                                  visitor_of(request));
    co_return departure ? send_away(request, *departure) : auth_refusal(request, departure.error());
}

AuthExternal::Answer AuthExternal::callback(const http::Request& request) const {
    if (request.method == http::Method::Head) co_return only_get();
    const bool posted = request.method == http::Method::Post;
    auth::ExternalReturn back;
    for (auto& [name, value] : http::parse_query(posted ? request.body : request.query)) {
        if (name == "state")
            back.state = std::move(value);
        else if (name == "code")
            back.code = std::move(value);
        else if (name == "error")
            back.error = std::move(value);
        else if (name == "error_description")
            back.error_description = std::move(value);
        else if (name == "iss")
            back.issuer = std::move(value);
        else if (name == "user")
            back.apple_user = std::move(value);
    }
    const std::string cookie_name = auth::visit_cookie_name(back.state);
    back.cookie = cookie_of(request, cookie_name);
    const bool has_cookie = !back.cookie.empty();
    auto response = lead(posted ? see_other : found,
                         co_await sign_in_.finish(std::move(back), visitor_of(request)));
    if (has_cookie) {
        response.set("Set-Cookie",
                     fmt::format("{}=; Path={}; Max-Age=0; HttpOnly", cookie_name, cookie_path_));
    }
    co_return response;
}

}  // namespace dunlin::api
