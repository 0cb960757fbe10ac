#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/engine.h"

namespace dunlin::engine::sqlite {

/// Every row the writing connection changes, as SQLite's preupdate hook sees it: also by cascades,
/// triggers and REPLACE. The hook is not told of what is rolled back, so whoever rolls back to a
/// savepoint also truncates to the mark taken when it was opened. Belongs to the writer's thread.
///
/// Left out: the engine's own tables (`_dunlin…`, `sqlite_…`) and the shadow tables of virtual
/// ones.
class Capture {
public:
    /// Must come before any statement is prepared: one prepared earlier may delete unseen.
    void attach(sqlite3* database);

    /// Who causes the changes that follow; copied into each.
    void set_origin(Origin origin) { origin_ = std::move(origin); }
    /// Tables named `name` + "_data" and so on belong to a virtual table.
    void add_virtual_table(std::string_view name) { virtual_tables_.emplace(name); }
    void pause() { paused_ = true; }
    void resume() { paused_ = false; }

    /// Everything, which leaves nothing.
    std::vector<RowChange> take() { return std::exchange(changes_, {}); }
    std::size_t mark() const { return changes_.size(); }
    void truncate(std::size_t mark) { changes_.resize(mark); }
    /// See Session::fold_last_change(); `into` counts from `mark`.
    void fold_last(std::size_t mark, std::size_t into);
    /// Empty when the mark is gone with a lost transaction.
    std::span<const RowChange> since(std::size_t mark) const {
        return std::span(changes_).subspan(std::min(mark, changes_.size()));
    }
    /// Whether SQLite could not give an image since the last call: the statement must then be
    /// refused.
    bool take_failure() { return std::exchange(failed_, false); }

private:
    static void hook(void* self, sqlite3* database, int operation, const char* schema,
                     const char* table, sqlite3_int64 old_id, sqlite3_int64 new_id) noexcept;
    bool is_captured(std::string_view table) const;
    Row read_image(sqlite3* database, int (*read)(sqlite3*, int, sqlite3_value**));

    std::vector<RowChange> changes_;
    Origin origin_;
    std::unordered_set<std::string> virtual_tables_;
    bool paused_ = false;
    bool failed_ = false;
};

}  // namespace dunlin::engine::sqlite
