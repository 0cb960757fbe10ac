#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "auth/context.h"
#include "auth/visitor.h"
#include "core/result.h"

/// The ends of flows that began with a message: its code is typed in, or its link is opened.
namespace dunlin::auth {

namespace asio = boost::asio;

/// `POST /verify`: `email` or `phone` and the code, or the link's token alone.
struct CodeProof {
    std::string type{};  // "signup", "invite", "magiclink", "recovery", "email", "email_change",
                         // "sms", "phone_change"
    std::string email{};
    std::string phone{};
    std::string code{};
    std::string token_hash{};
};

/// A session; for the first of two addresses that have to agree, {"msg", "code"}. Does the same
/// work whether or not the address is known. Fails with 400 validation_failed, 403 otp_expired for
/// anything that does not fit, and as sign_in(), which leaves the code as it was.
asio::awaitable<Result<boost::json::object>> verify_code(const Context& context, CodeProof proof,
                                                         Visitor visitor);

/// `GET /verify`.
struct LinkProof {
    std::string type{};
    std::string token{};
    std::string redirect_to{};
};

/// Where the browser is sent: to the application, with the session in the fragment, with `?code=`
/// for PKCE, with a message for the first of two addresses, or with the error.
asio::awaitable<std::string> open_link(const Context& context, LinkProof proof, Visitor visitor);

}  // namespace dunlin::auth
