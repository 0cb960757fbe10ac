#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "auth/token_refusal.h"
#include "core/change.h"
#include "core/clock.h"
#include "core/identity.h"
#include "core/result.h"
#include "core/schema.h"
#include "data/owner.h"

namespace dunlin::auth {

/// What makes an access token say too much before it expires: its session has ended or lost its
/// second factor, or its account has another role or app_metadata by now. Kept in memory from the
/// commits themselves, so that every request and socket can ask. Thread-safe.
class SessionRegistry {
public:
    /// `schema` has the tables of auth::migrations(); both are borrowed. `token_s_max` is how long
    /// an access token lives: what is older than that is forgotten.
    SessionRegistry(const Schema& schema, const Clock& clock, std::int64_t token_s_max);

    /// Reads what still matters. Blocks: for start-up.
    Result<void> load(data::Owner& owner);

    /// Whom a commit concerns.
    struct Effects {
        std::vector<std::string> ended_sessions{};
        std::vector<std::string> changed_users{};
        bool empty() const { return ended_sessions.empty() && changed_users.empty(); }
    };
    /// Takes a commit in, before anybody is told of it. In log order, on one thread.
    Effects take(const ChangeBatch& batch);

    /// `identity`, proved by a token, as it is now: role, app_metadata and auth.jwt() follow the
    /// account. Fails with TokenFault::SessionEnded.
    TokenResult<Identity> current(Identity identity) const;

    /// Notes that the session is being used.
    void seen(const std::string& session_id);
    struct Seen {
        std::string session_id;
        std::int64_t at_us = 0;
    };
    /// Sessions used since the last call.
    std::vector<Seen> take_seen();

    void forget_old();

private:
    struct Account {
        std::int64_t changed_at_us = 0;
        std::string role;
        std::string app_metadata;  // JSON
    };
    struct Columns {
        std::size_t session_id, ended_at;                            // auth.ended_sessions
        std::size_t lowered_id, lowered_user_id, lowered_at;         // auth.sessions
        std::size_t user_id, role, app_metadata, claims_changed_at;  // auth.users
    };
    void take_lowered(const Change& change, Effects& effects);
    TokenResult<Identity> follow(Identity identity, const Account& account) const;

    const Clock& clock_;
    std::int64_t token_us_max_;
    Columns columns_;

    mutable std::shared_mutex mutex_;
    boost::unordered_flat_map<std::string, std::int64_t> ended_;    // session: when
    boost::unordered_flat_map<std::string, std::int64_t> lowered_;  // session back at aal1: when
    boost::unordered_flat_map<std::string, Account> accounts_;      // user: what changed
    std::mutex seen_mutex_;
    boost::unordered_flat_map<std::string, std::int64_t> seen_;
};

}  // namespace dunlin::auth
