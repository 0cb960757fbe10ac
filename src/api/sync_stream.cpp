#include "api/sync_stream.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <string_view>
#include <utility>

#include "api/sync_rows.h"
#include "core/codec.h"
#include "http/event_stream.h"
#include "io/spawn.h"

namespace dunlin::api {

namespace {

using SteadyClock = std::chrono::steady_clock;

/// An event is handed to the connection in pieces of this size, so that a large one meets no limit.
constexpr std::size_t piece_bytes = 128 * 1024;

std::string error_json(const Error& error) {
    std::string json = R"({"code":)";
    codec::write_json_string(error.sqlstate, json);
    json += R"(,"message":)";
    codec::write_json_string(error.message, json);
    return json + "}";
}

std::string position_json(Position position) {
    return R"({"position":")" + position.to_string() + R"("})";
}

/// One stream. Shared by the connection's handler and the coroutine that fills it: either may be
/// the last to leave.
class Stream {
public:
    Stream(asio::any_io_executor executor, SyncLoop loop, SyncSources sources,
           const SyncRequest& request, Identity identity, realtime::FeedView view)
        : sources_(sources),
          identity_(identity),
          entries_(view.entries()),
          with_rows_(request.snapshot),
          room_(std::move(executor), SteadyClock::time_point::max()),
          reader_(loop, sources, std::move(identity), std::move(view),
                  request.since.value_or(sources.log.last()), SyncReader::Waits::Yes) {}

    void open(http::StreamWriter& writer) { writer_ = &writer; }
    void close() {
        writer_ = nullptr;
        wake();
    }
    void stop() {
        stopping_ = true;
        wake();
    }
    void tell_room() { room_.cancel(); }

    /// Until the stream is over.
    asio::awaitable<void> run();

private:
    bool over() const { return writer_ == nullptr || stopping_ || reader_.stopping(); }
    void wake() {
        room_.cancel();
        reader_.wake();
    }
    asio::awaitable<Result<void>> send_rows();
    asio::awaitable<Result<void>> send_table(const realtime::FeedView::Entry& entry,
                                             std::optional<Position>& begin);
    asio::awaitable<Result<void>> send_changes();
    asio::awaitable<void> send_step(const SyncStep& step);
    asio::awaitable<void> send(std::string text);
    asio::awaitable<void> stay_alive();

    SyncSources sources_;
    Identity identity_;
    std::vector<realtime::FeedView::Entry> entries_;
    bool with_rows_;
    bool stopping_ = false;
    http::StreamWriter* writer_ = nullptr;  // null before it is open and after it is closed
    asio::steady_timer room_;               // never due: cancelled when there is room again
    SyncReader reader_;
    SteadyClock::time_point sent_at_ = SteadyClock::now();
};

asio::awaitable<void> Stream::run() {
    // Also begins the answer's body, so that the client knows at once that it is heard.
    co_await send(http::event_comment("feed"));
    auto done = with_rows_ ? co_await send_rows() : Result<void>();
    if (done) done = co_await send_changes();
    if (!done && writer_ != nullptr) {
        co_await send(http::event_text({.name = "error", .data = error_json(done.error())}));
    }
    if (writer_ != nullptr) writer_->end();
}

/// Rights first: a commit that changes them while the pages are read is then noticed.
asio::awaitable<Result<void>> Stream::send_rows() {
    auto prepared = co_await reader_.prepare();
    if (!prepared) co_return prepared;
    std::optional<Position> begin;
    for (const auto& entry : entries_) {
        auto sent = co_await send_table(entry, begin);
        if (!sent) co_return sent;
        if (over()) co_return Result<void>();
    }
    const Position from = begin.value_or(reader_.position());
    reader_.go_on_from(from);
    co_await send(http::event_text(
        {.id = from.to_string(), .name = "snapshot", .data = position_json(from)}));
    co_return Result<void>();
}

asio::awaitable<Result<void>> Stream::send_table(const realtime::FeedView::Entry& entry,
                                                 std::optional<Position>& begin) {
    std::string table;
    codec::write_json_string(entry.table->schema + "." + entry.table->name, table);
    Row after;
    while (!over()) {
        const auto page =
            co_await read_page_of_rows(sources_.tables, identity_, entry, std::move(after));
        if (!page) co_return std::unexpected(page.error());
        if (!begin) begin = page->position;
        // Without an id: who comes back before the end of the rows has to begin anew.
        co_await send(http::event_text(
            {.name = "rows", .data = R"({"table":)" + table + R"(,"rows":)" + page->json + "}"}));
        if (page->read < limits::feed_snapshot_page_rows) break;
        after = page->last_key;
    }
    co_return Result<void>();
}

asio::awaitable<Result<void>> Stream::send_changes() {
    while (!over()) {
        const auto step = co_await reader_.read(limits::feed_changes_default);
        if (writer_ == nullptr) break;
        if (!step) co_return std::unexpected(step.error());
        co_await send_step(*step);
        if (over()) break;
        if (step->more || !step->resync.empty()) continue;
        const auto due = sent_at_ + limits::feed_keep_alive;
        co_await reader_.wait(std::max(due - SteadyClock::now(), SteadyClock::duration(0)));
        if (!over() && !reader_.due()) co_await stay_alive();
    }
    co_return Result<void>();
}

asio::awaitable<void> Stream::send_step(const SyncStep& step) {
    if (!step.resync.empty()) {
        co_await send(http::event_text(
            {.id = step.position.to_string(), .name = "resync", .data = resync_json(step)}));
        co_return;
    }
    for (const SyncCommit& commit : step.commits) {
        if (writer_ == nullptr) co_return;
        co_await send(http::event_text(
            {.id = commit.position.to_string(), .name = "commit", .data = commit.json}));
    }
}

/// The position as well, so that who comes back much later need not read what was not for him.
asio::awaitable<void> Stream::stay_alive() {
    const Position position = reader_.position();
    co_await send(
        http::event_comment("keep-alive") +
        http::event_text(
            {.id = position.to_string(), .name = "position", .data = position_json(position)}));
}

/// Returns when the connection has taken it.
asio::awaitable<void> Stream::send(std::string text) {
    for (std::size_t begin = 0; begin < text.size(); begin += piece_bytes) {
        while (writer_ != nullptr && !writer_->writable())
            co_await room_.async_wait(asio::as_tuple(asio::use_awaitable));
        if (writer_ == nullptr) co_return;
        writer_->write(std::make_shared<const std::string>(text.substr(begin, piece_bytes)));
    }
    sent_at_ = SteadyClock::now();
}

asio::awaitable<void> run_stream(std::shared_ptr<Stream> stream) {
    co_await stream->run();
}

class StreamHandler final : public http::StreamHandler {
public:
    StreamHandler(asio::any_io_executor executor, std::shared_ptr<Stream> stream)
        : executor_(std::move(executor)), stream_(std::move(stream)) {}

    void opened(http::StreamWriter& writer) override {
        stream_->open(writer);
        io::spawn(executor_, run_stream(stream_), "feed");
    }
    void drained() override { stream_->tell_room(); }
    void stopping() override { stream_->stop(); }
    void closed() override { stream_->close(); }

private:
    asio::any_io_executor executor_;
    std::shared_ptr<Stream> stream_;  // with the coroutine
};

}  // namespace

std::string resync_json(const SyncStep& step) {
    std::string json = R"({"code":"resync","message":)";
    codec::write_json_string(step.resync, json);
    return json + R"(,"position":")" + step.position.to_string() +
           R"(","details":null,"hint":"Read the rows again, then go on from this position."})";
}

http::Response sync_stream(asio::any_io_executor executor, SyncLoop loop, SyncSources sources,
                           const SyncRequest& request, Identity identity, realtime::FeedView view) {
    auto stream = std::make_shared<Stream>(executor, loop, sources, request, std::move(identity),
                                           std::move(view));
    return http::event_stream(
        std::make_unique<StreamHandler>(std::move(executor), std::move(stream)));
}

}  // namespace dunlin::api
