// The ceiling of durable creates: SQLite alone, one thread, one prepared statement, the table and
// the rows of the server, committed in groups, each on disk (WAL, synchronous=FULL) before the
// next.
//
//   bench_raw_sqlite --file PATH --group ROWS --seconds S [--payload-bytes B] [--log yes]
//
// --log also keeps a record of each commit, as the server does: one blob with all rows of the
// group. Prints one JSON line.

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "http_client.h"
#include "support.h"

namespace dunlin::bench {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr int uuid_bytes = 16;
constexpr std::size_t other_columns_bytes = uuid_bytes + 5 + 8;

constexpr const char* table_sql =
    "CREATE TABLE events (id BLOB NOT NULL PRIMARY KEY, kind TEXT, payload TEXT, created_at "
    "INTEGER)";
constexpr const char* log_table_sql = "CREATE TABLE log (position INTEGER PRIMARY KEY, rows BLOB)";
constexpr const char* log_sql = "INSERT INTO log (rows) VALUES (?1)";
constexpr const char* insert_sql =
    "INSERT INTO events (id, kind, payload, created_at) VALUES (?1, ?2, ?3, ?4)";

class RawSqlite {
public:
    RawSqlite(const std::string& file, std::size_t payload_bytes) : payload_(payload_bytes, 'x') {
        if (sqlite3_open(file.c_str(), &database_) != SQLITE_OK) fail("cannot open " + file);
        execute("PRAGMA journal_mode=WAL");
        execute("PRAGMA synchronous=FULL");
        execute(table_sql);
        execute(log_table_sql);
        insert_ = prepare(insert_sql);
        log_ = prepare(log_sql);
    }

    ~RawSqlite() {
        sqlite3_finalize(insert_);
        sqlite3_finalize(log_);
        sqlite3_close(database_);
    }

    void commit_group(std::size_t rows, bool with_log) {
        execute("BEGIN IMMEDIATE");
        for (std::size_t i = 0; i < rows; ++i) insert();
        if (with_log) insert_log(rows);
        execute("COMMIT");
    }

private:
    void check(int code) {
        if (code != SQLITE_OK && code != SQLITE_DONE) fail(sqlite3_errmsg(database_));
    }

    void execute(const char* sql) {
        check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr));
    }

    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        check(
            sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
        return statement;
    }

    void insert_log(std::size_t rows) {
        const std::string record(rows * (payload_.size() + other_columns_bytes), 'x');
        sqlite3_bind_blob(log_, 1, record.data(), static_cast<int>(record.size()), SQLITE_STATIC);
        check(sqlite3_step(log_));
        check(sqlite3_reset(log_));
    }

    void insert() {
        const std::uint64_t id[2] = {random_(), random_()};
        sqlite3_bind_blob(insert_, 1, id, uuid_bytes, SQLITE_STATIC);
        sqlite3_bind_text(insert_, 2, "bench", -1, SQLITE_STATIC);
        sqlite3_bind_text(insert_, 3, payload_.data(), static_cast<int>(payload_.size()),
                          SQLITE_STATIC);
        sqlite3_bind_int64(insert_, 4, now_ns());
        check(sqlite3_step(insert_));
        check(sqlite3_reset(insert_));
    }

    sqlite3* database_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
    sqlite3_stmt* log_ = nullptr;
    std::string payload_;
    std::mt19937_64 random_{42};
};

}  // namespace
}  // namespace dunlin::bench

int main(int argc, char** argv) {
    using namespace dunlin::bench;
    const Arguments arguments(argc, argv);
    RawSqlite sqlite(arguments.text("file", "raw.db"),
                     static_cast<std::size_t>(arguments.number("payload-bytes", 200)));
    const auto group = static_cast<std::size_t>(arguments.number("group", 100));
    const bool with_log = arguments.text("log", "no") == "yes";
    std::vector<double> commits_ms;
    const std::int64_t cpu_before = process_cpu_ns(getpid());
    const std::int64_t start = now_ns();
    const std::int64_t end = start + arguments.number("seconds", 5) * second_ns;
    for (std::int64_t now = start; now < end;) {
        sqlite.commit_group(group, with_log);
        const std::int64_t committed = now_ns();
        commits_ms.push_back(static_cast<double>(committed - now) / 1e6);
        now = committed;
    }
    const std::int64_t wall_ns = now_ns() - start;
    const std::int64_t cpu_ns = process_cpu_ns(getpid()) - cpu_before;
    const std::size_t rows = commits_ms.size() * group;
    fmt::print(R"({{"rows":{},"wall_ns":{},"cpu_ns":{},"p50_ms":{:.3f},"p99_ms":{:.3f}}})"
               "\n",
               rows, wall_ns, cpu_ns, percentile(commits_ms, 0.5), percentile(commits_ms, 0.99));
}
