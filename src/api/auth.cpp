#include "api/auth.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "api/auth_body.h"
#include "api/auth_call.h"
#include "api/call.h"
#include "auth/error.h"

namespace dunlin::api {

namespace json = boost::json;

namespace {

/// An object of auth-js, or its refusal.
http::Response answer_of(const http::Request& request, const Result<json::object>& made) {
    return made ? auth_answer(request, 200, *made) : auth_refusal(request, made.error());
}

/// A member that is not there, or empty, changes nothing.
std::optional<std::string> wish(std::string text) {
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

Result<auth::UserChange> change_of(const http::Request& request, const json::object& body) {
    auth::UserChange change;
    auto wishes = credentials_of(body);
    if (!wishes) return std::unexpected(wishes.error());
    std::string current;
    auto taken = take_texts(body, {{"current_password", current}, {"nonce", change.nonce}});
    if (!taken) return std::unexpected(taken.error());
    auto data = object_member(body, "data");
    if (!data) return std::unexpected(data.error());
    auto options = message_options_of(request, body);
    if (!options) return std::unexpected(options.error());
    change.password = wish(std::move(wishes->password));
    change.email = wish(std::move(wishes->email));
    change.phone = wish(std::move(wishes->phone));
    change.current_password = wish(std::move(current));
    change.options = std::move(*options);
    if (body.contains("data")) change.user_metadata = std::move(*data);
    return change;
}

std::optional<auth::Which> which_of(const http::Request& request) {
    const std::string scope = request.parameter("scope").value_or("global");
    if (scope == "global") return auth::Which::All;
    if (scope == "local") return auth::Which::This;
    if (scope == "others") return auth::Which::Others;
    return std::nullopt;
}

}  // namespace

Auth::Auth(const auth::Authenticator& authenticator, auth::Accounts& accounts,
           auth::ExternalSignIn& external, const auth::Settings& settings,
           const auth::SigningKeys& keys, std::string version)
    : authenticator_(authenticator),
      accounts_(accounts),
      external_(external),
      settings_(settings),
      keys_(keys),
      version_(std::move(version)) {}

void Auth::add_routes(http::Router& router) const {
    using enum http::Method;
    const auto add = [&](http::Method method, std::string path,
                         Answer (Auth::*answer)(const http::Request&) const) {
        router.add(method, "/auth/v1/" + path, [this, answer](const http::Request& request) {
            return (this->*answer)(request);
        });
    };
    add(Post, "signup", &Auth::sign_up);
    add(Post, "token", &Auth::token);
    add(Get, "user", &Auth::user);
    add(Put, "user", &Auth::change_user);
    add(Post, "logout", &Auth::sign_out);
    add(Get, "sessions", &Auth::sessions);
    add(Delete, "sessions/*", &Auth::end_session);
    add(Get, "settings", &Auth::settings);
    add(Get, "health", &Auth::health);
    add(Get, ".well-known/jwks.json", &Auth::jwks);
    for (const auto method : {Get, Post, Put, Patch, Delete}) add(method, "*", &Auth::unknown);
}

Auth::Answer Auth::sign_up(const http::Request& request) const {
    const auto body = auth_body(request);
    if (!body) co_return auth_refusal(request, body.error());
    auto credentials = credentials_of(*body);
    if (!credentials) co_return auth_refusal(request, credentials.error());
    auto metadata = object_member(*body, "data");
    if (!metadata) co_return auth_refusal(request, metadata.error());
    const bool anonymous =
        credentials->email.empty() && credentials->phone.empty() && credentials->password.empty();
    if (anonymous) {
        co_return answer_of(request, co_await accounts_.sign_up_anonymously(std::move(*metadata),
                                                                            visitor_of(request)));
    }
    auto options = message_options_of(request, *body);
    if (!options) co_return auth_refusal(request, options.error());
    co_return answer_of(request,
                        co_await accounts_.sign_up(std::move(*credentials), std::move(*metadata),
                                                   std::move(*options), visitor_of(request)));
}

Auth::Answer Auth::token(const http::Request& request) const {
    const auto body = auth_body(request);
    if (!body) co_return auth_refusal(request, body.error());
    const std::string grant = request.parameter("grant_type").value_or("");
    if (grant == "password") {
        auto credentials = credentials_of(*body);
        if (!credentials) co_return auth_refusal(request, credentials.error());
        co_return answer_of(request, co_await accounts_.sign_in_with_password(
                                         std::move(*credentials), visitor_of(request)));
    }
    if (grant == "refresh_token") {
        auto token = text_member(*body, "refresh_token");
        if (!token) co_return auth_refusal(request, token.error());
        co_return answer_of(request,
                            co_await accounts_.refresh(std::move(*token), visitor_of(request)));
    }
    if (grant == "id_token") co_return co_await id_token(request, *body);
    if (grant == "pkce") {
        std::string code;
        std::string verifier;
        auto taken = take_texts(*body, {{"auth_code", code}, {"code_verifier", verifier}});
        if (!taken) co_return auth_refusal(request, taken.error());
        co_return answer_of(
            request, co_await accounts_.sign_in_with_auth_code(std::move(code), std::move(verifier),
                                                               visitor_of(request)));
    }
    co_return auth_refusal(request,
                           auth::refused(ErrorCode::InvalidInput, "unsupported_grant_type",
                                         "grant_type must be password, refresh_token, pkce or "
                                         "id_token"));
}

/// signInWithIdToken, and linkIdentity with a token.
Auth::Answer Auth::id_token(const http::Request& request, const json::object& body) const {
    auth::IdTokenGrant grant;
    auto taken = take_texts(body, {{"provider", grant.provider},
                                   {"id_token", grant.token.id_token},
                                   {"access_token", grant.token.access_token},
                                   {"nonce", grant.token.nonce}});
    if (!taken) co_return auth_refusal(request, taken.error());
    const auto links = truth_member(body, "link_identity", false);
    if (!links) co_return auth_refusal(request, links.error());
    if (*links) {
        auto identity = signed_in(authenticator_, request);
        if (!identity) co_return auth_refusal(request, identity.error());
        grant.link_to = std::move(*identity);
    }
    co_return answer_of(
        request, co_await external_.sign_in_with_id_token(std::move(grant), visitor_of(request)));
}

Auth::Answer Auth::user(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    co_return answer_of(request, co_await accounts_.user(std::move(*identity)));
}

Auth::Answer Auth::change_user(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    const auto body = auth_body(request);
    if (!body) co_return auth_refusal(request, body.error());
    auto change = change_of(request, *body);
    if (!change) co_return auth_refusal(request, change.error());
    co_return answer_of(request,
                        co_await accounts_.change_user(std::move(*identity), std::move(*change),
                                                       visitor_of(request)));
}

Auth::Answer Auth::sign_out(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    const auto which = which_of(request);
    if (!which) {
        co_return auth_refusal(request,
                               auth::validation_failed("scope must be global, local or others"));
    }
    auto done = co_await accounts_.sign_out(std::move(*identity), *which, visitor_of(request));
    co_return done ? auth_answer(request, 204) : auth_refusal(request, done.error());
}

Auth::Answer Auth::sessions(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    co_return answer_of(request, co_await accounts_.sessions(std::move(*identity)));
}

Auth::Answer Auth::end_session(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    auto done = co_await accounts_.end_session(
        std::move(*identity), path_rest(request, "/auth/v1/sessions/"), visitor_of(request));
    co_return done ? auth_answer(request, 204) : auth_refusal(request, done.error());
}

Auth::Answer Auth::settings(const http::Request& request) const {
    json::object external;
    external["email"] = true;
    external["phone"] = true;
    external["anonymous_users"] = settings_.anonymous;
    for (const std::string_view known : {"apple", "azure", "github", "google"}) {
        external[known] = false;
    }
    for (const std::string& provider : external_.providers()) external[provider] = true;
    json::object body;
    body["external"] = std::move(external);
    body["disable_signup"] = !settings_.sign_ups;
    body["mailer_autoconfirm"] = !settings_.confirm_email;
    body["phone_autoconfirm"] = !settings_.confirm_phone;
    body["sms_provider"] = "";
    body["saml_enabled"] = false;
    body["sessions"] =
        settings_.sessions == auth::SessionMode::SingleDevice ? "single-device" : "many";
    co_return auth_answer(request, 200, body);
}

Auth::Answer Auth::health(const http::Request& request) const {
    co_return auth_answer(request, 200,
                          {{"version", version_},
                           {"name", "Dunlin"},
                           {"description", "sign-in, as auth-js knows it"}});
}

Auth::Answer Auth::jwks(const http::Request&) const {
    auto response = http::Response::json(200, keys_.jwks());
    response.set("Cache-Control", "public, max-age=60");
    co_return response;
}

Auth::Answer Auth::unknown(const http::Request& request) const {
    co_return auth_refusal(
        request, auth::refused(ErrorCode::NotFound, "not_found",
                               fmt::format("no such endpoint: {} {}",
                                           http::method_name(request.method), request.path)));
}

}  // namespace dunlin::api
