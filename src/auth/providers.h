#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/issuer_documents.h"
#include "auth/oauth_requests.h"
#include "auth/provider_profile.h"
#include "auth/provider_settings.h"
#include "core/clock.h"
#include "core/result.h"

/// Sign-in with other providers: the authorization code flow of OAuth 2.0 with PKCE, and OpenID
/// Connect.
namespace dunlin::auth {

/// What signInWithIdToken brings: a token that the application got from the provider itself.
struct IdTokenSignIn {
    std::string id_token;
    std::string nonce{};         // of which the token holds the SHA-256 in hex
    std::string access_token{};  // compared with at_hash when given
};

/// One provider. Thread-safe; steps resume on the caller's executor.
class Provider {
public:
    /// `clock` is borrowed.
    Provider(ProviderSettings settings, FetchFunction fetch, const Clock& clock);

    const std::string& name() const { return settings_.options.name; }

    /// Step 1: where to send the browser. Fails as auth::authorize_url(), or with Unavailable when
    /// the provider's endpoints are not known and cannot be asked for.
    asio::awaitable<Result<std::string>> authorize_url(AuthorizeRequest request);

    /// Step 2: the code the browser came back with becomes tokens. Fails as parse_token_answer(),
    /// with Unavailable, or with InvalidInput when the code is said to be another issuer's.
    asio::awaitable<Result<ProviderTokens>> exchange(CodeExchange code);

    /// Step 3: whose tokens these are. `nonce` is the one of step 1. Fails with InvalidInput when
    /// the ID token is not good, with Unavailable when the provider cannot be asked.
    asio::awaitable<Result<ProviderProfile>> identify(ProviderTokens tokens, std::string nonce);

    /// signInWithIdToken. Nothing is asked of anybody before the token's issuer, audience, times
    /// and nonce have proved right. Fails as identify(); with InvalidInput for a provider without
    /// ID tokens.
    asio::awaitable<Result<ProviderProfile>> verify_id_token(IdTokenSignIn sign_in);

private:
    asio::awaitable<Result<IdToken>> prove(std::string text, IdTokenRules rules);
    asio::awaitable<Result<ProviderProfile>> identify_github(std::string access_token);
    asio::awaitable<Result<ProviderProfile>> add_userinfo(ProviderProfile profile,
                                                          std::string access_token);
    asio::awaitable<Result<std::string>> ask(std::string url, std::string access_token);
    Result<std::string> client_secret() const;
    bool is_other_issuer(std::string_view issuer) const;
    std::int64_t now_s() const;

    ProviderSettings settings_;
    FetchFunction fetch_;
    const Clock& clock_;
    IssuerDocuments documents_;
};

/// Every provider of the settings, by name. Built once; thread-safe.
class Providers {
public:
    /// Fails with InvalidInput when an option is wrong, a name is there twice, or Apple's key is
    /// none: all that can be known before anybody signs in.
    static Result<Providers> make(std::vector<ProviderOptions> options, FetchFunction fetch,
                                  const Clock& clock);

    /// Null when there is none.
    Provider* find(std::string_view name) const;
    /// In alphabetical order.
    std::vector<std::string> names() const;

private:
    std::map<std::string, std::unique_ptr<Provider>, std::less<>> providers_;
};

}  // namespace dunlin::auth
