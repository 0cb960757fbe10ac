#include "api/live_host.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "auth/token_refusal.h"
#include "core/check.h"
#include "core/functions.h"
#include "io/spawn.h"

namespace dunlin::api {

namespace {

asio::awaitable<void> load(data::Tables& tables, Identity identity,
                           realtime::Host::ReaderLoaded done) {
    auto reader = co_await tables.load_reader(std::move(identity));
    done(std::move(reader));
}

asio::awaitable<void> wait_and_call(asio::io_context& loop, std::chrono::milliseconds delay,
                                    std::function<void()> action) {
    asio::steady_timer timer(loop, delay);
    co_await timer.async_wait(asio::use_awaitable);
    action();
}

}  // namespace

LiveHost::LiveHost(asio::io_context& loop, const auth::Authenticator& authenticator,
                   const auth::SessionRegistry& registry, data::Tables& tables, Spread spread)
    : loop_(loop),
      authenticator_(authenticator),
      registry_(registry),
      tables_(tables),
      spread_(std::move(spread)) {}

Result<Identity> LiveHost::verify(std::string_view token) {
    auto identity = authenticator_.verify(token);
    if (identity) return std::move(*identity);
    // The socket's clients know this by another sentence than those of the data API.
    if (identity.error().fault == auth::TokenFault::Expired) {
        return std::unexpected(Error{ErrorCode::Unauthorized, "Token has expired"});
    }
    return std::unexpected(auth::error_of(identity.error()));
}

Result<Identity> LiveHost::current(const Identity& identity) {
    auto now = registry_.current(identity);
    if (!now) return std::unexpected(auth::error_of(now.error()));
    return std::move(*now);
}

void LiveHost::load_reader(const Identity& identity, ReaderLoaded done) {
    if (tables_.rules().set_queries().empty()) {
        done(tables_.rules().make_reader(identity, {}));
        return;
    }
    io::spawn(loop_.get_executor(), load(tables_, identity, std::move(done)), "load reader");
}

void LiveHost::spread(std::shared_ptr<const realtime::ChannelMessage> message) {
    spread_(std::move(message));
}

void LiveHost::call_after(std::chrono::milliseconds delay, std::function<void()> action) {
    io::spawn(loop_.get_executor(), wait_and_call(loop_, delay, std::move(action)), "live timer");
}

std::string LiveHost::random_uuid() {
    const ScalarFunction* make = find_scalar_function("gen_random_uuid");
    CHECK(make != nullptr);
    const auto uuid = make->call({}, {});
    CHECK(uuid.has_value());  // The kernel's random numbers do not run out.
    return uuid->text();
}

}  // namespace dunlin::api
