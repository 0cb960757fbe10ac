#pragma once

#include <sqlite3.h>

#include <cstddef>

namespace dunlin::engine::sqlite {

/// Moves the write-ahead log into the database file. Only the writer checkpoints, between commits.
///
/// Every thousand pages without waiting for anyone; and over `restart_bytes`, when readers have
/// kept the log from starting over, by waiting a moment for them.
class Checkpointer {
public:
    explicit Checkpointer(std::size_t restart_bytes) : restart_bytes_(restart_bytes) {}

    void attach(sqlite3* database);
    /// Call after a commit.
    void run_if_due();

private:
    static int note_commit(void* self, sqlite3* database, const char* schema, int pages) noexcept;
    void restart();

    sqlite3* database_ = nullptr;
    std::size_t restart_bytes_;
    std::size_t page_bytes_ = 4096;
    std::size_t pages_ = 0;       // in the log after the last commit
    std::size_t passive_at_ = 0;  // pages at which the next checkpoint is due
    std::size_t restart_at_ = 0;  // pages at which waiting for readers is worth it again
};

}  // namespace dunlin::engine::sqlite
