#pragma once

#include <functional>
#include <string>

#include "auth/messenger.h"
#include "auth/password_policy.h"
#include "auth/password_pool.h"
#include "auth/session_registry.h"
#include "auth/settings.h"
#include "auth/signing_keys.h"
#include "core/clock.h"
#include "data/owner.h"

namespace dunlin::auth {

/// What every part of sign-in works with. Everything is borrowed from the composition root.
struct Context {
    const Settings& settings;
    const PasswordPolicy& password_policy;
    data::Owner& owner;
    const Clock& clock;
    const SigningKeys& keys;
    const std::string& secret;  // of the project: for what only this server has to prove
    PasswordPool& passwords;
    SessionRegistry& registry;
    Messenger& messenger;
};

}  // namespace dunlin::auth
