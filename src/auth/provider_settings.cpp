#include "auth/provider_settings.h"

#include <fmt/format.h>

#include <algorithm>

namespace dunlin::auth {

namespace {

Error invalid(const ProviderOptions& options, std::string_view what) {
    return Error{ErrorCode::InvalidInput,
                 fmt::format("the sign-in provider \"{}\" {}", options.name, what)};
}

bool is_provider_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == ':';
    });
}

ProviderKind kind_of(std::string_view name) {
    if (name == "google") return ProviderKind::Google;
    if (name == "apple") return ProviderKind::Apple;
    if (name == "azure") return ProviderKind::Microsoft;
    if (name == "github") return ProviderKind::GitHub;
    return ProviderKind::OpenId;
}

ProviderSettings google(ProviderOptions options) {
    return {.options = std::move(options),
            .kind = ProviderKind::Google,
            // Google's own libraries accept the short form as well: old tokens have it.
            .issuers = {"https://accounts.google.com", "accounts.google.com"},
            .endpoints =
                ProviderEndpoints{.authorization = "https://accounts.google.com/o/oauth2/v2/auth",
                                  .token = "https://oauth2.googleapis.com/token",
                                  .jwks = "https://www.googleapis.com/oauth2/v3/certs"},
            .scopes = {"openid", "email", "profile"}};
}

ProviderSettings apple(ProviderOptions options) {
    return {
        .options = std::move(options),
        .kind = ProviderKind::Apple,
        .issuers = {"https://appleid.apple.com"},
        .endpoints = ProviderEndpoints{.authorization = "https://appleid.apple.com/auth/authorize",
                                       .token = "https://appleid.apple.com/auth/token",
                                       .jwks = "https://appleid.apple.com/auth/keys"},
        .scopes = {"email", "name"}};
}

/// What the tokens of a tenant's endpoint call their tenant: those of shared endpoints the user's.
std::string tenant_in_issuer(std::string_view tenant) {
    if (tenant == "common" || tenant == "organizations") return "{tenantid}";
    if (tenant == "consumers") return std::string(personal_microsoft_tenant);
    return std::string(tenant);
}

ProviderSettings microsoft(ProviderOptions options) {
    constexpr std::string_view host = "https://login.microsoftonline.com/";
    std::string base = options.url.empty() ? std::string(host) + "common" : options.url;
    while (base.ends_with('/')) base.pop_back();
    if (base.ends_with("/v2.0")) base.resize(base.size() - 5);
    const auto tenant_at = base.rfind('/') + 1;
    const std::string issuer =
        base.substr(0, tenant_at) + tenant_in_issuer(base.substr(tenant_at)) + "/v2.0";
    return {.options = std::move(options),
            .kind = ProviderKind::Microsoft,
            .issuers = {issuer},
            .endpoints = ProviderEndpoints{.authorization = base + "/oauth2/v2.0/authorize",
                                           .token = base + "/oauth2/v2.0/token",
                                           .jwks = base + "/discovery/v2.0/keys"},
            .scopes = {"openid", "email", "profile"}};
}

ProviderSettings github(ProviderOptions options) {
    std::string base = options.url.empty() ? "https://github.com" : options.url;
    while (base.ends_with('/')) base.pop_back();
    const std::string api = options.url.empty() ? "https://api.github.com" : base + "/api/v3";
    return {.options = std::move(options),
            .kind = ProviderKind::GitHub,
            .issuers = {},
            .endpoints = ProviderEndpoints{.authorization = base + "/login/oauth/authorize",
                                           .token = base + "/login/oauth/access_token",
                                           .userinfo = api},
            .scopes = {"user:email"}};
}

ProviderSettings open_id(ProviderOptions options) {
    std::string issuer = options.url;
    return {.options = std::move(options),
            .kind = ProviderKind::OpenId,
            .issuers = {std::move(issuer)},
            .endpoints = std::nullopt,
            .scopes = {"openid", "email", "profile"}};
}

ProviderSettings complete(ProviderOptions options) {
    switch (kind_of(options.name)) {
        case ProviderKind::Google:
            return google(std::move(options));
        case ProviderKind::Apple:
            return apple(std::move(options));
        case ProviderKind::Microsoft:
            return microsoft(std::move(options));
        case ProviderKind::GitHub:
            return github(std::move(options));
        case ProviderKind::OpenId:
            return open_id(std::move(options));
    }
    return open_id(std::move(options));
}

Result<void> check(const ProviderOptions& options) {
    if (!is_provider_name(options.name)) {
        return std::unexpected(invalid(options, "is not named by lower-case letters and digits"));
    }
    if (options.client_ids.empty() ||
        std::ranges::any_of(options.client_ids, &std::string::empty)) {
        return std::unexpected(invalid(options, "has no client id"));
    }
    const ProviderKind kind = kind_of(options.name);
    const bool has_own_url = kind == ProviderKind::Google || kind == ProviderKind::Apple;
    if (has_own_url && !options.url.empty()) {
        return std::unexpected(invalid(options, "has a URL of its own; leave it out"));
    }
    if (kind == ProviderKind::OpenId && options.url.empty()) {
        return std::unexpected(invalid(options, "needs the URL of its issuer"));
    }
    if (!options.url.empty() && !is_provider_url(options.url)) {
        return std::unexpected(invalid(options, "needs a URL that begins with https://"));
    }
    if (options.apple_key && kind != ProviderKind::Apple) {
        return std::unexpected(invalid(options, "has a key that only apple uses"));
    }
    return {};
}

}  // namespace

bool is_provider_url(std::string_view url) {
    if (std::ranges::any_of(url, [](unsigned char c) { return c <= 0x20 || c >= 0x7f; })) {
        return false;
    }
    if (url.starts_with("https://")) return url.size() > 8;
    if (!url.starts_with("http://")) return false;
    const auto authority = url.substr(7, url.find_first_of("/?#", 7) - 7);
    const auto host = authority.starts_with('[') ? authority.substr(0, authority.find(']') + 1)
                                                 : authority.substr(0, authority.find(':'));
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

Result<ProviderSettings> make_provider_settings(ProviderOptions options) {
    const auto valid = check(options);
    if (!valid) return std::unexpected(valid.error());
    ProviderSettings settings = complete(std::move(options));
    for (const std::string& scope : settings.options.scopes) {
        if (std::ranges::find(settings.scopes, scope) == settings.scopes.end()) {
            settings.scopes.push_back(scope);
        }
    }
    return settings;
}

}  // namespace dunlin::auth
