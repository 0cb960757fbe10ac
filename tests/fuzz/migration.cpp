// Any text is translated or refused, on a schema that already has a table.
#include "sql/migration.h"

#include <cstddef>
#include <cstdint>

using namespace dunlin;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Schema schema =
        sql::plan_migration(
            {}, "create table t (id bigint primary key, a text, b int, c timestamptz);", "t.sql")
            ->schema;
    (void)sql::plan_migration(schema, {reinterpret_cast<const char*>(data), size}, "fuzz.sql");
    return 0;
}
