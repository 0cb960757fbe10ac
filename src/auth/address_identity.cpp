#include "auth/address_identity.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <string>

namespace dunlin::auth {

namespace json = boost::json;

namespace {

Result<void> keep_identity(data::OwnerSession& session, const User& user, std::string_view provider,
                           const std::string& address, std::int64_t now_us) {
    if (address.empty()) return {};
    auto found = find_identity(session, provider, user.id);
    if (!found) return std::unexpected(found.error());
    UserIdentity identity{.id = new_id(),
                          .user_id = user.id,
                          .provider_id = user.id,
                          .provider = std::string(provider),
                          .last_sign_in_at = now_us,
                          .created_at = now_us};
    if (*found) identity = std::move(**found);
    json::object& data = identity.data;
    if (!*found) data = user.user_metadata;
    data["sub"] = user.id;
    data[provider] = address;
    data["email_verified"] = user.email_confirmed_at.has_value();
    data["phone_verified"] = user.phone_confirmed_at.has_value();
    identity.email = provider == "email" ? address : std::string();
    identity.updated_at = now_us;
    if (!*found) return insert_identity(session, identity);
    auto kept = session.update("auth.identities",
                               {{"identity_data", object_value(data)},
                                {"email", text_value(identity.email)},
                                {"updated_at", Value(now_us)}},
                               "id = ?1", {Value(identity.id)});
    if (!kept) return std::unexpected(kept.error());
    return {};
}

}  // namespace

Result<void> keep_address_identities(data::OwnerSession& session, const User& user,
                                     std::int64_t now_us) {
    auto kept = keep_identity(session, user, "email", user.email, now_us);
    if (!kept) return kept;
    return keep_identity(session, user, "phone", user.phone, now_us);
}

bool add_provider(json::object& app_metadata, std::string_view provider) {
    if (!app_metadata.contains("provider")) app_metadata["provider"] = provider;
    json::value& providers = app_metadata["providers"];
    if (!providers.is_array()) providers = json::array();
    json::array& listed = providers.get_array();
    const json::value name(provider);
    const bool known = std::ranges::find(listed, name) != listed.end();
    if (!known) listed.push_back(name);
    return !known;
}

}  // namespace dunlin::auth
