#include "auth/oauth_requests.h"

#include <gtest/gtest.h>

#include "auth/provider_fixture.h"

namespace dunlin::auth {

namespace {

ProviderSettings settings_of(std::string name, std::string url = "") {
    return make_provider_settings({.name = std::move(name),
                                   .client_ids = {"clinic web", "clinic-ios"},
                                   .client_secret = "s/cret&=",
                                   .url = std::move(url)})
        .value();
}

AuthorizeRequest honest_request() {
    return {.state = "st&te",
            .redirect_uri = "https://clinic.example/auth/v1/callback",
            .code_challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            .nonce = "n1"};
}

}  // namespace

TEST(ProviderSettings, KnowsWhatTheOperatorNeedNotSay) {
    struct Case {
        const char* name;
        const char* url;
        const char* issuer;
        const char* authorization;
        const char* token;
        const char* jwks;
    };
    const Case cases[] = {
        {"google", "", "https://accounts.google.com",
         "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token",
         "https://www.googleapis.com/oauth2/v3/certs"},
        {"apple", "", "https://appleid.apple.com", "https://appleid.apple.com/auth/authorize",
         "https://appleid.apple.com/auth/token", "https://appleid.apple.com/auth/keys"},
        {"azure", "", "https://login.microsoftonline.com/{tenantid}/v2.0",
         "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
         "https://login.microsoftonline.com/common/oauth2/v2.0/token",
         "https://login.microsoftonline.com/common/discovery/v2.0/keys"},
        {"azure", "https://login.microsoftonline.com/consumers",
         "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
         "https://login.microsoftonline.com/consumers/oauth2/v2.0/authorize",
         "https://login.microsoftonline.com/consumers/oauth2/v2.0/token",
         "https://login.microsoftonline.com/consumers/discovery/v2.0/keys"},
        {"azure", "https://login.microsoftonline.com/clinic/v2.0/",
         "https://login.microsoftonline.com/clinic/v2.0",
         "https://login.microsoftonline.com/clinic/oauth2/v2.0/authorize",
         "https://login.microsoftonline.com/clinic/oauth2/v2.0/token",
         "https://login.microsoftonline.com/clinic/discovery/v2.0/keys"},
        {"github", "", "", "https://github.com/login/oauth/authorize",
         "https://github.com/login/oauth/access_token", ""},
        {"github", "https://git.clinic.example/", "",
         "https://git.clinic.example/login/oauth/authorize",
         "https://git.clinic.example/login/oauth/access_token", ""},
    };
    for (const Case& c : cases) {
        const ProviderSettings settings = settings_of(c.name, c.url);
        EXPECT_EQ(settings.issuers.empty() ? "" : settings.issuers.front(), c.issuer) << c.url;
        EXPECT_EQ(settings.endpoints->authorization, c.authorization) << c.url;
        EXPECT_EQ(settings.endpoints->token, c.token) << c.url;
        EXPECT_EQ(settings.endpoints->jwks, c.jwks) << c.url;
    }
    EXPECT_EQ(settings_of("github").endpoints->userinfo, "https://api.github.com");
    EXPECT_EQ(settings_of("github", "https://git.example").endpoints->userinfo,
              "https://git.example/api/v3");
    EXPECT_FALSE(settings_of("keycloak", "https://id.example").endpoints);
}

TEST(ProviderSettings, RefusesWhatCannotWork) {
    struct Case {
        const char* why;
        ProviderOptions options;
        const char* expected;
    };
    const Case cases[] = {
        {"no client id", {.name = "google"}, "the sign-in provider \"google\" has no client id"},
        {"empty client id",
         {.name = "google", .client_ids = {""}},
         "the sign-in provider \"google\" has no client id"},
        {"URL of google",
         {.name = "google", .client_ids = {"c"}, .url = "https://x.example"},
         "the sign-in provider \"google\" has a URL of its own; leave it out"},
        {"no issuer",
         {.name = "keycloak", .client_ids = {"c"}},
         "the sign-in provider \"keycloak\" needs the URL of its issuer"},
        {"in clear",
         {.name = "keycloak", .client_ids = {"c"}, .url = "http://id.example"},
         "the sign-in provider \"keycloak\" needs a URL that begins with https://"},
        {"name",
         {.name = "Key cloak", .client_ids = {"c"}, .url = "https://id.example"},
         "the sign-in provider \"Key cloak\" is not named by lower-case letters and digits"},
        {"Apple's key elsewhere",
         {.name = "google", .client_ids = {"c"}, .apple_key = AppleKey{}},
         "the sign-in provider \"google\" has a key that only apple uses"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(refusal_of(make_provider_settings(c.options)), c.expected) << c.why;
    }
}

TEST(ProviderSettings, RequestsGoInClearToLoopbackOnly) {
    struct Case {
        const char* url;
        bool expected;
    };
    const Case cases[] = {
        {"https://id.example/x", true},
        {"http://127.0.0.1:4000/x", true},
        {"http://localhost", true},
        {"http://[::1]:4000", true},
        {"http://localhost.evil.com", false},
        {"http://localhost@evil.com", false},
        {"http://127.0.0.1.evil.com", false},
        {"http://id.example", false},
        {"https://", false},
        {"ftp://id.example", false},
        {"https://id.example/\r\nX: y", false},
        {"", false},
    };
    for (const Case& c : cases) EXPECT_EQ(is_provider_url(c.url), c.expected) << c.url;
}

TEST(OauthRequests, TheBrowserIsSentAwayWithEverything) {
    const ProviderSettings google = settings_of("google");
    AuthorizeRequest request = honest_request();
    request.scopes = {"email", "https://www.googleapis.com/auth/calendar"};
    request.extra_query = {{"access_type", "offline"}, {"prompt", "consent"}};
    EXPECT_EQ(authorize_url(google, *google.endpoints, request).value(),
              "https://accounts.google.com/o/oauth2/v2/auth?client_id=clinic%20web"
              "&redirect_uri=https%3A%2F%2Fclinic.example%2Fauth%2Fv1%2Fcallback"
              "&response_type=code"
              "&scope=openid%20email%20profile%20https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcalendar"
              "&state=st%26te&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
              "&code_challenge_method=S256&nonce=n1&access_type=offline&prompt=consent");
    const auto apple = settings_of("apple");
    EXPECT_TRUE(authorize_url(apple, *apple.endpoints, honest_request())
                    ->ends_with("&nonce=n1&response_mode=form_post"));
    const auto github = settings_of("github");
    EXPECT_TRUE(authorize_url(github, *github.endpoints, honest_request())
                    ->ends_with("&code_challenge_method=S256"))
        << "no ID token, no nonce";
    ProviderEndpoints with_query{.authorization = "https://id.example/auth?flow=a", .token = ""};
    EXPECT_TRUE(authorize_url(google, with_query, honest_request())
                    ->starts_with("https://id.example/auth?flow=a&client_id="));
}

TEST(OauthRequests, TheApplicationCannotReplaceOurParameters) {
    const auto google = settings_of("google");
    for (const char* name : {"redirect_uri", "client_id", "state", "code_challenge", "nonce",
                             "response_type", "response_mode", "scope", "request"}) {
        AuthorizeRequest request = honest_request();
        request.extra_query = {{name, "x"}};
        EXPECT_EQ(refusal_of(authorize_url(google, *google.endpoints, request)),
                  std::string("the query parameter ") + name + " is the server's own");
    }
}

TEST(OauthRequests, TheCodeIsExchangedWithProofOfTheClient) {
    const auto google = settings_of("google");
    const CodeExchange exchange{.code = "4/P7q+", .code_verifier = "dBjf", .redirect_uri = "r"};
    const auto post = token_request(google, *google.endpoints, exchange, "s/cret&=");
    EXPECT_EQ(post.method, "POST");
    EXPECT_EQ(post.url, "https://oauth2.googleapis.com/token");
    EXPECT_EQ(post.body,
              "grant_type=authorization_code&code=4%2FP7q%2B&redirect_uri=r&code_verifier=dBjf"
              "&client_id=clinic%20web&client_secret=s%2Fcret%26%3D");
    ProviderEndpoints basic = *google.endpoints;
    basic.client_authentication = ClientAuthentication::Basic;
    const auto header = token_request(google, basic, exchange, "s/cret&=");
    EXPECT_EQ(header.headers.back().first, "Authorization");
    // "clinic%20web:s%2Fcret%26%3D", encoded first: RFC 6749 section 2.3.1.
    EXPECT_EQ(header.headers.back().second, "Basic Y2xpbmljJTIwd2ViOnMlMkZjcmV0JTI2JTNE");
    EXPECT_EQ(header.body.find("secret"), std::string::npos);
}

TEST(OauthRequests, AnswersAreReadWithCare) {
    struct Case {
        const char* why;
        int status;
        const char* body;
        const char* expected;
    };
    const Case cases[] = {
        {"good", 200, R"({"access_token":"a","id_token":"i","expires_in":3600})", ""},
        {"no such code", 400, R"({"error":"invalid_grant","error_description":"Bad\nRequest"})",
         "Unable to exchange external code (invalid_grant: Bad Request)"},
        {"GitHub's refusal with 200", 200, R"({"error":"bad_verification_code"})",
         "Unable to exchange external code (bad_verification_code)"},
        {"a page", 502, "<html>",
         "Unable to exchange external code (the provider answered 502 without JSON)"},
        {"no token", 200, "{}",
         "Unable to exchange external code (the provider answered 200 without an access token)"},
        {"token with an error's status", 500, R"({"access_token":"a"})",
         "Unable to exchange external code (the provider answered 500 without an access token)"},
        {"token is no text", 200, R"({"access_token":1})",
         "Unable to exchange external code (the provider answered 200 without an access token)"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(refusal_of(parse_token_answer({.status = c.status, .body = c.body})), c.expected)
            << c.why;
    }
    const auto tokens = parse_token_answer(
        {.status = 200,
         .body = R"({"access_token":"a","refresh_token":"r","id_token":"i","expires_in":3599})"});
    EXPECT_EQ(tokens->access_token, "a");
    EXPECT_EQ(tokens->id_token, "i");
    EXPECT_EQ(tokens->refresh_token, "r");
    EXPECT_EQ(tokens->expires_in_s, 3599);
}

}  // namespace dunlin::auth
