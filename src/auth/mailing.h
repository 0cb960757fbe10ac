#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/context.h"
#include "auth/mail_template.h"
#include "auth/messenger.h"
#include "auth/one_time_tokens.h"
#include "auth/pkce_flow.h"
#include "auth/user.h"
#include "core/result.h"

/// The way from an account to a message with a code and a link for it.
namespace dunlin::auth {

/// What a message with a code is for.
enum class Purpose : std::uint8_t {
    SignUp,
    Invite,
    MagicLink,
    Recovery,
    EmailChangeNew,
    EmailChangeCurrent,
    PhoneChange,
    Reauthentication,
};

/// "signup", "invite", "magiclink", "recovery", "email_change", "phone_change", "": as links and
/// `POST /verify` call it.
std::string_view verification_type(Purpose purpose);

/// What a request that ends in a message says about it. Unchecked.
struct MessageOptions {
    std::string redirect_to{};  // where the link leads
    PkceChallenge pkce{};
    std::string app = "sms";  // "sms" or "whatsapp"
};

/// Fails with 400 validation_failed for a bad challenge or app.
Result<void> check_options(const MessageOptions& options);

/// A token that is stored and not yet sent.
struct Issued {
    SentToken token;
    std::string address;
    std::string redirect_to;  // checked
    std::string url;          // the link
};

/// Stores a new token for `address` in the caller's transaction and notes in `user`, which the
/// caller writes, when that was.
Result<Issued> issue(data::OwnerSession& session, const Context& context, User& user,
                     Purpose purpose, std::string address, const MessageOptions& options);

/// The message that carries it: a mail, or a text message when it is for a telephone.
Message message_of(const Context& context, const User& user, Purpose purpose, const Issued& issued,
                   const MessageOptions& options);

}  // namespace dunlin::auth
