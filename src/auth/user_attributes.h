#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/user.h"
#include "core/result.h"

namespace dunlin::auth {

/// What an administrator sets of an account (auth-js's AdminUserAttributes). What is "" or empty
/// stays as it is.
struct UserAttributes {
    std::string id{};  // of a new account; a change ignores it
    std::string email{};
    std::string phone{};
    std::string password{};
    std::string password_hash{};  // of elsewhere: bcrypt or Argon2id
    std::string role{};
    std::string ban_duration{};  // "24h", or "none" to lift the ban
    bool email_confirm = false;
    bool phone_confirm = false;
    boost::json::object user_metadata{};  // merged member by member; null removes
    boost::json::object app_metadata{};
};

/// With addresses in the form in which they are stored. Fails with 400 validation_failed for what
/// no account can be given.
Result<UserAttributes> normal_attributes(UserAttributes attributes);

/// Microseconds of a duration as upstream writes them: numbers, each with a unit of h, m, s, ms,
/// us or ns, added up ("1h30m", "1.5h"). Nothing for any other text, for nothing at all and for
/// more than `ban_hours_max`.
std::optional<std::int64_t> parse_duration(std::string_view text);
inline constexpr std::int64_t ban_hours_max = 2'000'000;  // 228 years

/// Writes what `attributes` say into `user`, but for the password: `hash` is that of the new one,
/// "" when it stays. An address that replaces a confirmed one counts as confirmed, as upstream.
/// Notes when tokens that are out by now say too much. `attributes` are normal.
void apply_attributes(User& user, const UserAttributes& attributes, const std::string& hash,
                      std::int64_t now_us);

/// Whether a text is a UUID in its usual form, of any version.
bool is_uuid(std::string_view text);

}  // namespace dunlin::auth
