#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class QueryTest : public SqlFixture {};

constexpr const char* tables =
    "create type mood as enum ('sad','ok','happy'); "
    "create table t (id int primary key, s smallint, b bigint, n numeric, n2 numeric(10,2), "
    "f float8, r real, tx text, vc varchar(10), c char(4), bo boolean, d date, tm time, "
    "ts timestamp, tz timestamptz, iv interval, j json, jb jsonb, by bytea, u uuid, m mood, "
    "ai int[], at text[]); "
    "insert into t values (1, 1, 1, 1.50, 1.5, 1.5, 1.5, 'a', 'a', 'a', true, '2024-01-31', "
    "'10:00', '2024-01-31 10:00', '2024-01-31 10:00+00', '1 day', '{\"a\": 1}', '{\"a\": 1}', "
    "'\\x01ff', '550e8400-e29b-41d4-a716-446655440000', 'happy', '{1,2}', '{a,b}'); "
    "insert into t (id, n, n2, tx, m, c, jb, f) values (2, 10, 10, 'B', 'sad', 'ab', '10', "
    "10), (3, 9.00, 9, 'c', 'ok', 'abcd', '9', 9); "
    "insert into t (id) values (4); ";

/// Queries without their `select`, and what psql of PostgreSQL 15 prints of them.
struct Group {
    const char* why;
    std::vector<std::pair<const char*, const char*>> cases;
};

}  // namespace

TEST_F(QueryTest, ColumnsOfEveryTypeAreThoseOfPostgreSQL) {
    ASSERT_EQ(outcome(tables), "");
    const Group groups[] = {
        {"numeric columns are ordered as numbers, also when computed",
         {
             {"id from t where n > 9.5", "2"},
             {"id from t where n in (9, 1.5) order by id", "1; 3"},
             {"id from t where n between 9 and 10 order by n", "3; 2"},
             {"id from t order by n desc", "4; 2; 3; 1"},
             {"id from t where n is not null order by n + 1", "1; 3; 2"},
             {"max(n) from t", "10"},
             {"max(n + 0) from t", "10"},
             {"id from t where n + 1 in (select n2 + 1 from t) order by id", "1; 2; 3"},
             {"n, count(*) from t where n is not null group by n order by n",
              "1.50|1; 9.00|1; 10|1"},
         }},
        {"enums are ordered by their labels",
         {
             {"id from t order by m", "2; 3; 1; 4"},
             {"id from t order by m desc", "4; 1; 3; 2"},
             {"id from t where m > 'sad' order by id", "1; 3"},
             {"id from t where m between 'sad' and 'ok' order by id", "2; 3"},
             {"id from t where m in ('ok','sad') order by id", "2; 3"},
             {"id from t where m = 'nope'", "22P02"},
             {"case m when 'happy' then 1 else 0 end from t where id = 1", "1"},
         }},
        {"char(n) is compared without its padding",
         {
             {"id from t where c = 'a'", "1"},
             {"id from t where c = 'a   '", "1"},
             {"id from t where c = 'abcde'", ""},
             {"id from t where c in ('a','ab') order by id", "1; 2"},
             {"id from t where c < 'ab'", "1"},
             {"id from t where tx = c", "1"},
             {"id from t where c like 'a'", ""},
             {"id from t where c in (select tx from t)", "1"},
             {"length(c) from t where id = 1", "1"},
             {"c || '.' from t where id = 1", "a."},
             {"upper(c) || '.' from t where id = 1", "A."},
             {"concat(c, '.') from t where id = 1", "a   ."},
         }},
        {"jsonb columns are compared by value",
         {
             {"id from t where jb > '9' order by id", "1; 2"},
             {"id from t where jb = '10.0'", "2"},
             {"id from t where (jb ->> 'a')::int = 1", "1"},
             {"id from t where jb @> '{\"a\":1}'", "1"},
         }},
        {"arrays in columns",
         {
             {"id from t where 1 = any(ai)", "1"},
             {"id from t where ai @> '{1}'", "1"},
             {"id from t where ai = '{1,2}'", "1"},
             {"id from t where 'z' <> all(at)", "1"},
         }},
        {"every type beside a literal",
         {
             {"id from t where bo", "1"},
             {"id from t where not bo", ""},
             {"id from t where bo is not true order by id", "2; 3; 4"},
             {"id from t where d = '2024-01-31'", "1"},
             {"id from t where ts > '2024-01-31'", "1"},
             {"id from t where tz = '2024-01-31 11:00+01'", "1"},
             {"id from t where tz::date = d", "1"},
             {"id from t where iv = '24 hours'", "1"},
             {"id from t where u = '550E8400-E29B-41D4-A716-446655440000'", "1"},
             {"id from t where by = '\\x01ff'", "1"},
             {"id from t where r = 1.5", "1"},
             {"id from t where f = n order by id", "1; 2; 3"},
             {"id from t where n2 * 2 = 3", "1"},
         }},
        {"results have PostgreSQL's types and digits",
         {
             {"n2 / 3 from t where id = 1", "0.50000000000000000000"},
             {"id + n, id + f, s * s, id / 2 from t where id = 1", "2.50|2.5|1|0"},
             {"n::int, f::int, n2::numeric(3,1), f::numeric(5,1) from t where id = 1",
              "2|2|1.5|1.5"},
             {"f::text, r::text, ts::text, tz::text, iv::text, by::text, ai::text, jb::text from t "
              "where id = 1",
              "1.5|1.5|2024-01-31 10:00:00|2024-01-31 10:00:00+00|1 day|\\x01ff|{1,2}|{\"a\": 1}"},
             {"d + iv, ts + iv, tz + iv from t where id = 1",
              "2024-02-01 00:00:00|2024-02-01 10:00:00|2024-02-01 10:00:00+00"},
             {"coalesce(n, 0), coalesce(s, 0), coalesce(tx, 'x') from t where id = 4", "0|0|x"},
         }},
        {"subqueries",
         {
             {"id from t t1 where exists (select 1 from t t2 where t2.id = t1.id + 1) order by id",
              "1; 2; 3"},
             {"id from t where id not in (select s from t)", ""},
             {"id from t where id not in (select s from t where s is not null) order by id",
              "2; 3; 4"},
             {"id from t where b in (select n - 0.5 from t)", "1"},
             {"id from t where n = (select max(n) from t)", "2"},
         }},
        {"joins",
         {
             {"a.id, b.id from t a left join t b on b.id = a.id + 1 order by a.id",
              "1|2; 2|3; 3|4; 4|"},
             {"count(*) from t a cross join t b", "16"},
         }},
        {"groups",
         {
             {"tx, count(*) from t group by 1 order by 2, 1", "B|1; a|1; c|1; |1"},
             {"m as mood, count(*) from t where m is not null group by mood order by mood",
              "sad|1; ok|1; happy|1"},
             {"bool_and(bo), bool_or(id > 3), sum(id), count(distinct bo), min(tx) from t",
              "t|t|10|1|B"},
             {"count(*) filter (where id > 2), sum(id) filter (where id > 9) from t", "2|"},
             {"id from t group by tx", "42803"},
             {"sum(id) from t having sum(id) > 100", ""},
             {"sum(id) from t where sum(id) > 1", "42803"},
         }},
        {"joins by name and to the right",
         {
             {"a.id, b.id from t a right join t b on b.id = a.id + 1 order by b.id",
              "|1; 1|2; 2|3; 3|4"},
             {"a.id, b.id from t a full join t b on b.id = a.id + 1 order by b.id, a.id",
              "|1; 1|2; 2|3; 3|4; 4|"},
             {"id, b.s from t a join t b using (id) where id = 1", "1|1"},
             {"count(*) from t a join t b using (id, tx)", "3"},
             {"id from t a join t b using (nosuch)", "42703"},
         }},
        {"queries in FROM",
         {
             {"x.id from (select id from t where id > 2) x order by x.id", "3; 4"},
             {"x.n from (select id from t) as x(n) where n = 2", "2"},
             {"v.a, v.b from (values (1, 'x'), (2, null)) v(a, b) order by a", "1|x; 2|"},
             {"(select max(y.id) from (select id from t u where u.id < t.id) y) from t order by "
              "t.id",
              "1; 2; 3"},
             {"id from (select id from t)", "42601"},
         }},
        {"combined queries",
         {
             {"1 union select 2 union select 1 order by 1", "1; 2"},
             {"1 union all select 1", "1; 1"},
             {"id from t intersect select 2", "2"},
             {"id from t except select 2 order by id desc limit 2", "4; 3"},
             {"s from t where id = 1 union select 2.5 order by 1", "1; 2.5"},
             {"(select count(*) from (select u.id from t u where u.id <= t.id union select 100) z) "
              "from t order by id",
              "2; 3; 4; 5"},
             {"1, 2 union select 1", "42601"},
             {"1 union select true", "42804"},
         }},
        {"order and limit",
         {
             {"id from t order by id limit 2 offset 1", "2; 3"},
             {"id from t order by id offset 2", "3; 4"},
             {"id from t order by id limit null", "1; 2; 3; 4"},
             {"id as x from t order by x desc", "4; 3; 2; 1"},
             {"id, n from t order by 1 desc", "4|; 3|9.00; 2|10; 1|1.50"},
         }},
        {"names",
         {
             {"public.t.id from t where public.t.id = 1", "1"},
             {"x from t", "42703"},
             {"t.x from t", "42703"},
             {"a.id from t a, t b where id = 1", "42702"},
             {"id from nosuch", "42P01"},
         }},
        {"a subquery that gives one value has one row at most",
         {
             {"(select tx from t)", "21000"},
             {"(select tx from t where id = 1)", "a"},
             {"(select tx from t where id = 99)", ""},
             {"(select tx from t order by id limit 1)", "a"},
             {"(select n from t x where x.id = t.id), (select max(x.n) from t x where x.id <= "
              "t.id) from t order by id",
              "1.50|1.50; 10|10; 9.00|10; |10"},
             {"id from t where (select m from t x where x.id = t.id) = 'ok'", "3"},
         }},
    };
    EXPECT_EQ(rows("with w as (select id from t where id > 1), v(k) as (select max(id) from w) "
                   "select k, (select count(*) from w where w.id <= k) from v"),
              "4|3");
    EXPECT_EQ(rows("select jsonb_agg(x order by x desc), json_agg(x), array_agg(x), "
                   "string_agg(x::text, '+' order by x) from (values (1), (2)) v(x)"),
              "[2, 1]|[1, 2]|{1,2}|1+2");
    EXPECT_EQ(rows("select jsonb_agg(id), array_agg(id) filter (where id > 9) from t where id > 9"),
              "|");
    EXPECT_EQ(rows("select coalesce(json_agg(id), '[]'::json) from t where id > 9"), "[]");
    EXPECT_EQ(rows("select to_jsonb(v), row_to_json(v) from (values (1, 'a')) v(x, y)"),
              "{\"x\": 1, \"y\": \"a\"}|{\"x\":1,\"y\":\"a\"}");
    EXPECT_EQ(rows("select jsonb_build_object('a', 1, 'b', null, 'c', d), "
                   "json_build_array(1, 'x', tx), format('%s-%I-%L %%', id, 'A', tx), "
                   "jb || '{\"b\": 2}' from t where id = 1"),
              "{\"a\": 1, \"b\": null, \"c\": \"2024-01-31\"}|[1, \"x\", \"a\"]|"
              "1-\"A\"-'a' %|{\"a\": 1, \"b\": 2}");
    for (const Group& group : groups) {
        for (const auto& [query, expected] : group.cases) {
            EXPECT_EQ(rows("select " + std::string(query)), expected) << query << ": " << group.why;
        }
    }
}

}  // namespace dunlin::sql
