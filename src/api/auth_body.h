#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "auth/credentials.h"
#include "auth/mailing.h"
#include "core/result.h"
#include "http/message.h"

/// What several endpoints of sign-in read from a body. Each fails with 400 validation_failed for a
/// member of another type; absent members stay as they are by default.
namespace dunlin::api {

/// Takes members that are texts over into variables.
Result<void> take_texts(
    const boost::json::object& body,
    std::initializer_list<std::pair<std::string_view, std::reference_wrapper<std::string>>> into);

Result<bool> truth_member(const boost::json::object& body, std::string_view name, bool otherwise);

/// `email`, `phone` and `password`.
Result<auth::Credentials> credentials_of(const boost::json::object& body);

/// `code_challenge`, `code_challenge_method` and `channel`, with the parameter `redirect_to`.
Result<auth::MessageOptions> message_options_of(const http::Request& request,
                                                const boost::json::object& body);

}  // namespace dunlin::api
