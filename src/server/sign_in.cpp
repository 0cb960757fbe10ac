#include "server/sign_in.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <span>

#include "auth/one_time_tokens.h"
#include "auth/pkce_flow.h"
#include "auth/rate_limits.h"
#include "io/log.h"

namespace dunlin::server {

namespace asio = boost::asio;

namespace {

constexpr auto house_interval = std::chrono::seconds(30);
constexpr std::int64_t us_per_s = 1'000'000;
constexpr std::int64_t clock_skew_s = 60;  // tokens are taken a little longer than they say

void warn_of(const Result<void>& done) {
    if (!done) log::warn("sign-in could not be tidied", {{"error", done.error().message}});
}

}  // namespace

SignIn::SignIn(auth::Settings settings, engine::Engine& engine,
               std::shared_ptr<const routines::Library> library, const Clock& clock,
               const auth::SigningKeys& keys, std::string secret,
               std::unique_ptr<outbound::Transfers> transfers,
               std::unique_ptr<SignInMessages> messages, std::unique_ptr<SignInProviders> providers)
    : settings_(std::move(settings)),
      secret_(std::move(secret)),
      clock_(clock),
      owner_(engine, library),
      registry_(library->schema(), clock, settings_.access_token_s + clock_skew_s),
      passwords_(settings_.hashing_threads, settings_.hashing_queue_max),
      transfers_(std::move(transfers)),
      messages_(std::move(messages)),
      providers_(std::move(providers)),
      context_{.settings = settings_,
               .password_policy = settings_.password_policy,
               .owner = owner_,
               .clock = clock,
               .keys = keys,
               .secret = secret_,
               .passwords = passwords_,
               .registry = registry_,
               .messenger = messages_->messenger()},
      accounts_(context_),
      administration_(context_),
      external_(context_, providers_->providers()) {}

Result<std::unique_ptr<SignIn>> SignIn::open(const Settings& settings, engine::Engine& engine,
                                             std::shared_ptr<const routines::Library> library,
                                             const Clock& clock, const auth::SigningKeys& keys,
                                             std::string secret) {
    auto made = auth::rate_limits::open(engine);
    if (!made) return std::unexpected(made.error());
    auto transfers = outbound::Transfers::open();
    if (!transfers) return std::unexpected(transfers.error());
    auto messages = SignInMessages::open(settings, clock, **transfers);
    if (!messages) return std::unexpected(messages.error());
    auto providers = SignInProviders::open(settings, clock, **transfers);
    if (!providers) return std::unexpected(providers.error());
    std::unique_ptr<SignIn> opened(new SignIn(settings.auth, engine, std::move(library), clock,
                                              keys, std::move(secret), std::move(*transfers),
                                              std::move(*messages), std::move(*providers)));
    auto loaded = opened->registry_.load(opened->owner_);
    if (!loaded) return std::unexpected(loaded.error());
    return opened;
}

asio::awaitable<void> SignIn::keep_house() {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (true) {
        timer.expires_after(house_interval);
        co_await timer.async_wait(asio::use_awaitable);
        co_await write_last_seen();
        co_await forget_old();
    }
}

asio::awaitable<void> SignIn::write_last_seen() {
    const auto seen = registry_.take_seen();
    // In parts, so that no write of others waits for thousands of rows.
    constexpr std::size_t rows_max = 100;
    for (std::size_t from = 0; from < seen.size(); from += rows_max) {
        const auto part = std::span(seen).subspan(from, std::min(rows_max, seen.size() - from));
        warn_of(co_await owner_.write({}, [&](data::OwnerSession& session) -> Result<void> {
            for (const auto& one : part) {
                auto kept = session.update("auth.sessions", {{"last_seen_at", Value(one.at_us)}},
                                           "id = ?1 and last_seen_at < ?2",
                                           {Value(one.session_id), Value(one.at_us)});
                if (!kept) return std::unexpected(kept.error());
            }
            return {};
        }));
    }
}

asio::awaitable<void> SignIn::forget_old() {
    registry_.forget_old();
    warn_of(co_await owner_.write({}, [&](data::OwnerSession& session) -> Result<void> {
        const std::int64_t now_us = clock_.now_us();
        auto over = auth::end_over_sessions(session, settings_, now_us);
        if (!over) return std::unexpected(over.error());
        auto pruned = auth::rate_limits::prune(session, now_us);
        if (!pruned) return pruned;
        const std::int64_t token_us = (settings_.access_token_s + clock_skew_s) * us_per_s;
        auto removed =
            session.remove("auth.ended_sessions", "ended_at < ?1", {Value(now_us - token_us)});
        if (!removed) return std::unexpected(removed.error());
        auto gone = auth::prune_tokens(session, context_);
        if (gone) gone = auth::prune_flows(session, context_);
        return gone;
    }));
}

void SignIn::stop() {
    passwords_.stop();
    transfers_->stop();
}

}  // namespace dunlin::server
