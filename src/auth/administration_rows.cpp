#include "auth/administration_rows.h"

#include <utility>

namespace dunlin::auth {

namespace json = boost::json;

Result<void> void_codes(data::OwnerSession& session, std::string_view user_id) {
    for (const std::string_view table : {"auth.one_time_tokens", "auth.flow_state"}) {
        auto removed = session.remove(table, "user_id = ?1", {Value(user_id)});
        if (!removed) return std::unexpected(removed.error());
    }
    return {};
}

json::array changed_members(const User& before, const User& after) {
    const std::pair<std::string_view, bool> members[] = {
        {"email", before.email != after.email},
        {"phone", before.phone != after.phone},
        {"email_confirm", before.email_confirmed_at != after.email_confirmed_at},
        {"phone_confirm", before.phone_confirmed_at != after.phone_confirmed_at},
        {"password", before.password_hash != after.password_hash},
        {"role", before.role != after.role},
        {"app_metadata", before.app_metadata != after.app_metadata},
        {"user_metadata", before.user_metadata != after.user_metadata},
        {"ban_duration", before.banned_until != after.banned_until},
    };
    json::array names;
    for (const auto& [name, changed] : members) {
        if (changed) names.emplace_back(name);
    }
    return names;
}

User anonymized(const User& user, std::int64_t now_us) {
    return User{.id = user.id,
                .aud = user.aud,
                .role = user.role,
                .deleted_at = now_us,
                .created_at = user.created_at,
                .updated_at = now_us};
}

}  // namespace dunlin::auth
