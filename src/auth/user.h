#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"
#include "data/owner.h"

namespace dunlin::auth {

/// Microseconds since 1970 UTC; nothing means never.
using Instant = std::optional<std::int64_t>;

/// An account: a row of auth.users. Empty texts stand for NULL.
struct User {
    std::string id;
    std::string aud = "authenticated";
    std::string role = "authenticated";
    std::string email{};  // lower case
    std::string phone{};  // digits only
    std::string password_hash{};
    Instant email_confirmed_at{};
    Instant phone_confirmed_at{};
    Instant invited_at{};
    Instant confirmation_sent_at{};
    Instant recovery_sent_at{};
    std::string new_email{};
    Instant email_change_sent_at{};
    std::string new_phone{};
    Instant phone_change_sent_at{};
    Instant reauthentication_sent_at{};
    Instant last_sign_in_at{};
    boost::json::object app_metadata{};
    boost::json::object user_metadata{};
    Instant banned_until{};
    Instant deleted_at{};
    bool is_anonymous = false;
    Instant created_at{};
    Instant updated_at{};
    Instant claims_changed_at{};

    bool is_confirmed() const { return email_confirmed_at || phone_confirmed_at; }
    bool is_banned(std::int64_t now_us) const { return banned_until && *banned_until > now_us; }
};

/// A way in to an account: its own address, or an account elsewhere.
struct UserIdentity {
    std::string id;
    std::string user_id;
    std::string provider_id;  // the subject at the provider; for `email` and `phone` the user's id
    std::string provider;
    boost::json::object data{};
    std::string email{};
    Instant last_sign_in_at{};
    Instant created_at{};
    Instant updated_at{};
};

// Each reads or writes rows of auth.* inside the caller's transaction.

Result<std::optional<User>> find_user(data::OwnerSession& session, std::string_view id);
Result<std::optional<User>> find_user_by_email(data::OwnerSession& session, std::string_view email);
Result<std::optional<User>> find_user_by_phone(data::OwnerSession& session, std::string_view phone);
/// As find_user(); nobody is 404 user_not_found.
Result<User> require_user(data::OwnerSession& session, std::string_view id);
/// Newest first. `filter` is a part of the e-mail address, phone number or full_name, of any case;
/// "" takes all.
Result<std::vector<User>> list_users(data::OwnerSession& session, std::string_view filter,
                                     std::int64_t limit, std::int64_t offset);
Result<std::int64_t> count_users(data::OwnerSession& session, std::string_view filter);

Result<void> insert_user(data::OwnerSession& session, const User& user);
/// Writes the columns that differ from `before`, and updated_at.
Result<void> update_user(data::OwnerSession& session, const User& before, const User& after,
                         std::int64_t now_us);

Result<std::vector<UserIdentity>> find_identities(data::OwnerSession& session,
                                                  std::string_view user_id);
Result<std::optional<UserIdentity>> find_identity(data::OwnerSession& session,
                                                  std::string_view provider,
                                                  std::string_view provider_id);
Result<void> insert_identity(data::OwnerSession& session, const UserIdentity& identity);

/// The user object of auth-js, with its identities and factors.
Result<boost::json::object> user_json(data::OwnerSession& session, const User& user);

/// Takes members over as upstream does: one that is null goes.
void merge_metadata(boost::json::object& into, const boost::json::object& from);

/// A new random UUID (RFC 9562, version 4).
std::string new_id();

/// `2026-11-21T17:31:10.123456Z`.
std::string timestamp_text(std::int64_t us);

Value instant_value(const Instant& instant);
Value object_value(const boost::json::object& object);
Value array_value(const boost::json::array& array);
/// NULL for "".
Value text_value(std::string_view text);
Instant instant_of(const Value& value);
std::string text_of(const Value& value);
/// Empty when it is no JSON object.
boost::json::object object_of(const Value& value);

/// Lower case; fails with 400 validation_failed when it is no address.
Result<std::string> normal_email(std::string_view text);
/// E.164 digits without `+`; fails with 400 validation_failed.
Result<std::string> normal_phone(std::string_view text);

}  // namespace dunlin::auth
