#include "api/live_host.h"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "auth/token_refusal.h"
#include "core/check.h"
#include "core/clock.h"
#include "core/codec.h"
#include "core/functions.h"
#include "core/limits.h"
#include "io/spawn.h"

namespace dunlin::api {

namespace {

/// A commit can be read a moment before it is in the log. What the sets say has to be in the log
/// too: whoever resumes is told by it which memberships have changed since.
asio::awaitable<Result<void>> await_log(const changes::LogReader& log, Position position) {
    constexpr auto pause = std::chrono::milliseconds(1);
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (auto waited = pause; log.last() < position; waited += pause) {
        if (waited > limits::reader_timeout) {
            co_return std::unexpected(Error{ErrorCode::Unavailable, "the change log is behind"});
        }
        timer.expires_after(pause);
        co_await timer.async_wait(asio::use_awaitable);
    }
    co_return Result<void>();
}

asio::awaitable<void> load(data::Tables& tables, const changes::LogReader& log, Identity identity,
                           realtime::Host::ReaderLoaded done) {
    auto loaded = co_await tables.load_reader_at(std::move(identity));
    if (!loaded) co_return done(std::unexpected(loaded.error()));
    const auto logged = co_await await_log(log, loaded->position);
    if (!logged) co_return done(std::unexpected(logged.error()));
    done(std::move(loaded->reader));
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

/// The row of a message, but for what the table's defaults say.
Result<data::Fields> fields_of(const realtime::StoredMessage& message) {
    const auto& broadcast = message.broadcast;
    const bool is_private = message.privacy == realtime::Privacy::Private;
    data::Fields fields{{"id", Value(message.id)},
                        {"topic", Value(message.topic)},
                        {"extension", Value("broadcast")},
                        {"event", Value(broadcast.event)},
                        {"private", Value::boolean(is_private)}};
    if (message.expires_at_us != 0) fields.emplace_back("expires_at", Value(message.expires_at_us));
    if (broadcast.encoding == wire::PhoenixEncoding::Bytes) {
        fields.emplace_back("binary_payload", Value(Blob{broadcast.payload}));
        return fields;
    }
    auto payload = codec::parse_text({.kind = TypeKind::Jsonb}, broadcast.payload);
    if (!payload) return std::unexpected(payload.error());
    fields.emplace_back("payload", std::move(*payload));
    return fields;
}

asio::awaitable<void> store(data::Owner& owner, Identity sender, data::Fields fields,
                            realtime::Host::Done done) {
    data::Owner::Work work = [fields = std::move(fields)](data::OwnerSession& session) {
        return session.insert("realtime.messages", fields);
    };
    done(co_await owner.write(std::move(sender), std::move(work)));
}

realtime::StoredMessage message_of(std::string topic, const Row& row) {
    realtime::StoredMessage message{.id = row[0].text(), .topic = std::move(topic)};
    message.broadcast.event = row[1].text();
    if (row[3].is_blob()) {
        message.broadcast.encoding = wire::PhoenixEncoding::Bytes;
        message.broadcast.payload = row[3].bytes();
    } else {
        message.broadcast.payload = row[2].is_text() ? row[2].text() : "{}";
    }
    return message;
}

constexpr const char* replayed_sql =
    "SELECT id, event, payload, binary_payload FROM \"realtime.messages\" "
    "WHERE topic = ?1 AND private AND extension = 'broadcast' AND event IS NOT NULL "
    "AND inserted_at > ?2 AND (expires_at IS NULL OR expires_at > ?3) "
    "ORDER BY sequence DESC LIMIT ?4";

asio::awaitable<void> read(data::Owner& owner, std::string topic, realtime::ReplayRequest wanted,
                           realtime::Host::MessagesRead done) {
    std::vector<realtime::StoredMessage> messages;
    data::Owner::Work work = [&](data::OwnerSession& session) -> Result<void> {
        messages.clear();
        const auto rows = session.run(
            replayed_sql, {Value(topic), Value(wanted.since_us), Value(SystemClock().now_us()),
                           Value(static_cast<std::int64_t>(wanted.limit))});
        if (!rows) return std::unexpected(rows.error());
        for (const Row& row : *rows) messages.push_back(message_of(topic, row));
        return {};
    };
    const auto outcome = co_await owner.read(std::move(work));
    if (!outcome) {
        done(std::unexpected(outcome.error()));
        co_return;
    }
    std::ranges::reverse(messages);
    done(std::move(messages));
}

asio::awaitable<void> wait_and_call(asio::io_context& loop, std::chrono::milliseconds delay,
                                    std::function<void()> action) {
    asio::steady_timer timer(loop, delay);
    co_await timer.async_wait(asio::use_awaitable);
    action();
}

}  // namespace

LiveHost::LiveHost(asio::io_context& loop, const auth::Authenticator& authenticator,
                   const auth::SessionRegistry& registry, data::Tables& tables, data::Owner& owner,
                   const changes::LogReader& log, realtime::ResumePoints& resume_points,
                   Spread spread)
    : loop_(loop),
      authenticator_(authenticator),
      registry_(registry),
      tables_(tables),
      owner_(owner),
      log_(log),
      resume_points_(resume_points),
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
    io::spawn(loop_.get_executor(), load(tables_, log_, identity, std::move(done)), "load reader");
}

void LiveHost::read_log(Position after, std::size_t changes_max, LogRead done) {
    io::spawn(loop_.get_executor(), read_part(log_, after, changes_max, std::move(done)),
              "read log");
}

void LiveHost::read_rows(std::vector<realtime::RowsWanted> wanted, RowsRead done) {
    io::spawn(loop_.get_executor(), read_stored(tables_, std::move(wanted), std::move(done)),
              "read rows");
}

void LiveHost::spread(std::shared_ptr<const realtime::ChannelMessage> message) {
    spread_(std::move(message));
}

void LiveHost::call_after(std::chrono::milliseconds delay, std::function<void()> action) {
    io::spawn(loop_.get_executor(), wait_and_call(loop_, delay, std::move(action)), "live timer");
}

void LiveHost::store_message(const Identity& sender, realtime::StoredMessage message, Done done) {
    auto fields = fields_of(message);
    if (!fields) return done(std::unexpected(fields.error()));
    io::spawn(loop_.get_executor(), store(owner_, sender, std::move(*fields), std::move(done)),
              "store message");
}

void LiveHost::read_messages(std::string topic, realtime::ReplayRequest wanted, MessagesRead done) {
    io::spawn(loop_.get_executor(), read(owner_, std::move(topic), wanted, std::move(done)),
              "read messages");
}

std::string LiveHost::random_uuid() {
    const ScalarFunction* make = find_scalar_function("gen_random_uuid");
    CHECK(make != nullptr);
    const auto uuid = make->call({}, {});
    CHECK(uuid.has_value());  // The kernel's random numbers do not run out.
    return uuid->text();
}

}  // namespace dunlin::api
