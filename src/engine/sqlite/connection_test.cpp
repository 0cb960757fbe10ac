#include "engine/sqlite/connection.h"

#include <gtest/gtest.h>

#include "engine/sqlite/database_fixture.h"

namespace dunlin::engine::sqlite {

using ConnectionTest = DatabaseFixture;

TEST_F(ConnectionTest, AStatementIsCompiledOnceWhateverValuesItIsGiven) {
    open(options());
    define({"create table t (id integer primary key, v text)", "insert into t values (1, 'a')"});
    struct Case {
        const char* why;
        const char* sql;
        std::vector<Value> first, second;
    };
    const Case cases[] = {
        {"a key",
         "select v from t where id = ?1",
         {Value(std::int64_t{1})},
         {Value(std::int64_t{2})}},
        {"a limit",
         "select v from t order by id limit ?1 offset ?2",
         {Value(std::int64_t{1}), Value(std::int64_t{0})},
         {Value(std::int64_t{1000}), Value(std::int64_t{1})}},
    };
    const SchemaSlot schema;
    auto connection =
        Connection::open({.file = options().file, .result_bytes_max = 1000, .schema = &schema});
    ASSERT_TRUE(connection) << connection.error().message;
    for (const Case& c : cases) {
        auto prepared = (*connection)->prepare(c.sql);
        ASSERT_TRUE(prepared) << c.why;
        for (const auto* parameters : {&c.first, &c.second, &c.first})
            ASSERT_TRUE((*connection)->execute(**prepared, *parameters)) << c.why;
        EXPECT_EQ(sqlite3_stmt_status((*prepared)->handle.get(), SQLITE_STMTSTATUS_REPREPARE, 0), 0)
            << c.why;
    }
}

}  // namespace dunlin::engine::sqlite
