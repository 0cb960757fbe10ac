#include "engine/sqlite/checkpointer.h"

#include "io/log.h"

namespace dunlin::engine::sqlite {

namespace {

constexpr std::size_t passive_pages = 1'000;
constexpr int restart_wait_ms = 200;  // commits wait meanwhile
constexpr int usual_wait_ms = 5'000;

}  // namespace

void Checkpointer::attach(sqlite3* database) {
    database_ = database;
    passive_at_ = passive_pages;
    restart_at_ = restart_bytes_ / page_bytes_;
    sqlite3_wal_hook(database, &Checkpointer::note_commit, this);
}

int Checkpointer::note_commit(void* self, sqlite3*, const char*, int pages) noexcept {
    auto& checkpointer = *static_cast<Checkpointer*>(self);
    const auto count = static_cast<std::size_t>(pages);
    if (count < checkpointer.pages_) {  // The log has started over.
        checkpointer.passive_at_ = passive_pages;
        checkpointer.restart_at_ = checkpointer.restart_bytes_ / checkpointer.page_bytes_;
    }
    checkpointer.pages_ = count;
    return SQLITE_OK;
}

void Checkpointer::run_if_due() {
    if (pages_ >= restart_at_) return restart();
    if (pages_ < passive_at_) return;
    passive_at_ = pages_ + passive_pages;
    const int code =
        sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (code != SQLITE_OK) log::warn("checkpoint failed", {{"error", sqlite3_errstr(code)}});
}

void Checkpointer::restart() {
    sqlite3_busy_timeout(database_, restart_wait_ms);
    const int code =
        sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    sqlite3_busy_timeout(database_, usual_wait_ms);
    if (code == SQLITE_OK) {
        pages_ = 0;
        passive_at_ = passive_pages;
        restart_at_ = restart_bytes_ / page_bytes_;
        return;
    }
    // A reader is in the way: do not make every commit wait for it.
    restart_at_ = pages_ + restart_bytes_ / page_bytes_ / 4 + 1;
    passive_at_ = pages_ + passive_pages;
    log::warn("the write-ahead log cannot start over yet",
              {{"bytes", pages_ * page_bytes_}, {"error", sqlite3_errstr(code)}});
}

}  // namespace dunlin::engine::sqlite
