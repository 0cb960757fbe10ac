#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "auth/context.h"
#include "auth/external_account.h"
#include "auth/external_visit.h"
#include "auth/providers.h"
#include "auth/visitor.h"
#include "core/identity.h"
#include "core/result.h"

namespace dunlin::auth {

namespace asio = boost::asio;

/// How an application wants somebody to be sent to a provider.
struct ExternalRequest {
    std::string provider;
    std::string redirect_to{};
    std::vector<std::string> scopes{};
    PkceChallenge pkce{};
    bool force = false;             // as X-Force-Sign-In
    QueryParameters extra_query{};  // for the provider
    /// Whether the browser is sent away by us, and not by a program that asked for the URL.
    bool redirects = true;
};

struct Departure {
    std::string url;
    std::string cookie_name;  // to be set when the same browser must come back
    std::string cookie;
    SameBrowser browser = SameBrowser::NotRequired;
};

/// What a browser brings back from a provider.
struct ExternalReturn {
    std::string state;
    std::string code{};
    std::string error{};  // of the provider (RFC 6749 section 4.1.2.1)
    std::string error_description{};
    std::string issuer{};      // RFC 9207
    std::string apple_user{};  // add_apple_name()
    std::string cookie{};      // the one that visit_cookie_name() names
};

/// signInWithIdToken and linkIdentity with a token.
struct IdTokenGrant {
    std::string provider;
    IdTokenSignIn token;
    std::optional<Identity> link_to{};  // whose account gets the identity; nothing to sign in
};

/// Sign-in with other providers, from the first request to the session. Errors carry auth-js's
/// codes (auth/error.h). Thread-safe; borrows everything.
class ExternalSignIn {
public:
    ExternalSignIn(const Context& context, const Providers& providers)
        : context_(context), providers_(providers) {}

    /// Fails with validation_failed for a provider that is not enabled, a bad challenge, parameters
    /// that are the server's own, and without PKCE when the browser is not sent by us: whoever has
    /// such a URL could make somebody else sign in to his account. 503 provider_unavailable,
    /// 429 over_request_rate_limit.
    asio::awaitable<Result<Departure>> begin(ExternalRequest request, Visitor visitor);
    /// The same to give the caller's account one more identity. Fails with 404
    /// manual_linking_disabled as well.
    asio::awaitable<Result<Departure>> begin_link(ExternalRequest request, Identity identity,
                                                  Visitor visitor);

    /// The URL at the application that the browser is sent on to: with a session in its fragment, a
    /// code for PKCE, or an error.
    asio::awaitable<std::string> finish(ExternalReturn back, Visitor visitor);

    /// A session. Fails as Provider::verify_id_token(), find_or_make_account(), link_identity() and
    /// sign_in().
    asio::awaitable<Result<boost::json::object>> sign_in_with_id_token(IdTokenGrant grant,
                                                                       Visitor visitor);

    /// The names of the providers, in alphabetical order.
    std::vector<std::string> providers() const { return providers_.names(); }

private:
    asio::awaitable<Result<Departure>> depart(ExternalRequest request, std::string link_session,
                                              Visitor visitor);
    asio::awaitable<Result<ExternalPerson>> ask_provider(Visit visit, ExternalReturn back);
    asio::awaitable<Result<QueryParameters>> arrive(Visit visit, ExternalReturn back,
                                                    Visitor visitor);
    asio::awaitable<Result<std::string>> linking_session(Identity identity);
    Result<Provider*> find(std::string_view name) const;
    ExternalPerson person(std::string provider, ProviderProfile profile) const;

    const Context& context_;
    const Providers& providers_;
};

}  // namespace dunlin::auth
