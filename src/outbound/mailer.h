#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "core/clock.h"
#include "core/limits.h"
#include "core/result.h"
#include "outbound/mail_message.h"
#include "outbound/smtp_server.h"

namespace dunlin::outbound {

namespace asio = boost::asio;

class Transfers;

struct MailerSettings {
    SmtpServer server;
    std::chrono::milliseconds time_max = limits::mail_timeout;  // one attempt
    std::chrono::milliseconds retry_delay = limits::mail_retry_delay;
};

/// Hands messages to one mail server (RFC 5321), a connection for each. Immutable, thread-safe.
class Mailer {
public:
    /// Fails with InvalidInput as SmtpServer::check(). `transfers` and `clock` are borrowed.
    static Result<Mailer> make(Transfers& transfers, const Clock& clock, MailerSettings settings);

    /// Done when the mail server has taken the message. A refusal for now (a reply of 4xx) is tried
    /// again, `limits::mail_attempts_max` times in all, after a delay that doubles. Fails with
    /// InvalidInput as build_message(), else with Unavailable; what the server replied, which may
    /// name the recipient, is logged and not part of the error.
    asio::awaitable<Result<void>> send_mail(Mail mail) const;

private:
    struct Attempt {
        Result<void> result;
        bool worth_another = false;
    };

    Mailer(Transfers& transfers, const Clock& clock, MailerSettings settings)
        : transfers_(&transfers), clock_(&clock), settings_(std::move(settings)) {}
    asio::awaitable<Attempt> attempt(const Mail& mail, const std::string& message) const;

    Transfers* transfers_;
    const Clock* clock_;
    MailerSettings settings_;
};

}  // namespace dunlin::outbound
