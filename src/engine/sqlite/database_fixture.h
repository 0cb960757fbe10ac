#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "engine/sqlite/sqlite_engine.h"

namespace dunlin::engine {

/// A database in a folder of its own, and a loop for its callers that the test turns by hand.
class DatabaseFixture : public testing::Test {
protected:
    DatabaseFixture();
    ~DatabaseFixture() override;

    /// The options for this folder, clock and observer.
    SqliteOptions options() const {
        return {.file = folder_ / "test.db", .readers = 2, .clock = &clock_, .observer = observer_};
    }
    void open(SqliteOptions options);
    void close() { engine_.reset(); }

    /// In one migration.
    void define(const std::vector<std::string>& statements);
    /// Runs a unit to its end and gives its result.
    Result<void> write(Work work, Identity identity = {.role = Role::ServiceRole});
    Result<void> read(Work work, Identity identity = {});
    /// One statement as a unit; nothing else in its transaction.
    Result<RowSet> write_one(Statement statement);
    Result<RowSet> read_one(Statement statement);
    /// Runs the units in one group commit, in this order.
    std::vector<Result<void>> write_group(std::vector<Work> works);
    /// Queues a unit without waiting; turn loop_ to let its caller resume.
    std::future<Result<void>> queue_write(Work work);

    std::filesystem::path folder_;
    SystemClock clock_;
    CommitObserver* observer_ = nullptr;
    boost::asio::io_context loop_{1};
    std::unique_ptr<Engine> engine_;
};

/// A work of one statement whose result is dropped.
Work statement_work(Statement statement);

}  // namespace dunlin::engine
