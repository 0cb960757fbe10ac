#include "engine/sqlite/database_fixture.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdlib>

namespace dunlin::engine {

namespace fs = std::filesystem;

DatabaseFixture::DatabaseFixture() {
    std::string pattern = (fs::temp_directory_path() / "dunlin-engine-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
}

DatabaseFixture::~DatabaseFixture() {
    engine_.reset();
    fs::remove_all(folder_);
}

void DatabaseFixture::open(SqliteOptions options) {
    engine_.reset();
    auto engine = open_sqlite(std::move(options));
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
}

void DatabaseFixture::define(const std::vector<std::string>& statements) {
    auto done = engine_->migrate([&](Session& session) -> Result<void> {
        for (const auto& sql : statements) {
            auto ran = session.run({sql});
            if (!ran) return std::unexpected(ran.error());
        }
        return {};
    });
    ASSERT_TRUE(done) << done.error().message;
}

Result<void> DatabaseFixture::write(Work work, Identity identity) {
    auto done = asio::co_spawn(loop_, engine_->write(std::move(identity), std::move(work)),
                               asio::use_future);
    loop_.restart();
    loop_.run();
    return done.get();
}

Result<void> DatabaseFixture::read(Work work, Identity identity) {
    auto done = asio::co_spawn(loop_, engine_->read(std::move(identity), std::move(work)),
                               asio::use_future);
    loop_.restart();
    loop_.run();
    return done.get();
}

Result<RowSet> DatabaseFixture::write_one(Statement statement) {
    Result<RowSet> rows = std::unexpected(Error{});
    auto done = write([&](Session& session) -> Result<void> {
        rows = session.run(statement);
        if (!rows) return std::unexpected(rows.error());
        return {};
    });
    if (!done) return std::unexpected(done.error());
    return rows;
}

Result<RowSet> DatabaseFixture::read_one(Statement statement) {
    Result<RowSet> rows = std::unexpected(Error{});
    auto done = read([&](Session& session) -> Result<void> {
        rows = session.run(statement);
        if (!rows) return std::unexpected(rows.error());
        return {};
    });
    if (!done) return std::unexpected(done.error());
    return rows;
}

std::future<Result<void>> DatabaseFixture::queue_write(Work work) {
    auto done = asio::co_spawn(loop_, engine_->write({.role = Role::ServiceRole}, std::move(work)),
                               asio::use_future);
    loop_.restart();
    loop_.poll();
    return done;
}

std::vector<Result<void>> DatabaseFixture::write_group(std::vector<Work> works) {
    // The writer is held until all are queued, so that it takes them together.
    std::promise<void> held;
    std::promise<void> release;
    auto holder = queue_write([&](Session&) -> Result<void> {
        held.set_value();
        release.get_future().wait();
        return {};
    });
    held.get_future().wait();
    std::vector<std::future<Result<void>>> waiting;
    for (Work& work : works) waiting.push_back(queue_write(std::move(work)));
    release.set_value();
    loop_.restart();
    loop_.run();
    std::vector<Result<void>> results;
    for (auto& done : waiting) results.push_back(done.get());
    return results;
}

Work statement_work(Statement statement) {
    return [statement = std::move(statement)](Session& session) -> Result<void> {
        auto done = session.run(statement);
        if (!done) return std::unexpected(done.error());
        return {};
    };
}

}  // namespace dunlin::engine
