#pragma once

#include <memory>

#include "auth/messenger.h"
#include "auth/outbox.h"
#include "core/clock.h"
#include "core/result.h"
#include "outbound/fetch.h"
#include "outbound/transfers.h"
#include "server/settings.h"

namespace dunlin::server {

/// The ways out of sign-in's messages, as the settings have them.
class SignInMessages {
public:
    /// Everything is borrowed. Under --dev nothing leaves: messages go to an outbox. Fails with
    /// InvalidInput for a mail server that cannot be used, as auth::MailTemplates::load() for the
    /// project's folder `templates`.
    static Result<std::unique_ptr<SignInMessages>> open(const Settings& settings,
                                                        const Clock& clock,
                                                        outbound::Transfers& transfers);

    auth::Messenger& messenger() { return *messenger_; }
    const auth::Outbox* outbox() const { return outbox_.get(); }

private:
    SignInMessages() = default;
    Result<void> open_ways(const Settings& settings, const Clock& clock,
                           outbound::Transfers& transfers, auth::Messenger::Ways& ways);

    std::unique_ptr<auth::Outbox> outbox_;
    std::unique_ptr<outbound::Fetcher> fetcher_;
    std::unique_ptr<auth::Messenger> messenger_;
};

}  // namespace dunlin::server
