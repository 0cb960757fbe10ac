// What SQLite alone does with the work of the data API's benchmarks: one thread, prepared
// statements, nothing between.
//
//   bench_raw_reads --file PATH --work point|list|upsert --seconds S [--rows N]
//
// point: one row by its key; list: 1,000 rows written as JSON; upsert: 1,000 rows in one commit
// that is on disk. Prints one JSON line.

#include <fmt/format.h>
#include <unistd.h>

#include <functional>
#include <random>
#include <string>

#include "items_table.h"
#include "support.h"

namespace dunlin::bench {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr int list_rows = 1000;

constexpr const char* point_sql = "SELECT * FROM items WHERE id = ?1";
constexpr const char* list_sql = "SELECT * FROM items ORDER BY id LIMIT ?1";
constexpr const char* upsert_sql =
    "INSERT INTO items VALUES (?1, ?2, ?3, ?1 * 7, ?1 * 0.25, 1) ON CONFLICT (id) DO UPDATE SET "
    "name = "
    "excluded.name, note = excluded.note, amount = excluded.amount, price = excluded.price, "
    "is_open = "
    "excluded.is_open";

class RawReads {
public:
    RawReads(const std::string& file, int rows)
        : table_(file, rows),
          rows_(rows),
          point_(table_.prepare(point_sql)),
          list_(table_.prepare(list_sql)),
          upsert_(table_.prepare(upsert_sql)) {}

    /// Each gives the bytes of JSON that it made.
    std::size_t point() {
        sqlite3_bind_int(point_, 1, 1 + static_cast<int>(random_() % static_cast<unsigned>(rows_)));
        return read(point_);
    }

    std::size_t list() {
        sqlite3_bind_int(list_, 1, list_rows);
        return read(list_);
    }

    std::size_t upsert() {
        const std::string note = item_note();
        table_.execute("BEGIN IMMEDIATE");
        for (int id = 1; id <= list_rows; ++id) {
            const std::string name = item_name(id);
            sqlite3_bind_int(upsert_, 1, id);
            sqlite3_bind_text(upsert_, 2, name.data(), static_cast<int>(name.size()),
                              SQLITE_STATIC);
            sqlite3_bind_text(upsert_, 3, note.data(), static_cast<int>(note.size()),
                              SQLITE_STATIC);
            table_.check(sqlite3_step(upsert_));
            table_.check(sqlite3_reset(upsert_));
        }
        table_.execute("COMMIT");
        return 0;
    }

private:
    std::size_t read(sqlite3_stmt* statement) {
        json_ = "[";
        while (sqlite3_step(statement) == SQLITE_ROW) {
            if (json_.size() > 1) json_ += ",\n ";
            append_item_json(statement, json_);
        }
        table_.check(sqlite3_reset(statement));
        json_ += "]";
        return json_.size();
    }

    ItemsTable table_;
    int rows_;
    sqlite3_stmt* point_;  // the table closes with its statements (sqlite3_close_v2)
    sqlite3_stmt* list_;
    sqlite3_stmt* upsert_;
    std::string json_;
    std::mt19937_64 random_{42};
};

}  // namespace
}  // namespace dunlin::bench

int main(int argc, char** argv) {
    using namespace dunlin::bench;
    const Arguments arguments(argc, argv);
    RawReads raw(arguments.text("file", "raw.db"),
                 static_cast<int>(arguments.number("rows", 10'000)));
    const std::string work = arguments.text("work", "point");
    const std::function<std::size_t()> once = [&] {
        return work == "point" ? raw.point() : work == "list" ? raw.list() : raw.upsert();
    };
    std::size_t count = 0;
    std::size_t bytes = 0;
    const std::int64_t cpu_before = process_cpu_ns(getpid());
    const std::int64_t start = now_ns();
    const std::int64_t end = start + arguments.number("seconds", 2) * second_ns;
    for (; now_ns() < end; ++count) bytes += once();
    fmt::print(R"({{"rows":{},"bytes":{},"wall_ns":{},"cpu_ns":{}}})"
               "\n",
               count, bytes, now_ns() - start, process_cpu_ns(getpid()) - cpu_before);
}
