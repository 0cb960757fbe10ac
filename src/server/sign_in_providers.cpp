#include "server/sign_in_providers.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "auth/private_file.h"

namespace dunlin::server {

namespace {

constexpr std::size_t key_bytes_max = 16'384;

Result<auth::ProviderOptions> options_of(const Settings& settings,
                                         const auth::ExternalProvider& provider) {
    auth::ProviderOptions options = provider.options;
    if (!options.apple_key) return options;
    const std::string name = fmt::format("auth.external.{}.key_file", options.name);
    if (provider.apple_key_file.empty()) {
        return std::unexpected(Error{ErrorCode::InvalidInput, name + " is missing"});
    }
    auto key = auth::read_file(settings.project / provider.apple_key_file, key_bytes_max);
    if (!key) {
        return std::unexpected(
            Error{ErrorCode::InvalidInput, fmt::format("{}: {}", name, key.error().message)});
    }
    options.apple_key->private_key_pem = std::move(*key);
    return options;
}

Result<std::vector<auth::ProviderOptions>> enabled_options(const Settings& settings) {
    std::vector<auth::ProviderOptions> enabled;
    for (const auto& [name, provider] : settings.auth.external) {
        if (!provider.enabled) continue;
        auto options = options_of(settings, provider);
        if (!options) return std::unexpected(options.error());
        enabled.push_back(std::move(*options));
    }
    return enabled;
}

outbound::AddressGuard guard_of(const Settings& settings) {
    outbound::AddressGuard guard;
    if (settings.development) guard.trusted_hosts = {"localhost", "127.0.0.1", "[::1]", "::1"};
    for (const auto& [name, provider] : settings.auth.external) {
        if (!provider.enabled) continue;
        guard.trusted_hosts.insert(guard.trusted_hosts.end(), provider.trusted_hosts.begin(),
                                   provider.trusted_hosts.end());
    }
    return guard;
}

}  // namespace

Result<std::unique_ptr<SignInProviders>> SignInProviders::open(const Settings& settings,
                                                               const Clock& clock,
                                                               outbound::Transfers& transfers) {
    auto options = enabled_options(settings);
    if (!options) return std::unexpected(options.error());
    std::unique_ptr<SignInProviders> opened(new SignInProviders(transfers, guard_of(settings)));
    auth::FetchFunction fetch = [fetcher = &opened->fetcher_](outbound::FetchRequest request) {
        return fetcher->fetch(std::move(request));
    };
    auto providers = auth::Providers::make(std::move(*options), std::move(fetch), clock);
    if (!providers) return std::unexpected(providers.error());
    opened->providers_ = std::move(*providers);
    return opened;
}

}  // namespace dunlin::server
