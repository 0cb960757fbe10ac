#include "auth/administration_rows.h"

#include <utility>

namespace dunlin::auth {

namespace json = boost::json;

namespace {

Result<void> keep_identity(data::OwnerSession& session, const User& user, std::string_view provider,
                           const std::string& address, bool confirmed, std::int64_t now_us) {
    if (address.empty()) return {};
    const std::string email = provider == "email" ? address : std::string();
    auto found = find_identity(session, provider, user.id);
    if (!found) return std::unexpected(found.error());
    json::object data = *found ? (*found)->data : json::object();
    data["sub"] = user.id;
    data[provider] = address;
    data[std::string(provider) + "_verified"] = confirmed;
    if (!*found) {
        return insert_identity(session, {.id = new_id(),
                                         .user_id = user.id,
                                         .provider_id = user.id,
                                         .provider = std::string(provider),
                                         .data = std::move(data),
                                         .email = email,
                                         .created_at = now_us,
                                         .updated_at = now_us});
    }
    auto kept = session.update("auth.identities",
                               {{"identity_data", object_value(data)},
                                {"email", text_value(email)},
                                {"updated_at", Value(now_us)}},
                               "id = ?1", {Value((*found)->id)});
    if (!kept) return std::unexpected(kept.error());
    return {};
}

}  // namespace

Result<void> keep_address_identities(data::OwnerSession& session, const User& user,
                                     std::int64_t now_us) {
    auto kept = keep_identity(session, user, "email", user.email,
                              user.email_confirmed_at.has_value(), now_us);
    if (!kept) return kept;
    return keep_identity(session, user, "phone", user.phone, user.phone_confirmed_at.has_value(),
                         now_us);
}

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
