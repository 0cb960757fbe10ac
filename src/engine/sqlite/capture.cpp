#include "engine/sqlite/capture.h"

#include <utility>

namespace dunlin::engine::sqlite {

namespace {

/// Adds a value of a preupdate image. Its text has no terminator, which sqlite3_value_text() would
/// copy it for; the bytes are UTF-8 as every database of ours.
void add_value(sqlite3_value* value, Row& row) {
    const auto bytes = [&] {
        const auto* data = static_cast<const char*>(sqlite3_value_blob(value));
        const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
        return data == nullptr ? std::string() : std::string(data, size);
    };
    switch (value == nullptr ? SQLITE_NULL : sqlite3_value_type(value)) {
        case SQLITE_INTEGER:
            row.emplace_back(static_cast<std::int64_t>(sqlite3_value_int64(value)));
            return;
        case SQLITE_FLOAT:
            row.emplace_back(sqlite3_value_double(value));
            return;
        case SQLITE_TEXT:
            row.emplace_back(bytes());
            return;
        case SQLITE_BLOB:
            row.emplace_back(Blob{bytes()});
            return;
        default:
            row.emplace_back();
    }
}

}  // namespace

void Capture::attach(sqlite3* database) {
    sqlite3_preupdate_hook(database, &Capture::hook, this);
}

void Capture::hook(void* self, sqlite3* database, int operation, const char* schema,
                   const char* table, sqlite3_int64, sqlite3_int64) noexcept {
    auto& capture = *static_cast<Capture*>(self);
    if (capture.paused_ || std::string_view(schema) != "main" || !capture.is_captured(table))
        return;
    RowChange change{.table = table, .origin = capture.origin_};
    change.kind = operation == SQLITE_INSERT   ? ChangeKind::Insert
                  : operation == SQLITE_UPDATE ? ChangeKind::Update
                                               : ChangeKind::Delete;
    if (change.kind != ChangeKind::Insert) {
        change.old_row = capture.read_image(database, sqlite3_preupdate_old);
    }
    if (change.kind != ChangeKind::Delete) {
        change.new_row = capture.read_image(database, sqlite3_preupdate_new);
    }
    change.depth = sqlite3_preupdate_depth(database);
    capture.changes_.push_back(std::move(change));
}

void Capture::fold_last(std::size_t mark, std::size_t into) {
    if (mark + into + 1 >= changes_.size()) return;
    changes_[mark + into].new_row = std::move(changes_.back().new_row);
    changes_.pop_back();
}

bool Capture::is_captured(std::string_view table) const {
    if (table.starts_with("_dunlin") || table.starts_with("sqlite_")) return false;
    if (virtual_tables_.empty()) return true;
    // The names that FTS5 gives its shadow tables, which SQLite reserves in the same way.
    for (const std::string_view suffix : {"_data", "_idx", "_content", "_docsize", "_config"}) {
        if (!table.ends_with(suffix)) continue;
        return !virtual_tables_.contains(
            std::string(table.substr(0, table.size() - suffix.size())));
    }
    return true;
}

Row Capture::read_image(sqlite3* database, int (*read)(sqlite3*, int, sqlite3_value**)) {
    const int columns = sqlite3_preupdate_count(database);
    Row row;
    row.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
        sqlite3_value* value = nullptr;
        if (read(database, column, &value) != SQLITE_OK) failed_ = true;
        add_value(value, row);
    }
    return row;
}

}  // namespace dunlin::engine::sqlite
