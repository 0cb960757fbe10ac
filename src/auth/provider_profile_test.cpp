#include "auth/provider_profile.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "auth/provider_fixture.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

ProviderSettings settings_of(std::string name, std::string url = "") {
    return make_provider_settings(
               {.name = std::move(name), .client_ids = {"clinic"}, .url = std::move(url)})
        .value();
}

std::string shown(const ProviderProfile& profile) {
    return fmt::format("{} {} {} {} {}", profile.subject, profile.email,
                       profile.email_verified ? "verified" : "unverified", profile.name,
                       profile.avatar_url);
}

ProviderProfile from_claims(const ProviderSettings& settings, std::string_view claims) {
    return profile_from_claims(settings, json::parse(claims).as_object());
}

constexpr const char* octocat =
    R"({"id":583231,"login":"octocat","name":"Octo Cat","email":"public@example.com",
        "avatar_url":"https://avatars.example/583231"})";

}  // namespace

TEST(ProviderProfile, EveryProviderHasItsOwnWords) {
    const auto common = settings_of("azure");
    const auto one_tenant = settings_of("azure", "https://login.microsoftonline.com/clinic");
    const auto keycloak = settings_of("keycloak", "https://id.example");
    struct Case {
        const char* why;
        const ProviderSettings settings;
        const char* claims;
        const char* expected;
    };
    const Case cases[] = {
        {"google", settings_of("google"),
         R"({"sub":"1","email":"a@b.c","email_verified":true,"name":"Ann","picture":"p"})",
         "1 a@b.c verified Ann p"},
        {"google, not verified", settings_of("google"),
         R"({"sub":"1","email":"a@b.c","email_verified":false})", "1 a@b.c unverified  "},
        {"apple leaves the claim out", settings_of("apple"), R"({"sub":"1","email":"a@b.c"})",
         "1 a@b.c verified  "},
        {"apple writes it as text", settings_of("apple"),
         R"({"sub":"1","email":"a@b.c","email_verified":"false"})", "1 a@b.c unverified  "},
        {"apple without an address", settings_of("apple"), R"({"sub":"1"})", "1  unverified  "},
        {"any tenant can write any address", common,
         R"({"sub":"1","email":"a@b.c","tid":"72f988bf-86f1-41af-91ab-2d7cd011db47"})",
         "1 a@b.c unverified  "},
        {"but not one whose domain it owns", common,
         R"({"sub":"1","email":"a@b.c","xms_edov":"1"})", "1 a@b.c verified  "},
        {"the claim as a truth value", common, R"({"sub":"1","email":"a@b.c","xms_edov":true})",
         "1 a@b.c verified  "},
        {"nor personal accounts", common,
         R"({"sub":"1","email":"a@b.c","tid":"9188040d-6c67-4c5b-b112-36a304b66dad"})",
         "1 a@b.c verified  "},
        {"our own tenant", one_tenant, R"({"sub":"1","email":"a@b.c"})", "1 a@b.c verified  "},
        {"our own tenant denies it", one_tenant, R"({"sub":"1","email":"a@b.c","xms_edov":false})",
         "1 a@b.c unverified  "},
        {"OpenID", keycloak,
         R"({"sub":"1","email":"a@b.c","email_verified":true,"given_name":"Ann","family_name":"B"})",
         "1 a@b.c verified Ann B "},
        {"OpenID without the claim", keycloak, R"({"sub":"1","email":"a@b.c"})",
         "1 a@b.c unverified  "},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(shown(from_claims(c.settings, c.claims)), c.expected) << c.why;
    }
}

TEST(ProviderProfile, KeepsTheClaimsThatApplicationsKnow) {
    const auto profile = from_claims(
        settings_of("google"),
        R"({"iss":"https://accounts.google.com","sub":"1","aud":"clinic","exp":1,"iat":1,"nonce":"n",
            "email":"a@b.c","email_verified":true,"name":"Ann","picture":"p","hd":"b.c"})");
    const json::value expected = {{"iss", "https://accounts.google.com"},
                                  {"sub", "1"},
                                  {"email", "a@b.c"},
                                  {"email_verified", true},
                                  {"phone_verified", false},
                                  {"name", "Ann"},
                                  {"full_name", "Ann"},
                                  {"picture", "p"},
                                  {"avatar_url", "p"},
                                  {"provider_id", "1"},
                                  {"custom_claims", {{"hd", "b.c"}}}};
    EXPECT_EQ(json::value(profile.claims), expected) << json::serialize(profile.claims);
}

TEST(ProviderProfile, GitHubsAddressIsThePrimaryOneIfVerified) {
    struct Case {
        const char* why;
        const char* emails;
        const char* expected;
    };
    const Case cases[] = {
        {"primary and verified",
         R"([{"email":"x@y.z","primary":false,"verified":true},
             {"email":"a@b.c","primary":true,"verified":true}])",
         "583231 a@b.c verified Octo Cat https://avatars.example/583231"},
        {"primary, not verified", R"([{"email":"a@b.c","primary":true,"verified":false}])",
         "583231  unverified Octo Cat https://avatars.example/583231"},
        {"verified, not primary", R"([{"email":"a@b.c","primary":false,"verified":true}])",
         "583231  unverified Octo Cat https://avatars.example/583231"},
        {"none: never the public one", "[]",
         "583231  unverified Octo Cat https://avatars.example/583231"},
        {"nonsense in the list", R"([1,null,{"email":7,"primary":true,"verified":true}])",
         "583231  unverified Octo Cat https://avatars.example/583231"},
    };
    for (const Case& c : cases) {
        const auto profile = profile_from_github("https://api.github.com", octocat, c.emails);
        EXPECT_EQ(shown(profile.value()), c.expected) << c.why;
    }
    const auto profile = profile_from_github("https://api.github.com", octocat, "[]").value();
    EXPECT_EQ(profile.claims.at("user_name"), "octocat");
    EXPECT_EQ(profile.claims.at("iss"), "https://api.github.com");
    for (const char* user : {"", "[]", "{}", R"({"id":"x"})", R"({"message":"Bad credentials"})"}) {
        EXPECT_EQ(refusal_of(profile_from_github("x", user, "[]")),
                  "GitHub's answer is not the one of its documentation")
            << user;
    }
    EXPECT_FALSE(profile_from_github("x", octocat, R"({"message":"no scope"})"));
}

TEST(ProviderProfile, ApplesNameComesBesideTheCode) {
    auto profile = from_claims(settings_of("apple"), R"({"sub":"1","email":"a@b.c"})");
    add_apple_name(profile, R"({"name":{"firstName":"Ann","lastName":"B"},"email":"eve@e.e"})");
    EXPECT_EQ(shown(profile), "1 a@b.c verified Ann B ");
    EXPECT_EQ(profile.claims.at("full_name"), "Ann B");
    for (const char* nonsense : {"", "x", "{}", R"({"name":"Eve"})", "[]"}) {
        add_apple_name(profile, nonsense);
        EXPECT_EQ(profile.name, "Ann B") << nonsense;
    }
}

}  // namespace dunlin::auth
