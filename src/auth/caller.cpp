#include "auth/caller.h"

#include "auth/error.h"

namespace dunlin::auth {

namespace {

std::string aal_of(const Identity& identity) {
    const auto claims = object_of(Value(identity.claims));
    const auto* claim = claims.if_contains("aal");
    return claim != nullptr && claim->is_string() ? std::string(claim->get_string()) : "aal1";
}

}  // namespace

Result<Caller> require_caller(data::OwnerSession& session, const Identity& identity,
                              std::int64_t now_us) {
    auto user = find_user(session, identity.user_id);
    if (!user) return std::unexpected(user.error());
    if (!*user || (*user)->deleted_at) {
        return std::unexpected(refused(ErrorCode::Forbidden, "user_not_found",
                                       "User from sub claim in JWT does not exist"));
    }
    if ((*user)->is_banned(now_us)) return std::unexpected(user_banned(ErrorCode::Forbidden));
    Caller caller{.user = std::move(**user), .token_aal = aal_of(identity)};
    if (identity.session_id.empty()) return caller;
    auto found = find_session(session, identity.session_id);
    if (!found) return std::unexpected(found.error());
    if (!*found || (*found)->user_id != caller.user.id) {
        return std::unexpected(session_not_found(ErrorCode::Forbidden));
    }
    caller.session = std::move(**found);
    return caller;
}

Result<bool> has_verified_factor(data::OwnerSession& session, const User& user) {
    auto rows = session.run(
        "select 1 from \"auth.mfa_factors\" where user_id = ?1 and status = 'verified' limit 1",
        {Value(user.id)});
    if (!rows) return std::unexpected(rows.error());
    return !rows->empty();
}

}  // namespace dunlin::auth
