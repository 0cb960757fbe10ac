#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "auth/context.h"
#include "auth/credentials.h"
#include "auth/mailing.h"
#include "auth/visitor.h"
#include "core/identity.h"
#include "core/result.h"

/// The beginnings of flows that go on with a message. Every answer is the same whether or not the
/// address has an account, and is given before that is looked up: {}, for a telephone
/// {"message_id"}. What fails afterwards is logged.
///
/// Each fails with 400 validation_failed, 422 email_provider_disabled or phone_provider_disabled,
/// 429 over_request_rate_limit, over_email_send_rate_limit or over_sms_send_rate_limit.
namespace dunlin::auth {

namespace asio = boost::asio;

/// `POST /otp`: a code and link to sign in with, for a new account as well when `create_user` and
/// Settings::sign_ups say so; when they do not, an address without an account is 422 otp_disabled.
struct OtpRequest {
    Credentials address{};
    bool create_user = true;
    boost::json::object metadata{};  // of a new account
    MessageOptions options{};
};
asio::awaitable<Result<boost::json::object>> send_otp(const Context& context, OtpRequest request,
                                                      Visitor visitor);

/// `POST /recover`: a code and link to choose a new password with.
asio::awaitable<Result<boost::json::object>> send_recovery(const Context& context,
                                                           std::string email,
                                                           MessageOptions options, Visitor visitor);

/// `POST /resend`: the last message of `type` "signup", "email_change", "sms" or "phone_change"
/// with a new code; the old one is void.
struct ResendRequest {
    std::string type{};
    Credentials address{};
    MessageOptions options{};
};
asio::awaitable<Result<boost::json::object>> resend(const Context& context, ResendRequest request,
                                                    Visitor visitor);

/// `GET /reauthenticate`: a code for the caller's own address, to change his password with. Fails
/// with 422 validation_failed when the account has no address.
asio::awaitable<Result<boost::json::object>> send_nonce(const Context& context, Identity identity,
                                                        Visitor visitor);

}  // namespace dunlin::auth
