#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class MigrationTypesTest : public SqlFixture {};

}  // namespace

TEST_F(MigrationTypesTest, RangesAreColumnsKeysAndOrders) {
    ASSERT_EQ(outcome("create table stays (id int primary key, during daterange not null unique,"
                      " price numrange unique, at tstzrange default '[2026-01-01 10:00Z,)')"),
              "");
    EXPECT_EQ(outcome("insert into stays (id, during, price) values"
                      " (1, '[2026-02-01,2026-02-03]', '[1.0,2)'), (2, '(,2025-01-01)', 'empty'),"
                      " (3, daterange('2026-01-05', '2026-01-06', '[]'), '[10,20)')"),
              "");
    EXPECT_EQ(rows("select id, during, at from stays order by during"),
              "2|(,2025-01-01)|[\"2026-01-01 10:00:00+00\",); "
              "3|[2026-01-05,2026-01-07)|[\"2026-01-01 10:00:00+00\",); "
              "1|[2026-02-01,2026-02-04)|[\"2026-01-01 10:00:00+00\",)");
    EXPECT_EQ(rows("select id from stays order by price"), "2; 1; 3");
    EXPECT_EQ(rows("select id from stays where during && '[2026-01-06,2026-02-01]' order by id"),
              "1; 3");
    EXPECT_EQ(outcome("insert into stays values (4, '[2026-02-01,2026-02-03]', '[5,6)')"), "23505");
    EXPECT_EQ(outcome("insert into stays values (4, '[2027-02-01,2027-02-03]', '[1.00,2.0)')"),
              "23505")
        << "equal by value, not by text";
    EXPECT_EQ(outcome("insert into stays values (4, '2027', '[1,2)')"), "22P02");
    EXPECT_EQ(outcome("alter table stays add check (lower(during) > '2020-01-01')"), "")
        << "NULL passes";
    EXPECT_EQ(outcome("insert into stays values (4, '[2019-02-01,2019-02-03]')"), "23514");
}

TEST_F(MigrationTypesTest, AGeneratedVectorIsSearched) {
    ASSERT_EQ(outcome("create table notes (id int primary key, title text not null, body text,"
                      " found tsvector generated always as (to_tsvector('english', title || ' ' ||"
                      " coalesce(body, ''))) stored)"),
              "");
    ASSERT_EQ(outcome("insert into notes (id, title, body) values (1, 'Fat cats', 'sat on mats'),"
                      " (2, 'Dogs', null), (3, 'A mat', 'for a cat')"),
              "");
    EXPECT_EQ(rows("select found from notes where id = 1"), "'cat':2 'fat':1 'mat':5 'sat':3");
    EXPECT_EQ(rows("select id from notes where found @@ to_tsquery('english', 'cats & mat')"
                   " order by id"),
              "1; 3");
    EXPECT_EQ(rows("select id from notes where found @@ websearch_to_tsquery('english', '-cat')"),
              "2");
    EXPECT_EQ(outcome("update notes set title = 'Birds' where id = 2"), "");
    EXPECT_EQ(rows("select id from notes where found @@ to_tsquery('english', 'bird')"), "2");
    EXPECT_EQ(outcome("create index on notes using gin (found)"), "");
    EXPECT_EQ(outcome("create table u (a text, v tsvector generated always as (to_tsvector(a)) "
                      "stored)"),
              "42P17")
        << "the default configuration is a setting";
}

TEST_F(MigrationTypesTest, IntervalsAndCaselessTextAreKeysByValue) {
    ASSERT_EQ(outcome("create extension if not exists citext;"
                      "create table people (email citext primary key, every interval unique,"
                      " address inet, since timestamptz)"),
              "");
    ASSERT_EQ(outcome("insert into people values ('Ann@x.org', '1 month', '10.0.0.1', "
                      "'2024-01-31 10:00Z'), ('bob@x.org', '1 day', '9.0.0.0/8', null)"),
              "");
    EXPECT_EQ(outcome("insert into people values ('ANN@X.ORG', '2 days')"), "23505");
    EXPECT_EQ(outcome("insert into people values ('cid@x.org', '30 days')"), "23505");
    EXPECT_EQ(rows("select email from people where email = 'ann@X.org'"), "Ann@x.org");
    EXPECT_EQ(rows("select email from people order by every"), "bob@x.org; Ann@x.org");
    EXPECT_EQ(rows("select email from people order by address"), "bob@x.org; Ann@x.org");
    EXPECT_EQ(rows("select since + every from people where since is not null"),
              "2024-02-29 10:00:00+00");
    EXPECT_EQ(rows("select max(every), min(email) from people"), "1 mon|Ann@x.org");
}

}  // namespace dunlin::sql
