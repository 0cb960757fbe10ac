#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace dunlin::auth {

/// How a provider says who somebody is.
enum class ProviderKind : std::uint8_t {
    OpenId,     // an ID token, and where that has no address the userinfo endpoint
    Google,     // an ID token
    Apple,      // an ID token; the name only once, beside the code
    Microsoft,  // an ID token, of any tenant unless one is set
    GitHub,     // /user and /user/emails of its API
};

/// Tenant of personal Microsoft accounts, whose addresses Microsoft itself has verified.
constexpr std::string_view personal_microsoft_tenant = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Where a client proves itself at the token endpoint (RFC 6749 section 2.3.1).
enum class ClientAuthentication : std::uint8_t { Post, Basic };

/// What Apple's client secrets are signed with.
struct AppleKey {
    std::string team_id;
    std::string key_id;
    std::string private_key_pem;  // PKCS #8, P-256: the .p8 file
};

struct ProviderEndpoints {
    std::string authorization;
    std::string token;
    std::string userinfo{};  // of GitHub the API; "" when there is none
    std::string jwks{};
    ClientAuthentication client_authentication = ClientAuthentication::Post;
};

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

/// What the operator says of a provider.
struct ProviderOptions {
    std::string name;  // as the client calls it: "google", "github", "apple", "azure", or any other
    /// The first one asks; ID tokens for any of them are taken (an application has its own).
    std::vector<std::string> client_ids;
    std::string client_secret{};  // not for Apple, when apple_key is given
    /// The issuer of an OpenID provider; of azure its tenant's URL, of GitHub an enterprise host.
    std::string url{};
    std::vector<std::string> scopes{};  // beside the usual ones
    QueryParameters extra_query{};      // of the authorization URL
    bool skip_nonce_check = false;      // of signInWithIdToken
    std::optional<AppleKey> apple_key{};
};

/// A provider as the rest of sign-in uses it. Made by make_provider_settings().
struct ProviderSettings {
    ProviderOptions options;
    ProviderKind kind = ProviderKind::OpenId;
    /// What the claim `iss` may be; the first is who is asked for the discovery document. Empty for
    /// GitHub. May hold `{tenantid}` (IdTokenRules).
    std::vector<std::string> issuers;
    /// Known in advance; nothing when they come from the discovery document.
    std::optional<ProviderEndpoints> endpoints;
    std::vector<std::string> scopes;

    const std::string& client_id() const { return options.client_ids.front(); }
};

/// Completes the options with what is known of google, github, apple and azure; every other name is
/// an OpenID provider. Fails with InvalidInput when something is missing or contradicts, naming the
/// provider. Pure.
Result<ProviderSettings> make_provider_settings(ProviderOptions options);

/// Whether requests may go to `url`: https, or http to loopback.
bool is_provider_url(std::string_view url);

}  // namespace dunlin::auth
