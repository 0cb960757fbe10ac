#include "auth/messenger.h"

#include <fmt/format.h>

#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "auth/error.h"
#include "core/limits.h"
#include "io/log.h"
#include "io/spawn.h"
#include "outbound/mail_message.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

std::string text_of_code(std::string_view code) {
    return fmt::format("Your code is {}", code);
}

/// A message's place among those that wait, given back however its sending ends.
class Place {
public:
    explicit Place(std::atomic<std::size_t>& waiting) : waiting_(waiting) {}
    ~Place() { --waiting_; }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

private:
    std::atomic<std::size_t>& waiting_;
};

}  // namespace

MessageChannel channel_of(std::string_view address) {
    return address.contains('@') ? MessageChannel::Email : MessageChannel::Sms;
}

bool Messenger::can_send(MessageChannel channel) const {
    if (ways_.outbox != nullptr) return true;
    return channel == MessageChannel::Email ? ways_.mailer.has_value()
                                            : !settings_.sms.webhook_url.empty();
}

Result<void> Messenger::admit(std::string_view to) const {
    const MessageChannel channel = channel_of(to);
    if (!can_send(channel)) {
        return std::unexpected(
            channel == MessageChannel::Email
                ? refused(ErrorCode::Unprocessable, "email_provider_disabled",
                          "This server cannot send mail: auth.smtp.url is not set")
                : refused(ErrorCode::Unprocessable, "phone_provider_disabled",
                          "This server cannot send text messages: auth.sms.webhook_url is not "
                          "set"));
    }
    if (channel == MessageChannel::Email && !outbound::check_mail_address(to)) {
        return std::unexpected(
            validation_failed("Unable to validate email address: invalid format"));
    }
    if (waiting_ >= limits::messages_waiting_max) {
        return std::unexpected(refused(ErrorCode::Unavailable, "over_request_rate_limit",
                                       "Too many messages are waiting to be sent"));
    }
    return {};
}

Message Messenger::mail(MailKind kind, const MailValues& values, std::string to) const {
    return {.channel = MessageChannel::Email,
            .to = std::move(to),
            .content = templates_.render(kind, values)};
}

Message Messenger::text_message(std::string phone, std::string code, std::string app) {
    return {.channel = MessageChannel::Sms,
            .to = std::move(phone),
            .code = std::move(code),
            .app = std::move(app)};
}

asio::awaitable<void> Messenger::send(std::vector<Message> messages) {
    const auto executor = co_await asio::this_coro::executor;
    for (Message& message : messages) {
        if (waiting_ >= limits::messages_waiting_max) {
            log::error("a message was dropped: too many are waiting to be sent");
            continue;
        }
        ++waiting_;
        io::spawn(executor, deliver(std::move(message)), "message");
    }
}

asio::awaitable<void> Messenger::deliver(Message message) {
    const Place place(waiting_);
    if (ways_.outbox != nullptr) {
        keep(std::move(message));
    } else {
        const bool is_mail = message.channel == MessageChannel::Email;
        auto sent = is_mail ? co_await send_mail(std::move(message))
                            : co_await send_text(std::move(message));
        if (!sent) {
            log::error("a message could not be sent",
                       {{"channel", is_mail ? "email" : "sms"}, {"error", sent.error().message}});
        }
    }
}

void Messenger::keep(Message message) {
    const bool is_mail = message.channel == MessageChannel::Email;
    // No code here: whoever develops finds it on the page.
    log::info("message kept in the outbox", {{"channel", is_mail ? "email" : "sms"},
                                             {"to", message.to},
                                             {"see", settings_.url + "/_/outbox"}});
    ways_.outbox->add(
        {.channel = message.channel,
         .to = std::move(message.to),
         .subject = std::move(message.content.subject),
         .text = is_mail ? std::move(message.content.text) : text_of_code(message.code),
         .html = std::move(message.content.html)});
}

asio::awaitable<Result<void>> Messenger::send_mail(Message message) {
    co_return co_await ways_.mailer->send_mail({.from = settings_.smtp.from,
                                                .from_name = settings_.smtp.from_name,
                                                .to = std::move(message.to),
                                                .subject = std::move(message.content.subject),
                                                .text = std::move(message.content.text),
                                                .html = std::move(message.content.html)});
}

asio::awaitable<Result<void>> Messenger::send_text(Message message) {
    const json::object body = {{"phone", message.to},
                               {"channel", message.app},
                               {"code", message.code},
                               {"text", text_of_code(message.code)}};
    outbound::FetchRequest request{.method = "POST",
                                   .url = settings_.sms.webhook_url,
                                   .headers = {{"Content-Type", "application/json"}},
                                   .body = json::serialize(body)};
    if (!settings_.sms.webhook_secret.empty()) {
        request.headers.emplace_back("Authorization", "Bearer " + settings_.sms.webhook_secret);
    }
    auto answer = co_await ways_.fetcher->fetch(std::move(request));
    if (!answer) co_return std::unexpected(answer.error());
    if (answer->status >= 200 && answer->status < 300) co_return Result<void>{};
    co_return std::unexpected(
        Error{ErrorCode::Unavailable, fmt::format("the webhook answered {}", answer->status)});
}

}  // namespace dunlin::auth
