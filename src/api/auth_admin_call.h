#pragma once

#include <boost/json/object.hpp>

#include "auth/administration.h"
#include "core/result.h"
#include "http/message.h"

/// What requests to `/auth/v1/admin` say and how lists are answered.
namespace dunlin::api {

/// Members that auth-js's AdminUserAttributes does not have are ignored, as upstream: nothing else
/// of an account can be written. Fails with 400 validation_failed for a member of another type.
Result<auth::UserAttributes> attributes_of(const boost::json::object& body);

/// Absent and null are false. Fails with 400 validation_failed.
Result<bool> flag_member(const boost::json::object& body, std::string_view name);

/// `page` and `per_page`; absent and empty are the first page of 50, more than
/// auth::page_rows_max in a page is that many. Fails with 400 validation_failed.
Result<auth::Page> page_of(const http::Request& request);

/// `body` is a page of a list of `total` rows, with X-Total-Count, and Link (RFC 8288) to the next
/// and the last page. In its addresses `page` comes first: auth-js takes the digit after the first
/// "=".
http::Response page_answer(const http::Request& request, const boost::json::object& body,
                           auth::Page page, std::int64_t total);

}  // namespace dunlin::api
