#include "engine/sqlite/functions.h"

#include <gtest/gtest.h>

#include "engine/sqlite/database_fixture.h"

namespace dunlin::engine {

namespace {

class FunctionsTest : public DatabaseFixture {
protected:
    FunctionsTest() {
        open(options());
        define(
            {"create table t (id integer primary key, who text default (auth_uid()), "
             "price text collate pg_numeric unique) strict"});
    }
};

}  // namespace

TEST_F(FunctionsTest, AuthUidIsTheUnitsOwn) {
    const std::string ann = "0b5c3e0e-0000-4000-8000-000000000001";
    const std::string bob = "0b5c3e0e-0000-4000-8000-000000000002";
    for (const auto& user : {ann, bob}) {
        const auto done = write(statement_work({"insert into t default values"}),
                                {.role = Role::Authenticated, .user_id = user});
        ASSERT_TRUE(done) << done.error().message;
    }
    const auto rows = read_one({"select who from t order by id"});
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->rows, (std::vector<Row>{{Value(ann)}, {Value(bob)}}));
    const auto done = read(
        [&](Session& session) -> Result<void> {
            const auto own = session.run({"select id from t where who = auth_uid()"});
            EXPECT_EQ(own->rows.size(), 1u);
            return {};
        },
        {.role = Role::Authenticated, .user_id = bob});
    EXPECT_TRUE(done);
}

TEST_F(FunctionsTest, ARefusalComesBackUnchanged) {
    const std::vector<Value> arguments = {Value(std::int64_t{1}), Value(std::int64_t{0})};
    const auto expected = find_scalar_function("pg_div")->call(arguments, {});
    ASSERT_FALSE(expected);
    EXPECT_EQ(read_one({"select pg_div(?1, ?2)", arguments}).error(), expected.error());
    EXPECT_EQ(write_one({"insert into t (who) values (pg_div(?1, ?2))", arguments}).error(),
              expected.error());
    EXPECT_EQ(write_one({"insert into t (id) values (1), (pg_div(1, 0))"}).error(),
              expected.error())
        << "with constants, which may be evaluated early";
    EXPECT_EQ(read_one({"select missing from t"}).error().sqlstate, "42703")
        << "it is not kept for later";
}

TEST_F(FunctionsTest, AWrongNumberOfArgumentsIsRefused) {
    EXPECT_EQ(read_one({"select auth_uid(1)"}).error().sqlstate, "42883");
    EXPECT_EQ(read_one({"select pg_btrim('a', 'b', 'c')"}).error().sqlstate, "42883")
        << "one or two";
}

TEST_F(FunctionsTest, RandomOnesAreCalledForEachRow) {
    const auto rows =
        read_one({"select count(distinct gen_random_uuid()) from (values (1), (2), (3))"});
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->rows[0][0], Value(std::int64_t{3}));
}

TEST_F(FunctionsTest, TheTimeIsTheUnits) {
    const auto done = read([](Session& session) -> Result<void> {
        const auto first = session.run({"select pg_now()"});
        const auto second = session.run({"select pg_now()"});
        EXPECT_EQ(first->rows, second->rows);
        EXPECT_FALSE(first->rows.at(0).at(0).is_null());
        return {};
    });
    EXPECT_TRUE(done);
}

TEST_F(FunctionsTest, NumericsCompareByValue) {
    ASSERT_TRUE(write_one({"insert into t (price) values ('10'), ('9.5'), ('-3'), ('100')"}));
    EXPECT_EQ(write_one({"insert into t (price) values ('10.0')"}).error().sqlstate, "23505");
    const auto rows = read_one({"select price from t where price >= '9.50' order by price"});
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->rows, (std::vector<Row>{{Value("9.5")}, {Value("10")}, {Value("100")}}));
}

}  // namespace dunlin::engine
