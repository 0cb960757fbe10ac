#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "auth/accounts.h"
#include "auth/administration.h"
#include "auth/context.h"
#include "auth/external_sign_in.h"
#include "core/clock.h"
#include "engine/engine.h"
#include "routines/library.h"
#include "server/settings.h"
#include "server/sign_in_messages.h"
#include "server/sign_in_providers.h"

namespace dunlin::server {

/// Everything of sign-in, built in the order in which it depends on each other.
class SignIn {
public:
    /// `settings`, `engine`, `clock` and `keys` are borrowed. Blocks. Fails for settings of the
    /// mail server, templates and other providers that cannot be used,
    /// and when there is no thread to be had.
    static Result<std::unique_ptr<SignIn>> open(const Settings& settings, engine::Engine& engine,
                                                std::shared_ptr<const routines::Library> library,
                                                const Clock& clock, const auth::SigningKeys& keys,
                                                std::string secret);

    auth::SessionRegistry& registry() { return registry_; }
    auth::Accounts& accounts() { return accounts_; }
    auth::Administration& administration() { return administration_; }
    auth::ExternalSignIn& external() { return external_; }
    const auth::Settings& settings() const { return settings_; }
    const auth::Context& context() const { return context_; }
    /// Null but under --dev.
    const auth::Outbox* outbox() const { return messages_->outbox(); }

    /// Writes down when sessions were last used and forgets what is over, until its loop stops.
    boost::asio::awaitable<void> keep_house();
    /// A part of it: ends sessions whose time is over and forgets what nothing needs any more.
    boost::asio::awaitable<void> forget_old();

    /// Waits for passwords that are being hashed and gives up on messages and questions under way.
    void stop();

private:
    SignIn(auth::Settings settings, engine::Engine& engine,
           std::shared_ptr<const routines::Library> library, const Clock& clock,
           const auth::SigningKeys& keys, std::string secret,
           std::unique_ptr<outbound::Transfers> transfers, std::unique_ptr<SignInMessages> messages,
           std::unique_ptr<SignInProviders> providers);
    boost::asio::awaitable<void> write_last_seen();

    auth::Settings settings_;
    std::string secret_;
    const Clock& clock_;
    data::Owner owner_;
    auth::SessionRegistry registry_;
    auth::PasswordPool passwords_;
    std::unique_ptr<outbound::Transfers> transfers_;
    std::unique_ptr<SignInMessages> messages_;
    std::unique_ptr<SignInProviders> providers_;
    auth::Context context_;
    auth::Accounts accounts_;
    auth::Administration administration_;
    auth::ExternalSignIn external_;
};

}  // namespace dunlin::server
