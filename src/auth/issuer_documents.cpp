#include "auth/issuer_documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "auth/json_members.h"
#include "core/limits.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::int64_t in_us(std::chrono::microseconds duration) {
    return duration.count();
}

Error unavailable(std::string message) {
    return Error{ErrorCode::Unavailable, std::move(message)};
}

bool lists(const json::object& document, std::string_view member, std::string_view text) {
    const auto* listed = document.if_contains(member);
    if (listed == nullptr || !listed->is_array()) return false;
    return std::ranges::any_of(listed->as_array(), [&](const json::value& entry) {
        return entry.is_string() && std::string_view(entry.as_string()) == text;
    });
}

}  // namespace

Result<ProviderEndpoints> parse_discovery(std::string_view issuer, std::string_view document) {
    const auto found = parse_json_object(document);
    if (!found) {
        return std::unexpected(unavailable(fmt::format("{} has no discovery document", issuer)));
    }
    if (text_member(*found, "issuer") != issuer) {
        return std::unexpected(
            unavailable(fmt::format("the discovery document of {} names another issuer", issuer)));
    }
    ProviderEndpoints endpoints{.authorization = text_member(*found, "authorization_endpoint"),
                                .token = text_member(*found, "token_endpoint"),
                                .userinfo = text_member(*found, "userinfo_endpoint"),
                                .jwks = text_member(*found, "jwks_uri")};
    const bool usable = is_provider_url(endpoints.authorization) &&
                        is_provider_url(endpoints.token) && is_provider_url(endpoints.jwks) &&
                        (endpoints.userinfo.empty() || is_provider_url(endpoints.userinfo));
    if (!usable) {
        return std::unexpected(unavailable(
            fmt::format("the discovery document of {} lacks an https endpoint", issuer)));
    }
    // Basic is what is meant when nothing is said (section 3), and what clients are registered with
    // by default where both are offered.
    const char* methods = "token_endpoint_auth_methods_supported";
    const bool only_post = lists(*found, methods, "client_secret_post") &&
                           !lists(*found, methods, "client_secret_basic");
    endpoints.client_authentication =
        only_post ? ClientAuthentication::Post : ClientAuthentication::Basic;
    return endpoints;
}

IssuerDocuments::IssuerDocuments(const ProviderSettings& settings, FetchFunction fetch,
                                 const Clock& clock)
    : issuer_(settings.issuers.empty() ? "" : settings.issuers.front()),
      fetch_(std::move(fetch)),
      clock_(clock) {
    if (!settings.endpoints) return;
    endpoints_ = std::make_shared<const ProviderEndpoints>(*settings.endpoints);
    endpoints_until_us_ = std::numeric_limits<std::int64_t>::max();
}

IssuerDocuments::Place::Place(IssuerDocuments& documents) : documents_(documents) {
    const std::lock_guard lock(documents_.mutex_);
    taken_ = documents_.fetches_ < limits::provider_fetches_max;
    if (taken_) ++documents_.fetches_;
}

IssuerDocuments::Place::~Place() {
    if (!taken_) return;
    const std::lock_guard lock(documents_.mutex_);
    --documents_.fetches_;
}

asio::awaitable<Result<std::string>> IssuerDocuments::fetch_document(std::string url) {
    const Place place(*this);
    if (!place.taken()) {
        co_return std::unexpected(unavailable(fmt::format("{} is being asked already", issuer_)));
    }
    const auto response =
        co_await fetch_({.url = url, .headers = {{"Accept", "application/json"}}});
    if (!response) co_return std::unexpected(response.error());
    if (response->status != 200) {
        co_return std::unexpected(
            unavailable(fmt::format("{} answered {}", url, response->status)));
    }
    co_return response->body;
}

asio::awaitable<Result<ProviderEndpoints>> IssuerDocuments::endpoints() {
    {
        const std::lock_guard lock(mutex_);
        if (endpoints_ && clock_.now_us() < endpoints_until_us_) co_return *endpoints_;
    }
    std::string base = issuer_;
    if (base.ends_with('/')) base.pop_back();  // section 4.1
    const auto document = co_await fetch_document(base + "/.well-known/openid-configuration");
    if (!document) co_return std::unexpected(document.error());
    auto found = parse_discovery(issuer_, *document);
    if (!found) co_return found;
    const std::lock_guard lock(mutex_);
    endpoints_ = std::make_shared<const ProviderEndpoints>(*found);
    endpoints_until_us_ = clock_.now_us() + in_us(limits::provider_keys_lifetime);
    co_return found;
}

asio::awaitable<Result<IssuerDocuments::Keys>> IssuerDocuments::fetch_keys() {
    const auto where = co_await endpoints();
    if (!where) co_return std::unexpected(where.error());
    const auto document = co_await fetch_document(where->jwks);
    if (!document) co_return std::unexpected(document.error());
    auto keys = parse_jwk_set(*document);
    if (!keys) co_return std::unexpected(keys.error());
    const std::lock_guard lock(mutex_);
    keys_ = std::make_shared<const std::vector<PublicKey>>(std::move(*keys));
    keys_fetched_at_us_ = clock_.now_us();
    co_return keys_;
}

IssuerDocuments::Keys IssuerDocuments::known_keys(const IdToken& token) const {
    const std::lock_guard lock(mutex_);
    if (!keys_) return nullptr;
    const std::int64_t age_us = clock_.now_us() - keys_fetched_at_us_;
    if (age_us >= in_us(limits::provider_keys_lifetime)) return nullptr;
    const bool may_ask_again = age_us >= in_us(limits::provider_keys_refetch_interval);
    return find_key(token, *keys_) == nullptr && may_ask_again ? nullptr : keys_;
}

asio::awaitable<Result<PublicKey>> IssuerDocuments::key_for(IdToken token) {
    Keys keys = known_keys(token);
    if (!keys) {
        auto fetched = co_await fetch_keys();
        if (!fetched) co_return std::unexpected(fetched.error());
        keys = std::move(*fetched);
    }
    const PublicKey* key = find_key(token, *keys);
    if (key == nullptr) co_return std::unexpected(bad_id_token("the provider has no such key"));
    co_return *key;
}

}  // namespace dunlin::auth
