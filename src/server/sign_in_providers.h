#pragma once

#include <memory>
#include <utility>

#include "auth/providers.h"
#include "core/clock.h"
#include "core/result.h"
#include "outbound/fetch.h"
#include "outbound/transfers.h"
#include "server/settings.h"

namespace dunlin::server {

/// The other providers that the settings enable, and the way to them.
class SignInProviders {
public:
    /// `clock` and `transfers` are borrowed. Only public addresses are asked, and the trusted hosts
    /// of the settings; under --dev loopback as well. Fails with InvalidInput for a provider's
    /// settings that cannot be right.
    static Result<std::unique_ptr<SignInProviders>> open(const Settings& settings,
                                                         const Clock& clock,
                                                         outbound::Transfers& transfers);

    const auth::Providers& providers() const { return providers_; }

private:
    SignInProviders(outbound::Transfers& transfers, outbound::AddressGuard guard)
        : fetcher_(transfers, std::move(guard)) {}

    outbound::Fetcher fetcher_;
    auth::Providers providers_;
};

}  // namespace dunlin::server
