#include "api/live_host.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "auth/token_refusal.h"
#include "core/limits.h"
#include "io/spawn.h"

namespace dunlin::api {

namespace {

asio::awaitable<void> load(data::Tables& tables, Identity identity,
                           realtime::Host::ReaderLoaded done) {
    auto reader = co_await tables.load_reader(std::move(identity));
    done(std::move(reader));
}

/// Posted, so that a channel whose log is in memory does not keep the others from their turn.
asio::awaitable<void> read_part(const changes::LogReader& log, Position after,
                                std::size_t changes_max, realtime::Host::LogRead done) {
    co_await asio::post(asio::use_awaitable);
    done(co_await log.read_after(after, changes_max));
}

asio::awaitable<void> read_stored(data::Tables& tables, std::vector<realtime::RowsWanted> wanted,
                                  realtime::Host::RowsRead done) {
    std::vector<data::StoredRowsQuery> queries;
    for (realtime::RowsWanted& one : wanted) {
        queries.push_back({one.table, one.column, std::move(one.values)});
    }
    auto found = co_await tables.stored_rows(std::move(queries), limits::moved_rows_max);
    if (!found) co_return done(std::unexpected(found.error()));
    done(realtime::StoredRows{found->position, std::move(found->rows), found->complete});
}

}  // namespace

LiveHost::LiveHost(asio::io_context& loop, const auth::Authenticator& authenticator,
                   const auth::SessionRegistry& registry, data::Tables& tables,
                   const changes::LogReader& log, realtime::ResumePoints& resume_points)
    : loop_(loop),
      authenticator_(authenticator),
      registry_(registry),
      tables_(tables),
      log_(log),
      resume_points_(resume_points) {}

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

void LiveHost::read_log(Position after, std::size_t changes_max, LogRead done) {
    io::spawn(loop_.get_executor(), read_part(log_, after, changes_max, std::move(done)),
              "read log");
}

void LiveHost::read_rows(std::vector<realtime::RowsWanted> wanted, RowsRead done) {
    io::spawn(loop_.get_executor(), read_stored(tables_, std::move(wanted), std::move(done)),
              "read rows");
}

}  // namespace dunlin::api
