#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "auth/context.h"
#include "auth/user.h"
#include "core/result.h"

namespace dunlin::auth {

namespace asio = boost::asio;

/// An address and what proves it is one's own. Exactly one of `email` and `phone`.
struct Credentials {
    std::string email{};
    std::string phone{};
    std::string password{};
};

/// With the address in the form in which it is stored. Fails with 400 validation_failed.
Result<Credentials> normal_credentials(Credentials credentials);

/// "email:ann@example.org", "phone:4915…": the account in limits and in the audit log.
std::string account_of(const Credentials& credentials);

Result<std::optional<User>> find_user(data::OwnerSession& session, const Credentials& credentials);

/// 400 email_not_confirmed or phone_not_confirmed.
Error not_confirmed(const Credentials& credentials);

/// Fails with 422 weak_password, with Unavailable when too many wait.
asio::awaitable<Result<std::string>> hash_new_password(const Context& context, std::string password,
                                                       std::string email);

/// An account that is not stored yet, its address not confirmed.
User new_user(const Credentials& credentials, boost::json::object metadata, std::int64_t now_us);

/// Stores a new account with the identity that its address is.
Result<void> create_user(data::OwnerSession& session, const User& user);

}  // namespace dunlin::auth
