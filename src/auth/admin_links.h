#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "auth/context.h"
#include "auth/mailing.h"
#include "auth/visitor.h"
#include "core/result.h"

/// Flows that the project's own backend begins for somebody. The caller has been found to be the
/// service role.
namespace dunlin::auth {

namespace asio = boost::asio;

/// `POST /invite`: makes the account, or takes one that nobody has confirmed, and sends it a link.
/// The user. Fails with 422 email_exists, email_provider_disabled, 400 validation_failed.
asio::awaitable<Result<boost::json::object>> invite(const Context& context, std::string email,
                                                    boost::json::object metadata,
                                                    MessageOptions options, Visitor visitor);

/// `POST /admin/generate_link`.
struct LinkRequest {
    std::string type{};  // "signup", "invite", "magiclink", "recovery", "email_change_current",
                         // "email_change_new"
    std::string email{};
    std::string new_email{};  // of email_change_…
    std::string password{};   // of signup
    boost::json::object metadata{};
    std::string redirect_to{};
};

/// The user with "action_link", "email_otp", "hashed_token", "redirect_to" and "verification_type".
/// Nothing is sent. For an unknown address "magiclink" is "signup". Fails with 422 email_exists,
/// weak_password, 404 user_not_found, 400 validation_failed.
asio::awaitable<Result<boost::json::object>> generate_link(const Context& context,
                                                           LinkRequest request, Visitor visitor);

}  // namespace dunlin::auth
