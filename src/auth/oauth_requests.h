#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/provider_settings.h"
#include "core/result.h"
#include "outbound/fetch.h"

/// The words of OAuth 2.0 (RFC 6749) with PKCE (RFC 7636): what is asked of a provider, and how its
/// answers are read. Pure.
namespace dunlin::auth {

/// What the browser is sent away with.
struct AuthorizeRequest {
    std::string state;                  // comes back unchanged
    std::string redirect_uri;           // where it comes back to
    std::string code_challenge;         // S256 (RFC 7636 section 4.2)
    std::string nonce{};                // comes back in the ID token; not sent where there is none
    std::vector<std::string> scopes{};  // beside the provider's usual ones
    QueryParameters extra_query{};      // from the application
};

/// The URL at the provider. Fails with InvalidInput when `extra_query` names a parameter that is
/// the server's own, such as redirect_uri.
Result<std::string> authorize_url(const ProviderSettings& settings,
                                  const ProviderEndpoints& endpoints,
                                  const AuthorizeRequest& request);

/// What the browser came back with.
struct CodeExchange {
    std::string code;
    std::string code_verifier;
    std::string redirect_uri;  // the same as before
    std::string issuer{};      // the parameter `iss` (RFC 9207), when there is one
};

struct ProviderTokens {
    std::string access_token;
    std::string id_token{};       // "" when the provider is none of OpenID Connect
    std::string refresh_token{};  // "" unless asked for
    std::int64_t expires_in_s = 0;
};

/// The request that turns a code into tokens. `client_secret` may be made for the occasion.
outbound::FetchRequest token_request(const ProviderSettings& settings,
                                     const ProviderEndpoints& endpoints,
                                     const CodeExchange& exchange, std::string_view client_secret);

/// RFC 6749 section 5. Fails with InvalidInput when the provider does not know the code, with
/// Unavailable when the answer is none of an OAuth server; what the provider says is the hint.
Result<ProviderTokens> parse_token_answer(const outbound::FetchResponse& response);

/// `name=value` joined by `&`, each percent-encoded but for RFC 3986's unreserved characters.
std::string encode_query(const QueryParameters& parameters);

}  // namespace dunlin::auth
