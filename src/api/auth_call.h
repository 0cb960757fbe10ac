#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "auth/authenticator.h"
#include "auth/visitor.h"
#include "core/identity.h"
#include "core/result.h"
#include "http/message.h"

/// A request to `/auth/v1` and its answer, as auth-js has them (docs/protocol/auth.md).
namespace dunlin::api {

/// The JSON object of the body; an empty body is an empty object. Fails with 400 bad_json.
Result<boost::json::object> auth_body(const http::Request& request);

/// Members of a body. Absent and null are "" or an empty object; another type is 400
/// validation_failed.
Result<std::string> text_member(const boost::json::object& body, std::string_view name);
Result<boost::json::object> object_member(const boost::json::object& body, std::string_view name);

/// Address, user agent and device of the request; texts are cut to limits::device_text_bytes_max.
auth::Visitor visitor_of(const http::Request& request);

/// The path's last part, after `prefix`.
std::string path_rest(const http::Request& request, std::string_view prefix);

/// Whose token `Authorization: Bearer` holds. Fails with 401 no_authorization, 403 bad_jwt,
/// 403 session_not_found for a session that has ended.
Result<Identity> signed_in(const auth::Authenticator& authenticator, const http::Request& request);

/// As signed_in(), for the service role only: 403 not_admin.
Result<Identity> administrator(const auth::Authenticator& authenticator,
                               const http::Request& request);

http::Response auth_answer(const http::Request& request, int status,
                           const boost::json::object& body);
http::Response auth_answer(const http::Request& request, int status);  // without a body
/// In the form that the request's API version has: {code, message} or {code, error_code, msg}.
http::Response auth_refusal(const http::Request& request, const Error& error);

}  // namespace dunlin::api
