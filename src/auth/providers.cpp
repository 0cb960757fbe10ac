#include "auth/providers.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/apple_secret.h"
#include "auth/error.h"
#include "auth/json_members.h"

namespace dunlin::auth {

namespace {

constexpr std::int64_t us_per_second = 1'000'000;

Error unavailable(std::string message) {
    return Error{ErrorCode::Unavailable, std::move(message)};
}

}  // namespace

Provider::Provider(ProviderSettings settings, FetchFunction fetch, const Clock& clock)
    : settings_(std::move(settings)),
      fetch_(fetch),
      clock_(clock),
      documents_(settings_, std::move(fetch), clock) {}

std::int64_t Provider::now_s() const {
    return clock_.now_us() / us_per_second;
}

asio::awaitable<Result<std::string>> Provider::authorize_url(AuthorizeRequest request) {
    const auto endpoints = co_await documents_.endpoints();
    if (!endpoints) co_return std::unexpected(endpoints.error());
    co_return auth::authorize_url(settings_, *endpoints, request);
}

Result<std::string> Provider::client_secret() const {
    const auto& options = settings_.options;
    if (!options.apple_key) return options.client_secret;
    return apple_client_secret(*options.apple_key, settings_.client_id(), now_s());
}

/// RFC 9207 section 2.4: a code that somebody else's server has made is not shown to this one. A
/// shared issuer has no name to compare.
bool Provider::is_other_issuer(std::string_view issuer) const {
    if (issuer.empty() || settings_.issuers.empty()) return false;
    if (settings_.issuers.front().contains("{tenantid}")) return false;
    return std::ranges::find(settings_.issuers, issuer) == settings_.issuers.end();
}

asio::awaitable<Result<ProviderTokens>> Provider::exchange(CodeExchange code) {
    if (is_other_issuer(code.issuer)) {
        co_return std::unexpected(refused(ErrorCode::InvalidInput, "bad_oauth_callback",
                                          fmt::format("this code is not from {}", name())));
    }
    const auto endpoints = co_await documents_.endpoints();
    if (!endpoints) co_return std::unexpected(endpoints.error());
    const auto secret = client_secret();
    if (!secret) co_return std::unexpected(secret.error());
    const auto response = co_await fetch_(token_request(settings_, *endpoints, code, *secret));
    if (!response) co_return std::unexpected(response.error());
    co_return parse_token_answer(*response);
}

asio::awaitable<Result<IdToken>> Provider::prove(std::string text, IdTokenRules rules) {
    auto token = parse_id_token(text);
    if (!token) co_return token;
    // First what costs nothing: a stranger's token must not make us ask anybody.
    const auto claims = check_claims(*token, rules);
    if (!claims) co_return std::unexpected(claims.error());
    const auto key = co_await documents_.key_for(*token);
    if (!key) co_return std::unexpected(key.error());
    const auto signature = check_signature(*token, *key);
    if (!signature) co_return std::unexpected(signature.error());
    co_return token;
}

asio::awaitable<Result<ProviderProfile>> Provider::identify(ProviderTokens tokens,
                                                            std::string nonce) {
    if (settings_.kind == ProviderKind::GitHub) {
        co_return co_await identify_github(std::move(tokens.access_token));
    }
    if (tokens.id_token.empty()) {
        co_return std::unexpected(unavailable(fmt::format("{} sent no ID token", name())));
    }
    // Only the client that asked is the audience of an answer to the question.
    auto token = co_await prove(tokens.id_token, {.issuers = settings_.issuers,
                                                  .audiences = {settings_.client_id()},
                                                  .nonce_rule = NonceRule::Exact,
                                                  .nonce = std::move(nonce),
                                                  .access_token = tokens.access_token,
                                                  .now_s = now_s()});
    if (!token) co_return std::unexpected(token.error());
    ProviderProfile profile = profile_from_claims(settings_, token->claims);
    if (!profile.email.empty() || settings_.kind != ProviderKind::OpenId) co_return profile;
    co_return co_await add_userinfo(std::move(profile), std::move(tokens.access_token));
}

asio::awaitable<Result<ProviderProfile>> Provider::verify_id_token(IdTokenSignIn sign_in) {
    if (settings_.issuers.empty()) {
        co_return std::unexpected(validation_failed(fmt::format("{} has no ID tokens", name())));
    }
    const auto& options = settings_.options;
    const auto token = co_await prove(
        sign_in.id_token,
        {.issuers = settings_.issuers,
         .audiences = options.client_ids,
         .nonce_rule = options.skip_nonce_check ? NonceRule::Ignored : NonceRule::Sha256Hex,
         .nonce = sign_in.nonce,
         .access_token = sign_in.access_token,
         .now_s = now_s()});
    if (!token) co_return std::unexpected(token.error());
    co_return profile_from_claims(settings_, token->claims);
}

asio::awaitable<Result<std::string>> Provider::ask(std::string url, std::string access_token) {
    const auto response = co_await fetch_(
        {.url = std::move(url),
         .headers = {{"Accept", "application/json"}, {"Authorization", "Bearer " + access_token}}});
    if (!response) co_return std::unexpected(response.error());
    if (response->status != 200) {
        co_return std::unexpected(
            unavailable(fmt::format("{} answered {}", name(), response->status)));
    }
    co_return response->body;
}

asio::awaitable<Result<ProviderProfile>> Provider::identify_github(std::string access_token) {
    const std::string api = settings_.endpoints->userinfo;
    const auto user = co_await ask(api + "/user", access_token);
    if (!user) co_return std::unexpected(user.error());
    const auto emails = co_await ask(api + "/user/emails", access_token);
    if (!emails) co_return std::unexpected(emails.error());
    co_return profile_from_github(api, *user, *emails);
}

asio::awaitable<Result<ProviderProfile>> Provider::add_userinfo(ProviderProfile profile,
                                                                std::string access_token) {
    const auto endpoints = co_await documents_.endpoints();
    if (!endpoints) co_return std::unexpected(endpoints.error());
    if (endpoints->userinfo.empty()) co_return profile;
    const auto answer = co_await ask(endpoints->userinfo, std::move(access_token));
    if (!answer) co_return std::unexpected(answer.error());
    auto claims = parse_json_object(*answer);
    // An answer about somebody else must not be used (OpenID Connect Core section 5.3.2).
    if (!claims || text_member(*claims, "sub") != profile.subject) {
        co_return std::unexpected(
            unavailable(fmt::format("{} answered about somebody else", name())));
    }
    (*claims)["iss"] = settings_.issuers.front();
    co_return profile_from_claims(settings_, *claims);
}

Result<Providers> Providers::make(std::vector<ProviderOptions> options, FetchFunction fetch,
                                  const Clock& clock) {
    Providers made;
    for (ProviderOptions& given : options) {
        auto settings = make_provider_settings(std::move(given));
        if (!settings) return std::unexpected(settings.error());
        if (const auto& key = settings->options.apple_key) {
            const auto secret = apple_client_secret(*key, settings->client_id(), 0);
            if (!secret) return std::unexpected(secret.error());
        }
        const std::string name = settings->options.name;
        auto provider = std::make_unique<Provider>(std::move(*settings), fetch, clock);
        if (!made.providers_.emplace(name, std::move(provider)).second) {
            return std::unexpected(
                Error{ErrorCode::InvalidInput,
                      fmt::format("the sign-in provider \"{}\" is there twice", name)});
        }
    }
    return made;
}

Provider* Providers::find(std::string_view name) const {
    const auto found = providers_.find(name);
    return found == providers_.end() ? nullptr : found->second.get();
}

std::vector<std::string> Providers::names() const {
    std::vector<std::string> names;
    for (const auto& [name, provider] : providers_) names.push_back(name);
    return names;
}

}  // namespace dunlin::auth
