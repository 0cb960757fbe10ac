#include "engine/sqlite/sqlite_engine.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <thread>
#include <vector>

#include "core/check.h"
#include "engine/sqlite/connection.h"
#include "engine/sqlite/reader.h"
#include "engine/sqlite/work_queue.h"
#include "engine/sqlite/writer.h"
#include "io/posted.h"
#include "io/thread_name.h"

namespace dunlin::engine {

namespace {

using sqlite::Connection;
using sqlite::ConnectionKind;
using sqlite::Unit;
using sqlite::UnitKind;
using sqlite::WorkQueue;

/// Queues the unit when awaited; the awaiting coroutine resumes on its executor.
asio::awaitable<Result<void>> run_queued(WorkQueue& queue, Identity identity, Work work) {
    auto initiate = [&queue](auto handler, Identity who, Work what) {
        queue.push(
            Unit{std::move(who), std::move(what), io::posted<Result<void>>(std::move(handler))});
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<void>)>(
        std::move(initiate), asio::use_awaitable, std::move(identity), std::move(work));
}

Result<void> run_blocking(WorkQueue& queue, Work work, UnitKind kind) {
    std::promise<Result<void>> promise;
    queue.push(Unit{Identity{.role = Role::ServiceRole}, std::move(work),
                    [&](Result<void> result) { promise.set_value(std::move(result)); }, kind});
    return promise.get_future().get();
}

class SqliteEngine final : public Engine {
public:
    explicit SqliteEngine(SqliteOptions options)
        : options_(std::move(options)),
          writes_(options_.queue_units_max),
          reads_(options_.queue_units_max) {}
    ~SqliteEngine() override { stop(); }

    Result<void> start();

    asio::awaitable<Result<void>> read(Identity identity, Work work) override {
        return run_queued(reads_, std::move(identity), std::move(work));
    }
    asio::awaitable<Result<void>> write(Identity identity, Work work) override {
        return run_queued(writes_, std::move(identity), std::move(work));
    }
    Result<void> migrate(Work work) override {
        return run_blocking(writes_, std::move(work), UnitKind::Migration);
    }
    Result<void> read_now(Work work) override {
        return run_blocking(reads_, std::move(work), UnitKind::Ordinary);
    }
    void set_schema(std::shared_ptr<const Schema> schema) override {
        schema_.set(std::move(schema));
    }
    EngineStatistics statistics() const override;
    void stop() override;

private:
    Result<std::unique_ptr<Connection>> connect(ConnectionKind kind);
    Result<void> check_file(Connection& connection);

    SqliteOptions options_;
    sqlite::SchemaSlot schema_;
    WorkQueue writes_;
    WorkQueue reads_;
    std::atomic<std::uint64_t> read_count_ = 0;
    std::unique_ptr<sqlite::Writer> writer_;
    std::vector<std::unique_ptr<sqlite::Reader>> readers_;
    std::thread writer_thread_;
    std::vector<std::thread> reader_threads_;
};

Result<std::unique_ptr<Connection>> SqliteEngine::connect(ConnectionKind kind) {
    return Connection::open({.file = options_.file,
                             .kind = kind,
                             .statement_timeouts = options_.statement_timeouts,
                             .result_bytes_max = options_.result_bytes_max,
                             .schema = &schema_});
}

Result<void> SqliteEngine::check_file(Connection& connection) {
    connection.set_time_limit(Connection::TimeLimit::Off);
    const auto found = connection.query({"pragma quick_check(1)"});
    connection.set_time_limit(Connection::TimeLimit::On);
    const std::string answer = !found ? found.error().text : found->rows.at(0).at(0).text();
    if (answer == "ok") return {};
    return std::unexpected(Error{ErrorCode::Unavailable,
                                 fmt::format("{} is damaged: {}", options_.file.string(), answer)});
}

Result<void> SqliteEngine::start() {
    auto writing = connect(ConnectionKind::Writer);
    if (!writing) return std::unexpected(writing.error());
    auto checked = check_file(**writing);
    if (!checked) return checked;
    writer_ = std::make_unique<sqlite::Writer>(std::move(*writing), writes_, *options_.clock,
                                               options_.observer, options_.checkpoint_bytes);
    for (std::size_t i = 0; i < options_.readers; ++i) {
        auto reading = connect(ConnectionKind::Reader);
        if (!reading) return std::unexpected(reading.error());
        readers_.push_back(std::make_unique<sqlite::Reader>(std::move(*reading), reads_,
                                                            *options_.clock, read_count_));
    }
    writer_thread_ = std::thread([this] {
        io::name_thread("writer");
        writer_->run();
    });
    for (std::size_t i = 0; i < readers_.size(); ++i) {
        reader_threads_.emplace_back([this, i] {
            io::name_thread(fmt::format("reader {}", i));
            readers_[i]->run();
        });
    }
    return {};
}

EngineStatistics SqliteEngine::statistics() const {
    return {.commits = writer_->counters().commits,
            .units = writer_->counters().units,
            .reads = read_count_,
            .write_queue = writes_.size()};
}

void SqliteEngine::stop() {
    writes_.stop();
    reads_.stop();
    if (writer_thread_.joinable()) writer_thread_.join();
    for (std::thread& thread : reader_threads_) {
        if (thread.joinable()) thread.join();
    }
}

}  // namespace

Result<std::unique_ptr<Engine>> open_sqlite(SqliteOptions options) {
    CHECK(options.clock != nullptr);
    CHECK(options.readers > 0);
    auto engine = std::make_unique<SqliteEngine>(std::move(options));
    auto started = engine->start();
    if (!started) return std::unexpected(started.error());
    return engine;
}

}  // namespace dunlin::engine
