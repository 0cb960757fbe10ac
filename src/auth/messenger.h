#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/mail_templates.h"
#include "auth/outbox.h"
#include "auth/settings.h"
#include "core/result.h"
#include "outbound/fetch.h"
#include "outbound/mailer.h"

namespace dunlin::auth {

namespace asio = boost::asio;

/// A mail or text message, ready to go.
struct Message {
    MessageChannel channel = MessageChannel::Email;
    std::string to;
    MailContent content{};    // of mail
    std::string code{};       // of a text message
    std::string app = "sms";  // of a text message: "sms" or "whatsapp"
};

/// By the @ of an email address.
MessageChannel channel_of(std::string_view address);

/// Sends messages without anybody waiting for them, so that the time of an answer does not tell
/// whether there was one. What waits is lost when the server ends: a code is asked for again.
/// Thread-safe.
class Messenger {
public:
    /// How messages leave: all to `outbox` if there is one, else by what is not empty.
    struct Ways {
        Outbox* outbox = nullptr;
        std::optional<outbound::Mailer> mailer{};
        outbound::Fetcher* fetcher = nullptr;
    };

    /// `settings` and what `ways` points to are borrowed.
    Messenger(const Settings& settings, MailTemplates templates, Ways ways)
        : settings_(settings), templates_(std::move(templates)), ways_(std::move(ways)) {}

    bool can_send(MessageChannel channel) const;
    /// Whether there could be a message to this address; to be asked before it is known whether
    /// there will be one. Fails with 422 email_provider_disabled or phone_provider_disabled when
    /// there is no way, with 400 validation_failed for an address that mail cannot be sent to (one
    /// beyond ASCII), with Unavailable while `limits::messages_waiting_max` wait.
    Result<void> admit(std::string_view to) const;

    Message mail(MailKind kind, const MailValues& values, std::string to) const;
    static Message text_message(std::string phone, std::string code, std::string app);

    /// Takes the messages, once what they say is on disk. They leave on the caller's loop.
    asio::awaitable<void> send(std::vector<Message> messages);

private:
    asio::awaitable<void> deliver(Message message);
    asio::awaitable<Result<void>> send_mail(Message message);
    asio::awaitable<Result<void>> send_text(Message message);
    void keep(Message message);

    const Settings& settings_;
    const MailTemplates templates_;
    const Ways ways_;
    std::atomic<std::size_t> waiting_ = 0;
};

}  // namespace dunlin::auth
