#include "items_table.h"

#include <fmt/format.h>

#include <iterator>

#include "support.h"

namespace dunlin::bench {

namespace {

constexpr std::size_t note_bytes = 120;

std::string_view text_of(sqlite3_stmt* row, int column) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
    return {text, static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

}  // namespace

std::string item_name(int id) {
    return fmt::format("item number {}", id);
}

std::string item_note() {
    return std::string(note_bytes, 'n');
}

ItemsTable::ItemsTable(const std::string& file, int count) {
    if (sqlite3_open(file.c_str(), &database_) != SQLITE_OK) fail("cannot open " + file);
    execute("PRAGMA journal_mode=WAL");
    execute("PRAGMA synchronous=FULL");
    execute(
        "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, note TEXT, amount INTEGER "
        "NOT NULL, price REAL NOT NULL, is_open INTEGER NOT NULL) STRICT");
    fill(count);
}

ItemsTable::~ItemsTable() {
    sqlite3_close_v2(database_);
}

sqlite3_stmt* ItemsTable::prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    return statement;
}

void ItemsTable::execute(const char* sql) {
    check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr));
}

void ItemsTable::check(int code) {
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        fail(sqlite3_errmsg(database_));
}

void ItemsTable::fill(int count) {
    sqlite3_stmt* insert =
        prepare("INSERT INTO items VALUES (?1, ?2, ?3, ?1 * 7, ?1 * 0.25, ?1 % 2)");
    const std::string note = item_note();
    execute("BEGIN IMMEDIATE");
    for (int id = 1; id <= count; ++id) {
        const std::string name = item_name(id);
        sqlite3_bind_int(insert, 1, id);
        sqlite3_bind_text(insert, 2, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
        sqlite3_bind_text(insert, 3, note.data(), static_cast<int>(note.size()), SQLITE_STATIC);
        check(sqlite3_step(insert));
        check(sqlite3_reset(insert));
    }
    execute("COMMIT");
    sqlite3_finalize(insert);
}

void append_item_json(sqlite3_stmt* row, std::string& out) {
    fmt::format_to(std::back_inserter(out),
                   R"({{"id":{},"name":"{}","note":"{}","amount":{},"price":{},"is_open":{}}})",
                   sqlite3_column_int64(row, 0), text_of(row, 1), text_of(row, 2),
                   sqlite3_column_int64(row, 3), sqlite3_column_double(row, 4),
                   sqlite3_column_int(row, 5) != 0);
}

}  // namespace dunlin::bench
