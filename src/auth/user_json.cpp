#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "auth/user.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

void add_instant(json::object& object, std::string_view name, const Instant& instant) {
    if (instant) object[name] = timestamp_text(*instant);
}

void add_text(json::object& object, std::string_view name, const std::string& text) {
    if (!text.empty()) object[name] = text;
}

json::object identity_json(const UserIdentity& identity) {
    json::object object;
    object["identity_id"] = identity.id;
    object["id"] = identity.provider_id;
    object["user_id"] = identity.user_id;
    object["identity_data"] = identity.data;
    object["provider"] = identity.provider;
    add_instant(object, "last_sign_in_at", identity.last_sign_in_at);
    add_instant(object, "created_at", identity.created_at);
    add_instant(object, "updated_at", identity.updated_at);
    add_text(object, "email", identity.email);
    return object;
}

/// Without secrets: a factor as its owner may see it.
Result<json::array> factors_json(data::OwnerSession& session, const std::string& user_id) {
    auto rows = session.run(
        "select id, friendly_name, factor_type, status, phone, last_challenged_at, created_at, "
        "updated_at from \"auth.mfa_factors\" where user_id = ?1 order by created_at, id",
        {Value(user_id)});
    if (!rows) return std::unexpected(rows.error());
    json::array factors;
    for (const Row& row : *rows) {
        json::object factor;
        factor["id"] = row[0].text();
        add_text(factor, "friendly_name", text_of(row[1]));
        factor["factor_type"] = row[2].text();
        factor["status"] = row[3].text();
        add_text(factor, "phone", text_of(row[4]));
        add_instant(factor, "last_challenged_at", instant_of(row[5]));
        add_instant(factor, "created_at", instant_of(row[6]));
        add_instant(factor, "updated_at", instant_of(row[7]));
        factors.push_back(std::move(factor));
    }
    return factors;
}

void add_addresses(json::object& object, const User& user) {
    object["email"] = user.email;
    add_instant(object, "email_confirmed_at", user.email_confirmed_at);
    add_instant(object, "invited_at", user.invited_at);
    object["phone"] = user.phone;
    add_instant(object, "phone_confirmed_at", user.phone_confirmed_at);
    add_instant(object, "confirmation_sent_at", user.confirmation_sent_at);
    const Instant& by_email = user.email_confirmed_at;
    const Instant& by_phone = user.phone_confirmed_at;
    const Instant confirmed = by_email && by_phone ? std::min(by_email, by_phone)
                              : by_email           ? by_email
                                                   : by_phone;
    add_instant(object, "confirmed_at", confirmed);
    add_instant(object, "recovery_sent_at", user.recovery_sent_at);
    add_text(object, "new_email", user.new_email);
    add_instant(object, "email_change_sent_at", user.email_change_sent_at);
    add_text(object, "new_phone", user.new_phone);
    add_instant(object, "phone_change_sent_at", user.phone_change_sent_at);
    add_instant(object, "reauthentication_sent_at", user.reauthentication_sent_at);
    add_instant(object, "last_sign_in_at", user.last_sign_in_at);
}

}  // namespace

Result<json::object> user_json(data::OwnerSession& session, const User& user) {
    json::object object;
    object["id"] = user.id;
    object["aud"] = user.aud;
    object["role"] = user.role;
    add_addresses(object, user);
    object["app_metadata"] = user.app_metadata;
    object["user_metadata"] = user.user_metadata;
    auto identities = find_identities(session, user.id);
    if (!identities) return std::unexpected(identities.error());
    json::array listed;
    for (const UserIdentity& identity : *identities) listed.push_back(identity_json(identity));
    object["identities"] = std::move(listed);
    auto factors = factors_json(session, user.id);
    if (!factors) return std::unexpected(factors.error());
    if (!factors->empty()) object["factors"] = std::move(*factors);
    add_instant(object, "banned_until", user.banned_until);
    add_instant(object, "deleted_at", user.deleted_at);
    add_instant(object, "created_at", user.created_at);
    add_instant(object, "updated_at", user.updated_at);
    object["is_anonymous"] = user.is_anonymous;
    return object;
}

}  // namespace dunlin::auth
