#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/context.h"
#include "auth/user.h"
#include "auth/user_attributes.h"
#include "auth/visitor.h"
#include "core/identity.h"
#include "core/result.h"

namespace dunlin::auth {

namespace asio = boost::asio;

/// Who administers, for the audit log. The caller has made sure that he may.
struct Administrator {
    Identity identity;  // of the service role; names a user only when a token of one was used
    Visitor visitor;
};

/// A page of a list: `rows` at most page_rows_max, pages counted from 1.
struct Page {
    std::int64_t number = 1;
    std::int64_t rows = 50;
};
inline constexpr std::int64_t page_rows_max = 1000;

struct Listed {
    boost::json::array rows;
    std::int64_t total = 0;  // on all pages
};

/// Accounts as the owner of the project administers them. Answers are JSON of auth-js. Whoever is
/// not there is 404 user_not_found. Every change is in the audit log and takes effect with its
/// commit: tokens, refreshes and sockets follow at once.
///
/// Thread-safe; borrows the context.
class Administration {
public:
    explicit Administration(const Context& context) : context_(context) {}

    /// Newest first. `filter` is a part of the address or of user_metadata.full_name; "" takes all.
    asio::awaitable<Result<Listed>> users(Page page, std::string filter);
    asio::awaitable<Result<boost::json::object>> user(std::string id);

    /// Without a password there is none. Fails with 422 email_exists, phone_exists,
    /// user_already_exists (the id), weak_password; 400 validation_failed.
    asio::awaitable<Result<boost::json::object>> create_user(UserAttributes attributes,
                                                             Administrator administrator);

    /// A new password or a ban ends every session and voids codes that were sent; so does a new
    /// address for codes. Fails as create_user().
    asio::awaitable<Result<boost::json::object>> change_user(std::string id,
                                                             UserAttributes attributes,
                                                             Administrator administrator);

    /// Hard: the row and what refers to it with ON DELETE CASCADE. Fails with 409 conflict when
    /// other rows hold on to it. Soft: the id stays, with nothing personal; cannot be undone.
    enum class Deletion : std::uint8_t { Hard, Soft };
    asio::awaitable<Result<void>> remove_user(std::string id, Deletion deletion,
                                              Administrator administrator);

    /// Second factors, without their secrets.
    asio::awaitable<Result<boost::json::array>> factors(std::string user_id);
    /// Ends the sessions that were proved with it. Fails with 404 mfa_factor_not_found.
    asio::awaitable<Result<boost::json::object>> remove_factor(std::string user_id,
                                                               std::string factor_id,
                                                               Administrator administrator);

    /// The devices the account is signed in on: {"sessions": [...]}.
    asio::awaitable<Result<boost::json::object>> sessions(std::string user_id);
    /// Ends one session, or all when `session_id` is "". Fails with 404 session_not_found.
    asio::awaitable<Result<void>> end_sessions(std::string user_id, std::string session_id,
                                               Administrator administrator);

    /// The audit log, latest first.
    asio::awaitable<Result<Listed>> audit_entries(Page page);
    /// {"intact", "entries", "last_hash"}, and "first_broken_id" when the chain is not whole. Reads
    /// the whole log.
    asio::awaitable<Result<boost::json::object>> verify_audit();

private:
    /// The hash of the password that `attributes` bring, "" when they bring none.
    asio::awaitable<Result<std::string>> new_hash(const UserAttributes& attributes,
                                                  std::string email);
    Result<boost::json::object> create_in(data::OwnerSession& session,
                                          const UserAttributes& attributes, const std::string& hash,
                                          const Administrator& administrator);
    Result<boost::json::object> change_in(data::OwnerSession& session, std::string_view id,
                                          const UserAttributes& attributes, const std::string& hash,
                                          const Administrator& administrator);
    Result<void> remove_in(data::OwnerSession& session, std::string_view id, Deletion deletion,
                           const Administrator& administrator);
    Result<void> note(data::OwnerSession& session, const Administrator& administrator,
                      std::string_view action, boost::json::object payload);

    const Context& context_;
};

}  // namespace dunlin::auth
