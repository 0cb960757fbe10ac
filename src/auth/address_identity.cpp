#include "auth/address_identity.h"

#include <algorithm>
#include <boost/json/array.hpp>

namespace dunlin::auth {

namespace json = boost::json;

Result<void> keep_address_identity(data::OwnerSession& session, const User& user,
                                   std::string_view provider, std::int64_t now_us) {
    auto found = find_identity(session, provider, user.id);
    if (!found) return std::unexpected(found.error());
    UserIdentity identity = *found ? std::move(**found)
                                   : UserIdentity{.id = new_id(),
                                                  .user_id = user.id,
                                                  .provider_id = user.id,
                                                  .provider = std::string(provider),
                                                  .data = user.user_metadata,
                                                  .last_sign_in_at = now_us,
                                                  .created_at = now_us};
    identity.email = user.email;
    identity.updated_at = now_us;
    identity.data["sub"] = user.id;
    identity.data["email_verified"] = user.email_confirmed_at.has_value();
    identity.data["phone_verified"] = user.phone_confirmed_at.has_value();
    if (!user.email.empty()) identity.data["email"] = user.email;
    if (!user.phone.empty()) identity.data["phone"] = user.phone;
    if (!*found) return insert_identity(session, identity);
    auto kept = session.update("auth.identities",
                               {{"identity_data", object_value(identity.data)},
                                {"email", text_value(identity.email)},
                                {"updated_at", instant_value(identity.updated_at)}},
                               "id = ?1", {Value(identity.id)});
    if (!kept) return std::unexpected(kept.error());
    return {};
}

bool add_provider(User& user, std::string_view provider) {
    if (!user.app_metadata.contains("provider")) user.app_metadata["provider"] = provider;
    json::value& listed = user.app_metadata["providers"];
    if (!listed.is_array()) listed = json::array();
    const bool known = std::ranges::any_of(listed.get_array(), [&](const json::value& one) {
        return one.is_string() && one.get_string() == provider;
    });
    if (!known) listed.get_array().push_back(json::value(provider));
    return !known;
}

}  // namespace dunlin::auth
