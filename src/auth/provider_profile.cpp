#include "auth/provider_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "auth/json_members.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

/// Standard claims (OpenID Connect Core section 5.1) that are kept as they are.
constexpr const char* kept_claims[] = {
    "iss",      "sub",     "given_name", "family_name", "middle_name",
    "nickname", "profile", "website",    "gender",      "birthdate",
    "zoneinfo", "locale",  "updated_at", "phone",       "preferred_username"};

/// Claims of one provider that applications have learnt to look for.
constexpr const char* custom_claims[] = {"hd", "is_private_email", "auth_time", "tid", "oid"};

void put(json::object& into, std::string_view name, const std::string& text) {
    if (!text.empty()) into[name] = text;
}

bool microsoft_vouches(const ProviderSettings& settings, const json::object& claims) {
    if (const auto owner = truth_member(claims, "xms_edov")) return *owner;
    const bool one_tenant = !settings.issuers.front().contains("{tenantid}");
    return one_tenant || text_member(claims, "tid") == personal_microsoft_tenant;
}

bool is_email_verified(const ProviderSettings& settings, const json::object& claims) {
    switch (settings.kind) {
        case ProviderKind::Apple:
            // Apple verifies every address, and leaves the claim out of some tokens.
            return truth_member(claims, "email_verified").value_or(true);
        case ProviderKind::Microsoft:
            return microsoft_vouches(settings, claims);
        default:
            return truth_member(claims, "email_verified").value_or(false);
    }
}

std::string full_name(const json::object& claims) {
    std::string name = text_member(claims, "name");
    if (!name.empty()) return name;
    const std::string given = text_member(claims, "given_name");
    const std::string family = text_member(claims, "family_name");
    return given + (given.empty() || family.empty() ? "" : " ") + family;
}

/// The members that every provider's identity_data has.
void complete(ProviderProfile& profile) {
    json::object& claims = profile.claims;
    claims["sub"] = profile.subject;
    claims["provider_id"] = profile.subject;
    put(claims, "email", profile.email);
    claims["email_verified"] = profile.email_verified;
    claims["phone_verified"] = false;
    put(claims, "name", profile.name);
    put(claims, "full_name", profile.name);
    put(claims, "picture", profile.avatar_url);
    put(claims, "avatar_url", profile.avatar_url);
}

std::optional<json::array> parse_array(std::string_view text) {
    boost::system::error_code failure;
    auto value = json::parse(text, failure);
    if (failure || !value.is_array()) return std::nullopt;
    return std::move(value.as_array());
}

std::string verified_primary(const json::array& emails) {
    for (const json::value& entry : emails) {
        if (!entry.is_object()) continue;
        const auto& email = entry.as_object();
        if (truth_member(email, "primary") == true && truth_member(email, "verified") == true) {
            return text_member(email, "email");
        }
    }
    return "";
}

}  // namespace

ProviderProfile profile_from_claims(const ProviderSettings& settings, const json::object& claims) {
    ProviderProfile profile{.subject = text_member(claims, "sub"),
                            .email = text_member(claims, "email"),
                            .name = full_name(claims),
                            .avatar_url = text_member(claims, "picture")};
    profile.email_verified = !profile.email.empty() && is_email_verified(settings, claims);
    for (const char* name : kept_claims) {
        if (const auto* claim = claims.if_contains(name)) profile.claims[name] = *claim;
    }
    json::object custom;
    for (const char* name : custom_claims) {
        if (const auto* claim = claims.if_contains(name)) custom[name] = *claim;
    }
    if (!custom.empty()) profile.claims["custom_claims"] = std::move(custom);
    complete(profile);
    return profile;
}

Result<ProviderProfile> profile_from_github(std::string_view issuer, std::string_view user,
                                            std::string_view emails) {
    const auto account = parse_json_object(user);
    const auto addresses = parse_array(emails);
    const auto* id = account ? account->if_contains("id") : nullptr;
    if (id == nullptr || !id->is_int64() || !addresses) {
        return std::unexpected(
            Error{ErrorCode::Unavailable, "GitHub's answer is not the one of its documentation"});
    }
    ProviderProfile profile{.subject = std::to_string(id->as_int64()),
                            .email = verified_primary(*addresses),
                            .name = text_member(*account, "name"),
                            .avatar_url = text_member(*account, "avatar_url")};
    profile.email_verified = !profile.email.empty();
    profile.claims["iss"] = issuer;
    const std::string login = text_member(*account, "login");
    put(profile.claims, "preferred_username", login);
    put(profile.claims, "user_name", login);
    complete(profile);
    return profile;
}

void add_apple_name(ProviderProfile& profile, std::string_view user) {
    const auto posted = parse_json_object(user);
    const auto* name = posted ? posted->if_contains("name") : nullptr;
    if (name == nullptr || !name->is_object()) return;
    json::object claims;
    claims["given_name"] = text_member(name->as_object(), "firstName");
    claims["family_name"] = text_member(name->as_object(), "lastName");
    profile.name = full_name(claims);
    complete(profile);
}

}  // namespace dunlin::auth
