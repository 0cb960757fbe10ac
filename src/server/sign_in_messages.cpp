#include "server/sign_in_messages.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "auth/private_file.h"
#include "io/log.h"
#include "outbound/mail_message.h"
#include "outbound/smtp_server.h"

namespace dunlin::server {

namespace {

Error invalid(std::string_view key, std::string_view why) {
    return Error{ErrorCode::InvalidInput, fmt::format("{}: {}", key, why)};
}

/// The password of the settings, or of the file that they name.
Result<std::string> password_of(const Settings& settings) {
    const auth::SmtpSettings& smtp = settings.auth.smtp;
    if (!smtp.password.empty() || smtp.password_file.empty()) return smtp.password;
    constexpr std::size_t bytes_max = 4096;
    auto password = auth::read_file(settings.project / smtp.password_file, bytes_max);
    if (!password) {
        return std::unexpected(invalid("auth.smtp.password_file", password.error().message));
    }
    while (password->ends_with('\n') || password->ends_with('\r')) password->pop_back();
    return password;
}

/// Nothing without a URL.
Result<std::optional<outbound::Mailer>> mailer_of(const Settings& settings,
                                                  outbound::Transfers& transfers,
                                                  const Clock& clock) {
    const auth::SmtpSettings& smtp = settings.auth.smtp;
    if (smtp.url.empty()) return std::nullopt;
    auto server = outbound::parse_smtp_url(smtp.url);
    if (!server) return std::unexpected(invalid("auth.smtp.url", server.error().message));
    auto password = password_of(settings);
    if (!password) return std::unexpected(password.error());
    if (!smtp.user.empty()) server->user = smtp.user;
    if (!password->empty()) server->password = std::move(*password);
    auto from = outbound::check_mail_address(smtp.from);
    if (!from) return std::unexpected(invalid("auth.smtp.from", from.error().message));
    auto mailer = outbound::Mailer::make(transfers, clock, {.server = std::move(*server)});
    if (!mailer) return std::unexpected(invalid("auth.smtp.url", mailer.error().message));
    return std::move(*mailer);
}

void warn_of_missing(const auth::Settings& settings) {
    if (settings.smtp.url.empty()) {
        log::warn(
            "no mail server (auth.smtp.url): what needs mail is refused: codes and links to "
            "sign in, recovery, invitations, confirmed addresses");
    }
    if (settings.confirm_phone && settings.sms.webhook_url.empty()) {
        log::info(
            "no webhook for text messages (auth.sms.webhook_url): sign-in by telephone is "
            "refused");
    }
}

}  // namespace

Result<std::unique_ptr<SignInMessages>> SignInMessages::open(const Settings& settings,
                                                             const Clock& clock,
                                                             outbound::Transfers& transfers) {
    auto templates = auth::MailTemplates::load(settings.project / "templates");
    if (!templates) return std::unexpected(templates.error());
    std::unique_ptr<SignInMessages> opened(new SignInMessages);
    auth::Messenger::Ways ways;
    auto ready = opened->open_ways(settings, clock, transfers, ways);
    if (!ready) return std::unexpected(ready.error());
    opened->messenger_ =
        std::make_unique<auth::Messenger>(settings.auth, std::move(*templates), std::move(ways));
    return opened;
}

Result<void> SignInMessages::open_ways(const Settings& settings, const Clock& clock,
                                       outbound::Transfers& transfers,
                                       auth::Messenger::Ways& ways) {
    if (settings.development) {
        outbox_ = std::make_unique<auth::Outbox>(clock);
        ways.outbox = outbox_.get();
        return {};
    }
    auto mailer = mailer_of(settings, transfers, clock);
    if (!mailer) return std::unexpected(mailer.error());
    ways.mailer = std::move(*mailer);
    // The operator names the webhook; it may well be a neighbour.
    fetcher_ = std::make_unique<outbound::Fetcher>(
        transfers, outbound::AddressGuard{outbound::PrivateAddresses::Allowed});
    ways.fetcher = fetcher_.get();
    warn_of_missing(settings.auth);
    return {};
}

}  // namespace dunlin::server
