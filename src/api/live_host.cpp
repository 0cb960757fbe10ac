#include "api/live_host.h"

#include <boost/asio/awaitable.hpp>

#include "auth/token_refusal.h"
#include "io/spawn.h"

namespace dunlin::api {

namespace {

asio::awaitable<void> load(data::Tables& tables, Identity identity,
                           realtime::Host::ReaderLoaded done) {
    auto reader = co_await tables.load_reader(std::move(identity));
    done(std::move(reader));
}

}  // namespace

LiveHost::LiveHost(asio::io_context& loop, const auth::Authenticator& authenticator,
                   const auth::SessionRegistry& registry, data::Tables& tables)
    : loop_(loop), authenticator_(authenticator), registry_(registry), tables_(tables) {}

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

}  // namespace dunlin::api
