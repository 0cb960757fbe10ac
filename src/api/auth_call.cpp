#include "api/auth_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "api/call.h"
#include "auth/error.h"
#include "core/limits.h"
#include "http/ascii.h"

namespace dunlin::api {

namespace json = boost::json;

namespace {

constexpr std::string_view version_header = "X-Supabase-Api-Version";

/// A device's text as it may be shown and logged: no control characters, not too long.
std::string device_text(std::string_view text) {
    std::string clean;
    for (const char c : text.substr(0, limits::device_text_bytes_max)) {
        if (static_cast<unsigned char>(c) >= ' ' && c != 0x7f) clean.push_back(c);
    }
    return clean;
}

std::string address_of(std::string_view remote) {
    return std::string(remote.substr(0, remote.rfind(':')));
}

Error unauthorized(const auth::TokenRefusal& cause) {
    if (cause.fault == auth::TokenFault::SessionEnded) {
        return auth::session_not_found(ErrorCode::Forbidden);
    }
    return auth::refused(ErrorCode::Forbidden, "bad_jwt",
                         "invalid JWT: unable to parse or verify signature, " + cause.message);
}

/// Whose token the request brings.
Result<Identity> bearer_identity(const auth::Authenticator& authenticator,
                                 const http::Request& request) {
    const auto bearer = bearer_of(request);
    if (bearer.empty()) {
        return std::unexpected(auth::refused(ErrorCode::Unauthorized, "no_authorization",
                                             "This endpoint requires a valid Bearer token"));
    }
    auto identity = authenticator.verify(bearer);
    if (!identity) return std::unexpected(unauthorized(identity.error()));
    return std::move(*identity);
}

void add_version(const http::Request& request, http::Response& response) {
    const auto version = request.header("x-supabase-api-version");
    if (!version.empty()) response.set(std::string(version_header), std::string(version));
}

/// The name a client knows a refusal by, also when it comes from below sign-in.
std::string name_of(const Error& error) {
    const bool ours = !error.sqlstate.empty() && std::ranges::all_of(error.sqlstate, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    const bool is_name =
        ours && std::ranges::any_of(error.sqlstate, [](char c) { return c > '9'; });
    if (is_name && error.sqlstate.size() != 5) return error.sqlstate;
    if (error.code == ErrorCode::Unavailable) return "over_request_rate_limit";
    return "unexpected_failure";
}

int status_of(const Error& error, const std::string& name) {
    return name == "unexpected_failure" ? 500 : http_status(error.code);
}

}  // namespace

Result<json::object> auth_body(const http::Request& request) {
    if (request.body.empty()) return json::object();
    boost::system::error_code failure;
    json::parse_options options;
    options.max_depth = limits::body_depth_max;
    auto parsed = json::parse(request.body, failure, {}, options);
    if (failure || !parsed.is_object()) {
        return std::unexpected(auth::refused(ErrorCode::InvalidInput, "bad_json",
                                             "Could not parse request body as JSON: an object is "
                                             "expected"));
    }
    return std::move(parsed.as_object());
}

Result<std::string> text_member(const json::object& body, std::string_view name) {
    const auto* member = body.if_contains(name);
    if (member == nullptr || member->is_null()) return std::string();
    if (member->is_string()) return std::string(member->get_string());
    return std::unexpected(auth::validation_failed(fmt::format("{} must be a text", name)));
}

Result<json::object> object_member(const json::object& body, std::string_view name) {
    const auto* member = body.if_contains(name);
    if (member == nullptr || member->is_null()) return json::object();
    if (member->is_object()) return member->get_object();
    return std::unexpected(auth::validation_failed(fmt::format("{} must be an object", name)));
}

auth::Visitor visitor_of(const http::Request& request) {
    return {.address = address_of(request.remote),
            .user_agent = device_text(request.header("user-agent")),
            .device = {.id = device_text(request.header("x-device-id")),
                       .name = device_text(request.header("x-device-name")),
                       .platform = device_text(request.header("x-device-platform"))},
            .force = request.header("x-force-sign-in") == "true"};
}

std::string path_rest(const http::Request& request, std::string_view prefix) {
    return request.path.starts_with(prefix) ? request.path.substr(prefix.size()) : std::string();
}

Result<Identity> signed_in(const auth::Authenticator& authenticator, const http::Request& request) {
    auto identity = bearer_identity(authenticator, request);
    if (!identity || !identity->user_id.empty()) return identity;
    return std::unexpected(
        auth::refused(ErrorCode::Forbidden, "bad_jwt", "invalid claim: missing sub claim"));
}

Result<Identity> administrator(const auth::Authenticator& authenticator,
                               const http::Request& request) {
    auto identity = bearer_identity(authenticator, request);
    if (!identity || identity->role == Role::ServiceRole) return identity;
    return std::unexpected(auth::refused(ErrorCode::Forbidden, "not_admin", "User not allowed"));
}

http::Response auth_answer(const http::Request& request, int status, const json::object& body) {
    auto response = http::Response::json(status, json::serialize(body));
    add_version(request, response);
    response.set("Cache-Control", "no-store");
    return response;
}

http::Response auth_answer(const http::Request& request, int status) {
    http::Response response{.status = status};
    add_version(request, response);
    return response;
}

http::Response auth_refusal(const http::Request& request, const Error& error) {
    const std::string name = name_of(error);
    const int status = status_of(error, name);
    json::object body;
    boost::system::error_code failure;
    const auto extra = json::parse(error.details.empty() ? "{}" : error.details, failure);
    if (request.header("x-supabase-api-version").empty()) {
        body["code"] = status;
        body["error_code"] = name;
        body["msg"] = error.message;
    } else {
        body["code"] = name;
        body["message"] = error.message;
    }
    if (!failure && extra.is_object() && name != "unexpected_failure") {
        for (const auto& [member, value] : extra.get_object()) body[member] = value;
    }
    auto response = auth_answer(request, status, body);
    response.set("x-sb-error-code", name);
    const auto* wait = body.if_contains("retry_after");
    if (wait != nullptr) response.set("Retry-After", json::serialize(*wait));
    if (status == 503) response.set("Retry-After", "1");
    return response;
}

}  // namespace dunlin::api
