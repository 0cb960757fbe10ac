#include "outbound/mailer.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <memory>
#include <utility>

#include "core/check.h"
#include "io/log.h"
#include "outbound/transfer.h"
#include "outbound/transfers.h"

namespace dunlin::outbound {

namespace {

constexpr std::size_t replies_bytes_max = 64 * 1024;
constexpr std::int64_t us_per_second = 1'000'000;

std::string random_name() {
    std::array<unsigned char, 16> bytes{};
    CHECK(::getentropy(bytes.data(), bytes.size()) == 0);
    std::string name;
    for (const unsigned char byte : bytes) name += fmt::format("{:02x}", byte);
    return name;
}

std::unique_ptr<Transfer> prepare(const MailerSettings& settings, const Mail& mail,
                                  const std::string& message) {
    const SmtpServer& server = settings.server;
    auto transfer = std::make_unique<Transfer>(settings.time_max);
    // The operator has named this server; it may well be in the same network.
    transfer->allow_private_addresses();
    transfer->set_answer_limits(replies_bytes_max, replies_bytes_max);
    const bool tls = server.security == SmtpSecurity::Tls;
    const std::string url =
        fmt::format("{}://{}:{}", tls ? "smtps" : "smtp", server.host, server.port);
    transfer->set(CURLOPT_URL, url.c_str());
    transfer->set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    transfer->set(CURLOPT_USE_SSL,
                  static_cast<long>(server.security == SmtpSecurity::None ? CURLUSESSL_NONE
                                                                          : CURLUSESSL_ALL));
    if (!server.user.empty()) {
        transfer->set(CURLOPT_USERNAME, server.user.c_str());
        transfer->set(CURLOPT_SASL_IR, 1L);  // one round trip less: RFC 4954 section 4
        transfer->set(CURLOPT_PASSWORD, server.password.c_str());
    }
    transfer->set(CURLOPT_MAIL_FROM, mail.from.c_str());
    transfer->add_recipient(mail.to);
    transfer->set_upload(message);
    return transfer;
}

/// A refusal by reply code: RFC 5321 section 4.2.1.
bool is_refusal(int reply) {
    return reply >= 400 && reply < 600;
}

bool is_refusal_for_now(int reply) {
    return reply >= 400 && reply < 500;
}

Error explain(const Transfer& transfer, const SmtpServer& server) {
    if (transfer.code() == CURLE_LOGIN_DENIED) {
        return Error{
            ErrorCode::Unavailable,
            fmt::format("the mail server {} does not take the user and password", server.host)};
    }
    if (!is_refusal(transfer.status())) return transfer.failure(server.host);
    return Error{ErrorCode::Unavailable,
                 fmt::format("the mail server {} refused the message with {}", server.host,
                             transfer.status())};
}

}  // namespace

Result<Mailer> Mailer::make(Transfers& transfers, const Clock& clock, MailerSettings settings) {
    const auto valid = settings.server.check();
    if (!valid) return std::unexpected(valid.error());
    return Mailer(transfers, clock, std::move(settings));
}

asio::awaitable<Mailer::Attempt> Mailer::attempt(const Mail& mail,
                                                 const std::string& message) const {
    auto transfer = co_await transfers_->run(prepare(settings_, mail, message));
    if (!transfer) co_return Attempt{std::unexpected(transfer.error())};
    if ((*transfer)->succeeded()) co_return Attempt{};
    Error error = explain(**transfer, settings_.server);
    const auto& replies = (*transfer)->head();
    log::warn(
        "a mail was not taken",
        {{"why", error.message}, {"reply", replies.empty() ? std::string() : replies.back()}});
    const bool for_now = is_refusal_for_now((*transfer)->status());
    co_return Attempt{std::unexpected(std::move(error)), for_now};
}

asio::awaitable<Result<void>> Mailer::send_mail(Mail mail) const {
    const MessageStamp stamp{.time_s = clock_->now_us() / us_per_second, .unique = random_name()};
    const auto message = build_message(mail, stamp);
    if (!message) co_return std::unexpected(message.error());
    auto delay = settings_.retry_delay;
    for (std::size_t attempts = 1;; ++attempts) {
        Attempt made = co_await attempt(mail, *message);
        if (!made.worth_another || attempts == limits::mail_attempts_max) co_return made.result;
        asio::steady_timer timer(co_await asio::this_coro::executor, delay);
        co_await timer.async_wait(asio::use_awaitable);
        delay *= 2;
    }
}

}  // namespace dunlin::outbound
