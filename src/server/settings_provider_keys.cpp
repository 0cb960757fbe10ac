#include <algorithm>
#include <cstdlib>
#include <optional>

#include "server/settings_keys.h"

namespace dunlin::server {

namespace {

using enum KeyKind;

auth::ExternalProvider& provider_of(Settings& settings, const Given& given) {
    auth::ExternalProvider& provider = settings.auth.external[given.name];
    provider.options.name = given.name;
    return provider;
}

constexpr std::string_view text_or_variable =
    "a text, or \"env(NAME)\" with the name of an environment variable that is set";

/// `env(NAME)` stands for an environment variable, so that secrets need not be in the file.
/// Nothing when there is no such variable.
std::optional<std::string> text_of(const Given& given) {
    const std::string& text = given.text;
    if (!text.starts_with("env(") || !text.ends_with(")")) return text;
    const char* value = std::getenv(text.substr(4, text.size() - 5).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// At commas, without blanks.
std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == ',')
            parts.emplace_back();
        else if (c != ' ')
            parts.back().push_back(c);
    }
    return parts;
}

template <auto member>
std::string_view set_option(Settings& settings, const Given& given) {
    auto text = text_of(given);
    if (!text) return text_or_variable;
    provider_of(settings, given).options.*member = std::move(*text);
    return {};
}

template <auto member>
std::string_view set_apple(Settings& settings, const Given& given) {
    auto& key = provider_of(settings, given).options.apple_key;
    if (!key) key.emplace();
    (*key).*member = given.text;
    return {};
}

std::string_view set_client_ids(Settings& settings, const Given& given) {
    const auto text = text_of(given);
    if (!text) return text_or_variable;
    provider_of(settings, given).options.client_ids = split(*text);
    return {};
}

std::string_view set_trusted_hosts(Settings& settings, const Given& given) {
    auto& hosts = provider_of(settings, given).trusted_hosts;
    hosts = given.list;
    for (std::string& host : hosts) {
        std::ranges::transform(host, host.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
    }
    const bool plain = std::ranges::none_of(
        hosts, [](const std::string& host) { return host.empty() || host.contains('/'); });
    return plain ? "" : "a list of host names";
}

constexpr Key keys[] = {
    {"auth.external.*.enabled", "", Boolean, 0, 1,
     [](Settings& settings, const Given& given) {
         provider_of(settings, given).enabled = given.number != 0;
         return std::string_view();
     }},
    {"auth.external.*.client_id", "", Text, 0, 0, set_client_ids},
    {"auth.external.*.client_secret", "", Text, 0, 0,
     set_option<&auth::ProviderOptions::client_secret>},
    {"auth.external.*.issuer", "", Text, 0, 0, set_option<&auth::ProviderOptions::url>},
    {"auth.external.*.scopes", "", List, 0, 0,
     [](Settings& settings, const Given& given) {
         provider_of(settings, given).options.scopes = given.list;
         return std::string_view();
     }},
    {"auth.external.*.skip_nonce_check", "", Boolean, 0, 1,
     [](Settings& settings, const Given& given) {
         provider_of(settings, given).options.skip_nonce_check = given.number != 0;
         return std::string_view();
     }},
    {"auth.external.*.email_optional", "", Boolean, 0, 1,
     [](Settings& settings, const Given& given) {
         provider_of(settings, given).email_optional = given.number != 0;
         return std::string_view();
     }},
    {"auth.external.*.trusted_hosts", "", List, 0, 0, set_trusted_hosts},
    {"auth.external.*.team_id", "", Text, 0, 0, set_apple<&auth::AppleKey::team_id>},
    {"auth.external.*.key_id", "", Text, 0, 0, set_apple<&auth::AppleKey::key_id>},
    {"auth.external.*.key_file", "", Text, 0, 0,
     [](Settings& settings, const Given& given) {
         auth::ExternalProvider& provider = provider_of(settings, given);
         if (!provider.options.apple_key) provider.options.apple_key.emplace();
         provider.apple_key_file = given.text;
         return std::string_view();
     }},
};

}  // namespace

std::span<const Key> provider_settings_keys() {
    return keys;
}

}  // namespace dunlin::server
