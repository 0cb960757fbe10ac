#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "auth/caller.h"
#include "auth/context.h"
#include "auth/credentials.h"
#include "auth/grant.h"
#include "auth/mailing.h"
#include "auth/refresh_token.h"
#include "auth/user_change.h"
#include "auth/visitor.h"
#include "core/identity.h"
#include "core/result.h"

namespace dunlin::auth {

namespace asio = boost::asio;

/// Accounts and their sessions: sign-up, sign-in by password, refresh, sign-out, one's own data.
/// Every answer is a JSON object of auth-js. Errors carry auth-js's codes (auth/error.h).
///
/// Thread-safe; borrows the context.
class Accounts {
public:
    explicit Accounts(const Context& context) : context_(context) {}

    /// A session when the address needs no confirmation, else the user, and a message to him. Who
    /// signs up again before he has confirmed begins anew. For a confirmed address there is then a
    /// made-up user without identities: nobody learns who has an account. Fails with
    /// signup_disabled, weak_password, validation_failed, email_provider_disabled,
    /// over_email_send_rate_limit, without confirmation with user_already_exists.
    asio::awaitable<Result<boost::json::object>> sign_up(Credentials credentials,
                                                         boost::json::object metadata,
                                                         MessageOptions options, Visitor visitor);
    asio::awaitable<Result<boost::json::object>> sign_up_anonymously(boost::json::object metadata,
                                                                     Visitor visitor);

    /// Does the same work whether or not the account exists. Fails with invalid_credentials,
    /// email_not_confirmed, user_banned, session_conflict, over_request_rate_limit.
    asio::awaitable<Result<boost::json::object>> sign_in_with_password(Credentials credentials,
                                                                       Visitor visitor);

    /// The end of a flow with PKCE: exchange_auth_code().
    asio::awaitable<Result<boost::json::object>> sign_in_with_auth_code(std::string code,
                                                                        std::string verifier,
                                                                        Visitor visitor);

    /// A token used before gives the same successor for Settings::refresh_reuse_s, later it ends
    /// the session: refresh_token_already_used.
    asio::awaitable<Result<boost::json::object>> refresh(std::string token, Visitor visitor);

    asio::awaitable<Result<boost::json::object>> user(Identity identity);
    /// Another address is a wish until it is confirmed. Fails with same_password, weak_password,
    /// insufficient_aal, reauthentication_needed, reauthentication_not_valid, email_exists,
    /// phone_exists, validation_failed, over_email_send_rate_limit.
    asio::awaitable<Result<boost::json::object>> change_user(Identity identity, UserChange change,
                                                             Visitor visitor);

    asio::awaitable<Result<void>> sign_out(Identity identity, Which which, Visitor visitor);

    /// The devices that the caller is signed in on: {"sessions": [...]}.
    asio::awaitable<Result<boost::json::object>> sessions(Identity identity);
    /// Ends one of them. Fails with 404 session_not_found.
    asio::awaitable<Result<void>> end_session(Identity identity, std::string session_id,
                                              Visitor visitor);

private:
    asio::awaitable<Result<boost::json::object>> sign_up_at_once(User user, Credentials credentials,
                                                                 Visitor visitor);
    asio::awaitable<Result<boost::json::object>> sign_up_to_confirm(User user,
                                                                    Credentials credentials,
                                                                    MessageOptions options,
                                                                    Visitor visitor);
    Result<Grant> create(data::OwnerSession& session, const User& user, const Visitor& visitor,
                         std::string_view method);
    asio::awaitable<Result<Caller>> caller(Identity identity);
    asio::awaitable<Result<std::string>> changed_password(Caller caller, UserChange change);
    asio::awaitable<Result<void>> admit_addresses(std::string user_id, UserChange change,
                                                  Visitor visitor);
    Result<Result<Grant>> refresh_in(data::OwnerSession& session, const RefreshToken& token,
                                     const Visitor& visitor);

    const Context& context_;
};

}  // namespace dunlin::auth
