#include <fmt/format.h>

#include "auth/user.h"

namespace dunlin::auth {

namespace {

constexpr std::string_view columns =
    "id, user_id, provider_id, provider, identity_data, email, last_sign_in_at, created_at, "
    "updated_at";

UserIdentity identity_of(const Row& row) {
    UserIdentity identity{.id = row[0].text(),
                          .user_id = row[1].text(),
                          .provider_id = row[2].text(),
                          .provider = row[3].text(),
                          .email = text_of(row[5]),
                          .last_sign_in_at = instant_of(row[6]),
                          .created_at = instant_of(row[7]),
                          .updated_at = instant_of(row[8])};
    identity.data = object_of(row[4]);
    return identity;
}

}  // namespace

Result<std::vector<UserIdentity>> find_identities(data::OwnerSession& session,
                                                  std::string_view user_id) {
    auto rows = session.run(fmt::format("select {} from \"auth.identities\" where user_id = ?1 "
                                        "order by created_at, id",
                                        columns),
                            {Value(user_id)});
    if (!rows) return std::unexpected(rows.error());
    std::vector<UserIdentity> identities;
    for (const Row& row : *rows) identities.push_back(identity_of(row));
    return identities;
}

Result<std::optional<UserIdentity>> find_identity(data::OwnerSession& session,
                                                  std::string_view provider,
                                                  std::string_view provider_id) {
    auto rows = session.run(fmt::format("select {} from \"auth.identities\" where provider = ?1 "
                                        "and provider_id = ?2",
                                        columns),
                            {Value(provider), Value(provider_id)});
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return std::nullopt;
    return identity_of(rows->front());
}

Result<void> insert_identity(data::OwnerSession& session, const UserIdentity& identity) {
    return session.insert("auth.identities",
                          {{"id", Value(identity.id)},
                           {"user_id", Value(identity.user_id)},
                           {"provider_id", Value(identity.provider_id)},
                           {"provider", Value(identity.provider)},
                           {"identity_data", object_value(identity.data)},
                           {"email", text_value(identity.email)},
                           {"last_sign_in_at", instant_value(identity.last_sign_in_at)},
                           {"created_at", instant_value(identity.created_at)},
                           {"updated_at", instant_value(identity.updated_at)}});
}

}  // namespace dunlin::auth
