#include "auth/mailing.h"

#include "auth/error.h"
#include "auth/oauth_requests.h"
#include "auth/redirects.h"

namespace dunlin::auth {

namespace {

/// What a purpose comes to, in the order of Purpose.
struct Traits {
    TokenKind token;
    MailKind mail;
    std::string_view type;
    std::string_view method;  // of a session that PKCE ends in
    Instant User::* sent_at;
};

constexpr Traits all_traits[] = {
    {TokenKind::Confirmation, MailKind::Confirmation, "signup", "email/signup",
     &User::confirmation_sent_at},
    {TokenKind::Confirmation, MailKind::Invite, "invite", "invite", &User::confirmation_sent_at},
    {TokenKind::Recovery, MailKind::MagicLink, "magiclink", "magiclink", &User::recovery_sent_at},
    {TokenKind::Recovery, MailKind::Recovery, "recovery", "recovery", &User::recovery_sent_at},
    {TokenKind::EmailChangeNew, MailKind::EmailChange, "email_change", "email_change",
     &User::email_change_sent_at},
    {TokenKind::EmailChangeCurrent, MailKind::EmailChange, "email_change", "email_change",
     &User::email_change_sent_at},
    {TokenKind::PhoneChange, MailKind::Confirmation, "phone_change", "phone_change",
     &User::phone_change_sent_at},
    {TokenKind::Reauthentication, MailKind::Reauthentication, "", "",
     &User::reauthentication_sent_at},
};

const Traits& traits_of(Purpose purpose) {
    return all_traits[static_cast<std::size_t>(purpose)];
}

}  // namespace

std::string_view verification_type(Purpose purpose) {
    return traits_of(purpose).type;
}

Result<void> check_options(const MessageOptions& options) {
    if (options.app != "sms" && options.app != "whatsapp") {
        return std::unexpected(validation_failed("channel must be sms or whatsapp"));
    }
    return check_challenge(options.pkce);
}

Result<Issued> issue(data::OwnerSession& session, const Context& context, User& user,
                     Purpose purpose, std::string address, const MessageOptions& options) {
    const Traits& traits = traits_of(purpose);
    const std::int64_t now_us = context.clock.now_us();
    auto flow = begin_flow(session, options.pkce, user.id, traits.method, now_us);
    if (!flow) return std::unexpected(flow.error());
    auto token = issue_token(session, context,
                             {.user_id = user.id,
                              .kind = traits.token,
                              .address = address,
                              .flow_state_id = std::move(*flow)});
    if (!token) return std::unexpected(token.error());
    user.*traits.sent_at = now_us;
    Issued issued{.token = std::move(*token),
                  .address = std::move(address),
                  .redirect_to = redirect_target(context.settings, options.redirect_to)};
    // Only the address of the settings: a request's Host would let anybody send our links astray.
    issued.url =
        with_query(context.settings.url + "/auth/v1/verify", {{"token", issued.token.link},
                                                              {"type", std::string(traits.type)},
                                                              {"redirect_to", issued.redirect_to}});
    return issued;
}

Message message_of(const Context& context, const User& user, Purpose purpose, const Issued& issued,
                   const MessageOptions& options) {
    if (channel_of(issued.address) == MessageChannel::Sms) {
        return Messenger::text_message(issued.address, issued.token.code, options.app);
    }
    MailValues values{.site_url = context.settings.site_url,
                      .confirmation_url = issued.url,
                      .token = issued.token.code,
                      .token_hash = issued.token.link,
                      .redirect_to = issued.redirect_to,
                      .email = user.email,
                      .new_email = user.new_email,
                      .sending_to = issued.address,
                      .data = user.user_metadata};
    return context.messenger.mail(traits_of(purpose).mail, values, issued.address);
}

}  // namespace dunlin::auth
