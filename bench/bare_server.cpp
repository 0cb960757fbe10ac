// The ceiling of a point select: the server's own HTTP code with nothing behind it but one prepared
// statement on the loop's thread. No key is read, no policy, no plan, no rows of another.
//
//   bench_bare_server --file PATH --rows N
//
// Answers GET /rest/v1/items?id=eq.N with the row.

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <semaphore>

#include "core/clock.h"
#include "http/server.h"
#include "io/loops.h"
#include "items_table.h"
#include "support.h"

namespace {

namespace asio = boost::asio;
using dunlin::bench::ItemsTable;

constexpr std::string_view query_start = "id=eq.";

/// One row or none, as a JSON array.
std::string read_item(ItemsTable& table, sqlite3_stmt* statement, std::string_view query) {
    const int id = std::atoi(std::string(query.substr(query_start.size())).c_str());
    sqlite3_bind_int(statement, 1, id);
    std::string json = "[";
    const int code = sqlite3_step(statement);
    table.check(code);
    if (code == SQLITE_ROW) dunlin::bench::append_item_json(statement, json);
    table.check(sqlite3_reset(statement));
    return json + "]";
}

asio::awaitable<dunlin::http::Response> answer(ItemsTable& table, sqlite3_stmt* statement,
                                               const dunlin::http::Request& request) {
    if (!request.query.starts_with(query_start)) co_return dunlin::http::Response{.status = 400};
    co_return dunlin::http::Response::json(200, read_item(table, statement, request.query));
}

}  // namespace

int main(int argc, char** argv) {
    const dunlin::bench::Arguments arguments(argc, argv);
    ItemsTable table(arguments.text("file", "bare.db"),
                     static_cast<int>(arguments.number("rows", 10'000)));
    sqlite3_stmt* statement = table.prepare("SELECT * FROM items WHERE id = ?1");
    const dunlin::SystemClock clock;
    dunlin::io::Loops loops(1);
    dunlin::http::Router router;
    router.add(
        dunlin::http::Method::Get, "/rest/v1/items",
        [&](const dunlin::http::Request& request) { return answer(table, statement, request); });
    auto server = dunlin::http::Server::listen({.port = 0}, {&loops.at(0)}, router, clock);
    if (!server) dunlin::bench::fail(server.error().message);
    loops.start();
    fmt::print("bare ready at http://127.0.0.1:{}\n", (*server)->port());
    std::fflush(stdout);
    // It is ended by a signal; the main thread has nothing to do.
    std::binary_semaphore never(0);
    never.acquire();
}
