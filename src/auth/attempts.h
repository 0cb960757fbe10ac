#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "auth/context.h"
#include "auth/visitor.h"
#include "core/result.h"
#include "data/owner.h"

namespace dunlin::auth {

namespace asio = boost::asio;

/// Counts an attempt to prove to be somebody, on disk before anything is compared: by address, all
/// together and, unless `account` is "", by account ("email:ann@example.org").
/// Fails with 429 over_request_rate_limit.
asio::awaitable<Result<void>> count_attempt(const Context& context, Visitor visitor,
                                            std::string account);

/// Counts a message that somebody asks for, whether or not there will be one: by his address, and
/// by the one it would go to ("ann@example.org") for each `purpose` ("recovery"). Fails with 429
/// over_request_rate_limit, and within Settings::limits.message_pause_s of the last one with
/// over_email_send_rate_limit or over_sms_send_rate_limit.
asio::awaitable<Result<void>> count_message(const Context& context, Visitor visitor,
                                            MessageChannel channel, std::string_view purpose,
                                            std::string address);

/// Codes of an account's second factors; recovery codes are counted apart, so that who mistyped the
/// one can still use the other.
struct FactorAttempt {
    std::string user_id;
    bool of_recovery_code = false;
    std::string key() const {
        return (of_recovery_code ? "attempt:recovery:" : "attempt:factor:") + user_id;
    }
};

/// As count_attempt(), against RateLimits::factor. Fails with 429 over_request_rate_limit or
/// mfa_recovery_codes_locked.
asio::awaitable<Result<void>> count_factor_attempt(const Context& context, Visitor visitor,
                                                   FactorAttempt attempt);
Result<void> forgive_factor(data::OwnerSession& session, const FactorAttempt& attempt);

/// The proof was good: earlier failures of the account are forgiven.
Result<void> forgive_account(data::OwnerSession& session, const std::string& account);

/// Writes the failure of an attempt to the audit log. `user_id` is "" when nobody is known.
asio::awaitable<Result<void>> note_failure(const Context& context, Visitor visitor,
                                           std::string user_id, std::string account);

}  // namespace dunlin::auth
