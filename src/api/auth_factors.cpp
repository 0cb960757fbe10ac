#include "api/auth_factors.h"

#include "api/auth_call.h"
#include "auth/error.h"
#include "auth/identities.h"

namespace dunlin::api {

namespace json = boost::json;

namespace {

constexpr std::string_view factors_path = "/auth/v1/factors/";

http::Response answer_of(const http::Request& request, const Result<json::object>& made) {
    return made ? auth_answer(request, 200, *made) : auth_refusal(request, made.error());
}

Result<auth::Enrolment> enrolment_of(const json::object& body) {
    auth::Enrolment enrolment;
    for (const auto& [name, into] : {std::pair{"factor_type", &enrolment.type},
                                     {"friendly_name", &enrolment.friendly_name},
                                     {"issuer", &enrolment.issuer}}) {
        auto member = text_member(body, name);
        if (!member) return std::unexpected(member.error());
        *into = std::move(*member);
    }
    return enrolment;
}

Result<std::string> body_member(const http::Request& request, std::string_view name) {
    const auto body = auth_body(request);
    if (!body) return std::unexpected(body.error());
    return text_member(*body, name);
}

/// What is done to a factor: the two parts after factors_path.
struct FactorPath {
    std::string id;
    std::string action;
};

FactorPath factor_path_of(const http::Request& request) {
    const std::string rest = path_rest(request, factors_path);
    const auto slash = rest.find('/');
    if (slash == rest.npos) return {.id = rest, .action = ""};
    return {.id = rest.substr(0, slash), .action = rest.substr(slash + 1)};
}

}  // namespace

void AuthFactors::add_routes(http::Router& router) const {
    using enum http::Method;
    const auto add = [&](http::Method method, std::string path,
                         Answer (AuthFactors::*answer)(const http::Request&) const) {
        router.add(method, "/auth/v1/" + path, [this, answer](const http::Request& request) {
            return (this->*answer)(request);
        });
    };
    add(Post, "factors", &AuthFactors::enroll);
    add(Post, "factors/*", &AuthFactors::post_of_factor);
    add(Delete, "factors/*", &AuthFactors::remove);
    add(Get, "factors/recovery-codes", &AuthFactors::recovery_codes);
    add(Post, "factors/recovery-codes", &AuthFactors::make_recovery_codes);
    add(Delete, "factors/recovery-codes", &AuthFactors::remove_recovery_codes);
    add(Post, "factors/recovery-codes/regenerate", &AuthFactors::replace_recovery_codes);
    add(Post, "factors/recovery-codes/verify", &AuthFactors::verify_recovery_code);
    add(Delete, "user/identities/*", &AuthFactors::unlink_identity);
}

AuthFactors::Answer AuthFactors::enroll(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    const auto body = auth_body(request);
    if (!body) co_return auth_refusal(request, body.error());
    auto enrolment = enrolment_of(*body);
    if (!enrolment) co_return auth_refusal(request, enrolment.error());
    co_return answer_of(
        request,
        co_await factors_.enroll(std::move(*identity), std::move(*enrolment), visitor_of(request)));
}

/// `factors/ID/challenge` and `factors/ID/verify`.
AuthFactors::Answer AuthFactors::post_of_factor(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    FactorPath path = factor_path_of(request);
    if (path.action == "challenge") {
        co_return answer_of(request,
                            co_await factors_.challenge(std::move(*identity), std::move(path.id),
                                                        visitor_of(request)));
    }
    if (path.action != "verify") {
        co_return auth_refusal(
            request, auth::refused(ErrorCode::NotFound, "not_found",
                                   "a factor has only the endpoints challenge and verify"));
    }
    const auto body = auth_body(request);
    if (!body) co_return auth_refusal(request, body.error());
    auto challenge_id = text_member(*body, "challenge_id");
    if (!challenge_id) co_return auth_refusal(request, challenge_id.error());
    auto code = text_member(*body, "code");
    if (!code) co_return auth_refusal(request, code.error());
    auth::FactorProof proof{.factor_id = std::move(path.id),
                            .challenge_id = std::move(*challenge_id),
                            .code = std::move(*code)};
    co_return answer_of(request, co_await factors_.verify(std::move(*identity), std::move(proof),
                                                          visitor_of(request)));
}

AuthFactors::Answer AuthFactors::remove(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    co_return answer_of(
        request, co_await factors_.remove(std::move(*identity), path_rest(request, factors_path),
                                          visitor_of(request)));
}

AuthFactors::Answer AuthFactors::recovery_codes(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    co_return answer_of(request, co_await factors_.recovery_codes(std::move(*identity)));
}

AuthFactors::Answer AuthFactors::make_recovery_codes(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    auto name = body_member(request, "friendly_name");
    if (!name) co_return auth_refusal(request, name.error());
    co_return answer_of(request, co_await factors_.make_recovery_codes(
                                     std::move(*identity), std::move(*name), visitor_of(request)));
}

AuthFactors::Answer AuthFactors::replace_recovery_codes(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    co_return answer_of(request, co_await factors_.replace_recovery_codes(std::move(*identity),
                                                                          visitor_of(request)));
}

AuthFactors::Answer AuthFactors::verify_recovery_code(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    auto code = body_member(request, "code");
    if (!code) co_return auth_refusal(request, code.error());
    co_return answer_of(request, co_await factors_.verify_recovery_code(
                                     std::move(*identity), std::move(*code), visitor_of(request)));
}

AuthFactors::Answer AuthFactors::remove_recovery_codes(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    co_return answer_of(request, co_await factors_.remove_recovery_codes(std::move(*identity),
                                                                         visitor_of(request)));
}

AuthFactors::Answer AuthFactors::unlink_identity(const http::Request& request) const {
    auto identity = signed_in(authenticator_, request);
    if (!identity) co_return auth_refusal(request, identity.error());
    co_return answer_of(
        request, co_await auth::unlink_identity(context_, std::move(*identity),
                                                path_rest(request, "/auth/v1/user/identities/"),
                                                visitor_of(request)));
}

}  // namespace dunlin::api
