#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "auth/id_token.h"
#include "auth/jwk.h"
#include "auth/provider_settings.h"
#include "core/clock.h"
#include "core/result.h"
#include "outbound/fetch.h"

namespace dunlin::auth {

namespace asio = boost::asio;

/// Asks another server; outbound::Fetcher::fetch but for tests. Thread-safe.
using FetchFunction =
    std::function<asio::awaitable<Result<outbound::FetchResponse>>(outbound::FetchRequest)>;

/// OpenID Connect Discovery 1.0 section 4.3: endpoints from the document of `issuer`, which must
/// name itself. Fails with Unavailable. Pure.
Result<ProviderEndpoints> parse_discovery(std::string_view issuer, std::string_view document);

/// Endpoints and keys of one issuer, fetched when they are needed and kept for
/// `limits::provider_keys_lifetime`. Thread-safe.
class IssuerDocuments {
public:
    /// `clock` is borrowed. `settings` has endpoints or an issuer.
    IssuerDocuments(const ProviderSettings& settings, FetchFunction fetch, const Clock& clock);

    /// Fails with Unavailable when the discovery document cannot be had.
    asio::awaitable<Result<ProviderEndpoints>> endpoints();

    /// The key that signed `token`, whose issuer the caller has compared with the settings. Keys
    /// are fetched again for a key id that is not among them, but not more often than every
    /// `limits::provider_keys_refetch_interval`: anybody can invent key ids. Fails with Unavailable
    /// when the keys cannot be had, InvalidInput when there is no such key.
    asio::awaitable<Result<PublicKey>> key_for(IdToken token);

private:
    using Keys = std::shared_ptr<const std::vector<PublicKey>>;  // held here and by who looks

    /// A place among the fetches under way, given up however the fetch ends.
    class Place {
    public:
        explicit Place(IssuerDocuments& documents);
        ~Place();
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        bool taken() const { return taken_; }

    private:
        IssuerDocuments& documents_;
        bool taken_ = false;
    };

    asio::awaitable<Result<Keys>> fetch_keys();
    asio::awaitable<Result<std::string>> fetch_document(std::string url);
    Keys known_keys(const IdToken& token) const;

    std::string issuer_;
    FetchFunction fetch_;
    const Clock& clock_;
    // Guards the rest: requests on every loop share what one of them has fetched. Held for a copy,
    // never across a wait.
    mutable std::mutex mutex_;
    std::shared_ptr<const ProviderEndpoints> endpoints_;
    std::int64_t endpoints_until_us_ = 0;
    Keys keys_;
    std::int64_t keys_fetched_at_us_ = 0;
    std::size_t fetches_ = 0;  // under way
};

}  // namespace dunlin::auth
