#include "api/auth_flows.h"

#include <utility>

#include "api/auth_body.h"
#include "api/auth_call.h"
#include "auth/admin_links.h"
#include "auth/error.h"
#include "auth/message_flows.h"
#include "auth/verification.h"

namespace dunlin::api {

namespace json = boost::json;

namespace {

constexpr int see_other = 303;

http::Response answer_of(const http::Request& request, const Result<json::object>& made) {
    return made ? auth_answer(request, 200, *made) : auth_refusal(request, made.error());
}

Result<auth::OtpRequest> otp_of(const http::Request& request, const json::object& body) {
    auth::OtpRequest otp;
    auto address = credentials_of(body);
    if (!address) return std::unexpected(address.error());
    otp.address = std::move(*address);
    auto create_user = truth_member(body, "create_user", true);
    if (!create_user) return std::unexpected(create_user.error());
    otp.create_user = *create_user;
    auto metadata = object_member(body, "data");
    if (!metadata) return std::unexpected(metadata.error());
    otp.metadata = std::move(*metadata);
    auto options = message_options_of(request, body);
    if (!options) return std::unexpected(options.error());
    otp.options = std::move(*options);
    return otp;
}

Result<auth::ResendRequest> resend_of(const http::Request& request, const json::object& body) {
    auth::ResendRequest resend;
    auto taken = take_texts(body, {{"type", resend.type}});
    if (!taken) return std::unexpected(taken.error());
    auto address = credentials_of(body);
    if (!address) return std::unexpected(address.error());
    resend.address = std::move(*address);
    auto options = message_options_of(request, body);
    if (!options) return std::unexpected(options.error());
    resend.options = std::move(*options);
    return resend;
}

Result<auth::LinkRequest> link_of(const http::Request& request, const json::object& body) {
    auth::LinkRequest link;
    auto taken = take_texts(body, {{"type", link.type},
                                   {"email", link.email},
                                   {"new_email", link.new_email},
                                   {"password", link.password},
                                   {"redirect_to", link.redirect_to}});
    if (!taken) return std::unexpected(taken.error());
    auto metadata = object_member(body, "data");
    if (!metadata) return std::unexpected(metadata.error());
    link.metadata = std::move(*metadata);
    // auth-js says it twice.
    if (auto asked = request.parameter("redirect_to")) link.redirect_to = std::move(*asked);
    return link;
}

}  // namespace

void AuthFlows::add_routes(http::Router& router) const {
    using enum http::Method;
    const auto add = [&](http::Method method, std::string path,
                         Answer (AuthFlows::*answer)(const http::Request&) const) {
        router.add(method, path, [this, answer](const http::Request& request) {
            return (this->*answer)(request);
        });
    };
    add(Post, "/auth/v1/otp", &AuthFlows::otp);
    add(Post, "/auth/v1/recover", &AuthFlows::recover);
    add(Post, "/auth/v1/resend", &AuthFlows::resend);
    add(Get, "/auth/v1/reauthenticate", &AuthFlows::reauthenticate);
    add(Post, "/auth/v1/verify", &AuthFlows::verify);
    add(Get, "/auth/v1/verify", &AuthFlows::open_link);
    add(Post, "/auth/v1/invite", &AuthFlows::invite);
    add(Post, "/auth/v1/admin/generate_link", &AuthFlows::generate_link);
    if (outbox_ != nullptr) add(Get, "/_/outbox", &AuthFlows::outbox);
}

AuthFlows::Answer AuthFlows::otp(const http::Request& request) const {
    const auto body = auth_body(request);
    if (!body) co_return auth_refusal(request, body.error());
    auto otp = otp_of(request, *body);
    if (!otp) co_return auth_refusal(request, otp.error());
    co_return answer_of(request,
                        co_await auth::send_otp(context_, std::move(*otp), visitor_of(request)));
}

AuthFlows::Answer AuthFlows::recover(const http::Request& request) const {
    const auto body = auth_body(request);
    if (!body) co_return auth_refusal(request, body.error());
    auto email = text_member(*body, "email");
    if (!email) co_return auth_refusal(request, email.error());
    auto options = message_options_of(request, *body);
    if (!options) co_return auth_refusal(request, options.error());
    co_return answer_of(
        request, co_await auth::send_recovery(context_, std::move(*email), std::move(*options),
                                              visitor_of(request)));
}

AuthFlows::Answer AuthFlows::resend(const http::Request& request) const {
    const auto body = auth_body(request);
    if (!body) co_return auth_refusal(request, body.error());
    auto again = resend_of(request, *body);
    if (!again) co_return auth_refusal(request, again.error());
    co_return answer_of(request,
                        co_await auth::resend(context_, std::move(*again), visitor_of(request)));
}

AuthFlows::Answer AuthFlows::reauthenticate(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    co_return answer_of(
        request, co_await auth::send_nonce(context_, std::move(*identity), visitor_of(request)));
}

AuthFlows::Answer AuthFlows::verify(const http::Request& request) const {
    const auto body = auth_body(request);
    if (!body) co_return auth_refusal(request, body.error());
    auth::CodeProof proof;
    auto taken = take_texts(*body, {{"type", proof.type},
                                    {"email", proof.email},
                                    {"phone", proof.phone},
                                    {"token", proof.code},
                                    {"token_hash", proof.token_hash}});
    if (!taken) co_return auth_refusal(request, taken.error());
    co_return answer_of(
        request, co_await auth::verify_code(context_, std::move(proof), visitor_of(request)));
}

AuthFlows::Answer AuthFlows::open_link(const http::Request& request) const {
    if (request.method == http::Method::Head) {
        // Programs that look at links in mails ahead of their readers must not use them up.
        http::Response looked{.status = 405};
        looked.set("Allow", "GET");
        co_return looked;
    }
    auth::LinkProof proof{.type = request.parameter("type").value_or(""),
                          .token = request.parameter("token").value_or(""),
                          .redirect_to = request.parameter("redirect_to").value_or("")};
    http::Response response{.status = see_other};
    response.set("Location",
                 co_await auth::open_link(context_, std::move(proof), visitor_of(request)));
    // The address that the browser comes from holds a token.
    response.set("Referrer-Policy", "no-referrer");
    response.set("Cache-Control", "no-store");
    co_return response;
}

AuthFlows::Answer AuthFlows::invite(const http::Request& request) const {
    const auto admitted = administrator(authenticator_, request);
    if (!admitted) co_return auth_refusal(request, admitted.error());
    const auto body = auth_body(request);
    if (!body) co_return auth_refusal(request, body.error());
    auto email = text_member(*body, "email");
    auto metadata = object_member(*body, "data");
    if (!email) co_return auth_refusal(request, email.error());
    if (!metadata) co_return auth_refusal(request, metadata.error());
    auto options = message_options_of(request, *body);
    if (!options) co_return auth_refusal(request, options.error());
    co_return answer_of(request,
                        co_await auth::invite(context_, std::move(*email), std::move(*metadata),
                                              std::move(*options), visitor_of(request)));
}

AuthFlows::Answer AuthFlows::generate_link(const http::Request& request) const {
    const auto admitted = administrator(authenticator_, request);
    if (!admitted) co_return auth_refusal(request, admitted.error());
    const auto body = auth_body(request);
    if (!body) co_return auth_refusal(request, body.error());
    auto link = link_of(request, *body);
    if (!link) co_return auth_refusal(request, link.error());
    co_return answer_of(
        request, co_await auth::generate_link(context_, std::move(*link), visitor_of(request)));
}

/// GET /_/outbox?to=ADDRESS, as JSON when that is asked for, else as a page.
AuthFlows::Answer AuthFlows::outbox(const http::Request& request) const {
    // A page from elsewhere that is open in the developer's browser is not to read the codes. A
    // request from our own page has no Origin.
    if (!request.header("origin").empty()) {
        co_return auth_refusal(request, auth::refused(ErrorCode::Forbidden, "not_same_origin",
                                                      "The outbox is not for other origins"));
    }
    if (request.header("accept").contains("text/html")) {
        http::Response page{.body = outbox_->page()};
        page.set("Content-Type", "text/html; charset=utf-8");
        page.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
        co_return page;
    }
    co_return http::Response::json(200, outbox_->json(request.parameter("to").value_or("")));
}

}  // namespace dunlin::api
