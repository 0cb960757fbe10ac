#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>

/// The table that the ceilings of reading share: the same rows as rest_project's `items`, in
/// SQLite alone.
namespace dunlin::bench {

/// One connection to a file of its own with `count` items in it. Owns both.
class ItemsTable {
public:
    /// A new file; fails when there is one.
    ItemsTable(const std::string& file, int count);
    ~ItemsTable();
    ItemsTable(const ItemsTable&) = delete;
    ItemsTable& operator=(const ItemsTable&) = delete;

    sqlite3_stmt* prepare(const char* sql);
    void execute(const char* sql);
    /// Fails unless `code` is what a step or reset gives when all is well.
    void check(int code);

private:
    void fill(int count);

    sqlite3* database_ = nullptr;
};

/// Appends the current row of `select * from items` as a JSON object, without thinking about it.
void append_item_json(sqlite3_stmt* row, std::string& out);

constexpr int item_columns = 6;

/// The name and the note of an item, as rest.py makes them too.
std::string item_name(int id);
std::string item_note();

}  // namespace dunlin::bench
