#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/settings.h"
#include "auth/user.h"
#include "auth/visitor.h"
#include "core/result.h"
#include "data/owner.h"

namespace dunlin::auth {

/// A row of auth.sessions: an account signed in on a device.
struct Session {
    std::string id;
    std::string user_id;
    std::int64_t created_at = 0;
    Instant refreshed_at{};
    std::int64_t last_seen_at = 0;
    Instant not_after{};
    std::string aal = "aal1";
    boost::json::array amr{};  // [{method, timestamp}], latest first
    std::string factor_id{};
    std::string user_agent{};
    std::string address{};
    Device device{};
    std::string refresh_key{};
    std::int64_t refresh_generation = 1;
};

/// Why a session ended, as auth.ended_sessions and the notice to its sockets say it.
namespace end_reason {
constexpr std::string_view signed_out = "signed out";
constexpr std::string_view superseded = "signed in on another device";
constexpr std::string_view replaced = "signed in again on the same device";
constexpr std::string_view banned = "user banned";
constexpr std::string_view deleted = "user deleted";
constexpr std::string_view password_changed = "password changed";
constexpr std::string_view reused = "refresh token used twice";
constexpr std::string_view expired = "session expired";
constexpr std::string_view taken_over = "account taken over by the owner of its address";
constexpr std::string_view factor_removed = "second factor removed";
constexpr std::string_view factor_verified = "signed in with a second factor elsewhere";
}  // namespace end_reason

/// The role that decides how many devices an account may use: app_metadata.role, else the role.
std::string session_role(const User& user);
SessionMode session_mode(const Settings& settings, const User& user);

// Each reads or writes rows of auth.sessions inside the caller's transaction.

Result<std::optional<Session>> find_session(data::OwnerSession& session, std::string_view id);
/// Those that have not ended, latest first.
Result<std::vector<Session>> find_sessions(data::OwnerSession& session, const Settings& settings,
                                           std::string_view user_id, std::int64_t now_us);

/// Signs the account in. Under SessionMode::SingleDevice another device's session refuses it with
/// 409 session_conflict, whose details name the device and its last activity; with `visitor.force`
/// that session ends in the same transaction.
Result<Session> open_session(data::OwnerSession& session, const Settings& settings,
                             const User& user, const Visitor& visitor, std::string_view method,
                             std::int64_t now_us);

/// Whether the session's time is over (session_s_max, session_idle_s_max).
bool is_over(const Settings& settings, const Session& session, std::int64_t now_us);

enum class Which : std::uint8_t { All, This, Others };
/// Ends sessions of an account. `session_id` is that of the caller, "" when there is none.
Result<std::int64_t> end_sessions(data::OwnerSession& session, std::string_view user_id,
                                  std::string_view session_id, Which which, std::string_view reason,
                                  std::int64_t now_us);

/// Ends sessions whose time is over, at most 100 at once: nobody refreshes what he has left, and
/// his sockets and last access token must not outlive the limit. Gives the number.
Result<std::int64_t> end_over_sessions(data::OwnerSession& session, const Settings& settings,
                                       std::int64_t now_us);

/// As its owner sees it.
boost::json::object session_json(const Session& session, std::string_view current_id);

}  // namespace dunlin::auth
