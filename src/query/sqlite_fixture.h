#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/functions.h"
#include "query/read_plan.h"
#include "query/rest_query.h"
#include "query/table_sql.h"

/// Tests: runs what the writers write on a database in memory.
namespace dunlin::query {

class TestDatabase {
public:
    TestDatabase();
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    /// Rows, the refusal of a function, or SQLite's message as an Internal error.
    Result<std::vector<Row>> run(const std::string& sql, const std::vector<Value>& parameters = {});

    /// The rows inserted or updated since the last call, as they became.
    std::vector<Row> take_written() { return std::exchange(written_, {}); }

private:
    struct Entry {
        TestDatabase* owner;
        const ScalarFunction* function;
    };
    static void call(sqlite3_context* context, int count, sqlite3_value** values);
    static void note_write(void* self, sqlite3* database, int operation, const char* schema,
                           const char* table, sqlite3_int64 old_id, sqlite3_int64 new_id);

    std::vector<Entry> entries_;  // what the registered functions point to
    Error refusal_;               // of the last function that failed
    std::vector<Row> written_;
    std::unique_ptr<sqlite3, int (*)(sqlite3*)> handle_;
};

/// `clinic.patients`, with a column of most types.
Table patients_table();
/// The statements that make it and fill it with four rows.
std::vector<std::string> patients_statements();

/// Everyone sees every row.
Result<RelationSource> unrestricted(const Table& table, std::string_view alias);

/// The answer to a select as the client gets it, or the refusal. `given` are rows of a plan over
/// given rows.
std::string answer_to(TestDatabase& database, const Table& table, std::string_view url,
                      const ReadContext& context, const std::vector<Row>& given = {});

/// Reads `a=eq.1&select=b`; nothing is decoded.
Result<RestQuery> parse_url(std::string_view text);

/// "SQLSTATE message", and details and hint in brackets when there are some.
std::string shown(const Error& error);

}  // namespace dunlin::query
