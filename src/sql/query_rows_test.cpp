#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class RowsTest : public SqlFixture {};

/// Queries and what psql of PostgreSQL 15 prints of their rows, or the SQLSTATE.
struct Group {
    const char* why;
    std::vector<std::pair<const char*, const char*>> cases;
};

}  // namespace

TEST_F(RowsTest, FunctionsWindowsAndRecursionGiveTheRowsOfPostgreSQL) {
    const Group groups[] = {
        {"functions that give rows, in FROM",
         {
             {"select * from generate_series(1, 4)", "1; 2; 3; 4"},
             {"select i * 2 from generate_series(5, 1, -2) i", "10; 6; 2"},
             {"select * from generate_series(1, 3, 0)", "22023"},
             {"select * from generate_series(3, 1)", ""},
             {"select * from generate_series(1::bigint, 2)", "1; 2"},
             {"select * from generate_series('2024-01-30'::timestamp, '2024-02-02', '1 day')",
              "2024-01-30 00:00:00; 2024-01-31 00:00:00; 2024-02-01 00:00:00; 2024-02-02 00:00:00"},
             {"select d::date from generate_series('2024-01-31'::date, '2024-04-30', interval '1 "
              "month') d",
              "2024-01-31; 2024-02-29; 2024-03-29; 2024-04-29"},
             {"select * from generate_series('2024-01-01 00:00+00'::timestamptz, '2024-01-01 "
              "02:00+00', '1 hour')",
              "2024-01-01 00:00:00+00; 2024-01-01 01:00:00+00; 2024-01-01 02:00:00+00"},
             {"select count(*) from generate_series(null::int, 3)", "0"},
             {"select * from unnest(array['a','b',null])", "a; b; "},
             {"select x + 1 from unnest('{1,2}'::int[]) x", "2; 3"},
             {"select u.v, u.n from unnest(array['x','y']) with ordinality as u(v, n)", "x|1; y|2"},
             {"select sum(x) from unnest('{1.50,2.25}'::numeric[]) x", "3.75"},
             {"select distinct x from unnest('{1.0,1.00,2}'::numeric[]) x order by 1", "1.0; 2"},
             {"select x from unnest('{1.5,2}'::float8[]) x", "1.5; 2"},
             {"select x from unnest('{t,f}'::boolean[]) x", "t; f"},
             {"select x from unnest('{2024-01-01}'::date[]) x", "2024-01-01"},
             {"select * from unnest('{}'::int[])", ""},
             {"select * from jsonb_array_elements('[1, \"a\", {\"b\": null}, null]')",
              "1; \"a\"; {\"b\": null}; null"},
             {"select value ->> 'a' from jsonb_array_elements('[{\"a\":1},{\"a\":\"x\"}]')",
              "1; x"},
             {"select e ->> 'a' from jsonb_array_elements('[{\"a\":1}]') as t(e)", "1"},
             {"select * from jsonb_array_elements_text('[1, \"a\", null, [2]]')", "1; a; ; [2]"},
             {"select * from json_array_elements('[ 1 , {\"b\" :2}]')", "1; {\"b\" :2}"},
             {"select * from json_array_elements_text('[\"x\\u0041\", 1.50]')", "xA; 1.50"},
             {"select * from jsonb_array_elements('{}')", "22023"},
             {"select * from jsonb_array_elements('1')", "22023"},
             {"select * from jsonb_array_elements(null)", ""},
             {"select * from jsonb_array_elements('[]')", ""},
             {"select * from jsonb_each('{\"a\":1,\"b\":{\"c\":[1,2]}}')",
              "a|1; b|{\"c\": [1, 2]}"},
             {"select key, value from jsonb_each_text('{\"a\":\"x\",\"b\":null}')", "a|x; b|"},
             {"select * from json_each('{\"a\" : 1, \"a\": \" , \"}')", "a|1; a|\" , \""},
             {"select k, v from json_each_text('{\"a\":\"x\\\"y\"}') t(k, v)", "a|x\"y"},
             {"select * from jsonb_object_keys('{\"b\":1,\"a\":2}')", "a; b"},
             {"select * from jsonb_each('[1]')", "22023"},
             {"select * from regexp_split_to_table('a, b,c', ',\\s*')", "a; b; c"},
             {"select * from string_to_table('a|b|', '|')", "a; b; "},
             {"select m[1], m[2] from regexp_matches('a1b22', '([a-z])([0-9]+)', 'g') m",
              "a|1; b|22"},
             {"select * from regexp_matches('abc', 'x')", ""},
         }},
        {"in FROM beside what they read",
         {
             {"select t.a, x from (values (1, array['p','q']), (2, array['r'])) t(a, b), "
              "unnest(t.b) x order by 1, 2",
              "1|p; 1|q; 2|r"},
             {"select t.a, x from (values (1, '{}'::int[]), (2, '{7}')) t(a, b) left join "
              "unnest(t.b) x on true order by 1",
              "1|; 2|7"},
             {"select t.a, e.value ->> 'k' from (values (1, '[{\"k\":\"v\"}]'::jsonb)) t(a, j) "
              "cross join lateral jsonb_array_elements(t.j) e",
              "1|v"},
             {"select a, (select count(*) from unnest(b) x where x > 1) from (values (1, "
              "'{1,2,3}'::int[]), (2, null)) t(a, b) order by a",
              "1|2; 2|0"},
             {"select a from (values (1, '{x,y}'::text[]), (2, '{z}')) t(a, b) where exists "
              "(select 1 from unnest(b) u where u = 'z')",
              "2"},
             {"select a from (values (1), (2), (3)) t(a) where a in (select unnest(array[1, 3])) "
              "order by a",
              "1; 3"},
             {"select g, count(x) from (values (1), (2)) t(g) join generate_series(1, 3) x on x >= "
              "g group by g order by g",
              "1|3; 2|2"},
         }},
        {"in the select list",
         {
             {"select unnest(array[3, 1])", "3; 1"},
             {"select a, unnest(b) from (values (1, array['p','q']), (2, null)) t(a, b) order by "
              "1, 2",
              "1|p; 1|q"},
             {"select jsonb_array_elements('[{\"id\":1},{\"id\":2}]') ->> 'id'", "1; 2"},
             {"select upper(unnest(array['a','b'])) as u", "A; B"},
             {"select generate_series(1, 3) as n order by n desc", "3; 2; 1"},
             {"select *, unnest(b) as x from (values (1, array[5,6])) t(a, b)",
              "1|{5,6}|5; 1|{5,6}|6"},
             {"select regexp_split_to_table('a b', ' ')", "a; b"},
             {"select array(select x * 2 from unnest('{1,2,3}'::int[]) x order by x desc)",
              "{6,4,2}"},
             {"select array(select 1 where false)", "{}"},
             {"select a, array(select x from generate_series(1, a) x) from (values (2), (0)) t(a)",
              "2|{1,2}; 0|{}"},
             {"select coalesce(unnest('{1}'::int[]), 0)", "0A000"},
             {"select 1 where unnest('{1}'::int[]) = 1", "0A000"},
             {"select jsonb_object_keys('{\"a\":1}')", "a"},
         }},
        {"aggregates over groups",
         {
             {"select sum(d), avg(d), sum(n), avg(n) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d)",
              "3.50|0.87500000000000000000|55|13.7500000000000000"},
             {"select g, sum(d), avg(n) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) group by g order by g",
              "a|3.75|15.0000000000000000; b|-1.0|5.0000000000000000; c|0.75|20.0000000000000000"},
             {"select sum(n::bigint), avg(n::smallint), sum(n::float8), avg(d::float8) from "
              "(values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d)",
              "55|13.7500000000000000|55|0.875"},
             {"select sum(d) filter (where id > 1), count(*) filter (where g = 'a'), sum(n) from "
              "(values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d)",
              "2.00|2|55"},
             {"select count(distinct n), count(distinct g), sum(distinct n), sum(distinct d) from "
              "(values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d)",
              "3|3|35|3.50"},
             {"select string_agg(g, ',' order by id desc), string_agg(distinct g, '-'), "
              "string_agg(n::text, '+') from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d)",
              "c,b,b,a,a|a-b-c|10+20+5+20"},
             {"select array_agg(n order by n desc nulls last), array_agg(distinct g order by g "
              "desc), array_agg(distinct n) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d)",
              "{20,20,10,5,NULL}|{c,b,a}|{5,10,20,NULL}"},
             {"select json_agg(n order by id), jsonb_agg(g order by id), json_agg(d order by id) "
              "from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d)",
              "[10, 20, 5, null, 20]|[\"a\", \"a\", \"b\", \"b\", \"c\"]|[1.5, 2.25, null, -1.0, "
              "0.75]"},
             {"select json_agg(t order by id) from (values (1, 'x'), (2, null)) t(id, v)",
              "[{\"id\":1,\"v\":\"x\"}, \n {\"id\":2,\"v\":null}]"},
             {"select json_agg(a) from (values (array[1,2]), (array[3])) t(a)", "[[1,2], \n [3]]"},
             {"select json_object_agg(g, n order by id), jsonb_object_agg(g, n order by id) from "
              "(values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d)",
              "{ \"a\" : 10, \"a\" : 20, \"b\" : 5, \"b\" : null, \"c\" : 20 }|{\"a\": 20, \"b\": "
              "null, \"c\": 20}"},
             {"select jsonb_object_agg(null::text, 1)", "22023"},
             {"select json_agg(json_build_object('a', id)) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) where id < 3",
              "[{\"a\" : 1}, {\"a\" : 2}]"},
             {"select array_agg(n), string_agg(g, ','), json_agg(n), jsonb_object_agg(g, n), "
              "sum(d) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) where id > 9",
              "||||"},
             {"select bool_and(n > 5), bool_or(n > 15), every(id > 0) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d)",
              "f|t|t"},
             {"select sum(x) from (values ('12345678901234567890.123'::numeric), (0.877)) v(x)",
              "12345678901234567891.000"},
             {"select round(avg(x), 3) from (values (1), (2), (2)) v(x)", "1.667"},
             {"select sum(sum(n)) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) group by g",
              "42803"},
         }},
        {"window functions",
         {
             {"select id, row_number() over (order by n desc nulls last, id) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) order by id",
              "1|3; 2|1; 3|4; 4|5; 5|2"},
             {"select id, rank() over (partition by g order by n), dense_rank() over (order by g) "
              "from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) order by id",
              "1|1|1; 2|2|1; 3|1|2; 4|2|2; 5|1|3"},
             {"select id, lag(n) over (order by id), lead(g, 2, 'none') over (order by id), lag(n, "
              "1, 0) over (order by id) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) order by id",
              "1||b|0; 2|10|b|10; 3|20|c|20; 4|5|none|5; 5||none|"},
             {"select id, first_value(n) over (partition by g order by id), last_value(n) over "
              "(partition by g order by id), nth_value(id, 2) over (partition by g order by id) "
              "from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) order by id",
              "1|10|10|; 2|10|20|2; 3|5|5|; 4|5||4; 5|20|20|"},
             {"select id, sum(n) over (order by id), count(*) over (partition by g), sum(d) over "
              "(order by id), avg(n) over () from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) order by id",
              "1|10|2|1.5|13.7500000000000000; 2|30|2|3.75|13.7500000000000000; "
              "3|35|2|3.75|13.7500000000000000; 4|35|2|2.75|13.7500000000000000; "
              "5|55|1|3.50|13.7500000000000000"},
             {"select id, sum(n) over (order by id rows between 1 preceding and 1 following), "
              "max(n) over (order by id rows unbounded preceding) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) order by id",
              "1|30|10; 2|35|20; 3|25|20; 4|25|20; 5|20|20"},
             {"select id, ntile(2) over (order by id), percent_rank() over (order by n), "
              "cume_dist() over (order by g) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) order by id",
              "1|1|0.25|0.4; 2|1|0.5|0.4; 3|1|0|0.8; 4|2|1|0.8; 5|2|0.5|1"},
             {"select g, sum(n), rank() over (order by sum(n) desc nulls last), sum(sum(n)) over "
              "() from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) group by g order by g",
              "a|30|1|55; b|5|3|55; c|20|2|55"},
             {"select id, count(*) filter (where n > 5) over w, sum(n) over w from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) window w as (partition by g order by id) order by id",
              "1|1|10; 2|2|30; 3|0|5; 4|0|5; 5|1|20"},
             {"select id, string_agg(g, ',') over (order by id), array_agg(n) over (partition by g "
              "order by id) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) order by id",
              "1|a|{10}; 2|a,a|{10,20}; 3|a,a,b|{5}; 4|a,a,b,b|{5,NULL}; 5|a,a,b,b,c|{20}"},
             {"select id from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) order by row_number() over (order by id desc)",
              "5; 4; 3; 2; 1"},
             {"select x from (select id as x, row_number() over (partition by g order by id desc) "
              "as r from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d)) s where r = 1 order by x",
              "2; 4; 5"},
             {"select row_number() from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d)",
              "42809"},
             {"select id from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) where row_number() over () = 1",
              "42P20"},
             {"select count(distinct n) over () from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d)",
              "0A000"},
             {"select lower(g) over () from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d)",
              "42809"},
             {"select sum(row_number() over ()) over () from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d)",
              "42P20"},
             {"select id, bool_and(n > 5) over (partition by g) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) order by id",
              "1|t; 2|t; 3|f; 4|f; 5|t"},
             {"select id, lag(d) over (order by d) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) order by id",
              "1|0.75; 2|1.5; 3|2.25; 4|; 5|-1.0"},
             {"select id, dense_rank() over (order by x) from (values (1, 1.0), (2, 1.00), (3, 2)) "
              "v(id, x) order by id",
              "1|1; 2|1; 3|2"},
             {"select id, sum(n) over (order by n groups between current row and unbounded "
              "following) from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) order by id",
              "1|50; 2|40; 3|55; 4|; 5|40"},
             {"select sum(n) over w from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) order by 1",
              "42704"},
             {"select id, row_number() over (order by id) * 2 + 1 from (values "
              "(1,'a',10,1.5),(2,'a',20,2.25),(3,'b',5,null),(4,'b',null,-1.0),(5,'c',20,0.75)) "
              "t(id,g,n,d) where id < 3 order by id",
              "1|3; 2|5"},
         }},
        {"with recursive",
         {
             {"with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) select "
              "* from t",
              "1; 2; 3; 4; 5"},
             {"with recursive t as (select 1 as n, 'a'::text as p union all select n + 1, p || 'b' "
              "from t where n < 3) select p, n from t order by n desc",
              "abb|3; ab|2; a|1"},
             {"with recursive t(n) as (values (1) union all select n * 2 from t where n < 20) "
              "select sum(n) from t",
              "63"},
             {"with recursive nodes(id, parent) as (values (1, null::int), (2, 1), (3, 1), (4, 2), "
              "(9, null)), tree(id, depth) as (select id, 0 from nodes where id = 1 union all "
              "select n.id, t.depth + 1 from nodes n join tree t on n.parent = t.id) select * from "
              "tree order by id",
              "1|0; 2|1; 3|1; 4|2"},
             {"with recursive t(n) as (select 1 union select (n % 3) + 1 from t) select * from t "
              "order by n",
              "1; 2; 3"},
             {"with recursive t(n) as (select 1 union all select n + 1.5 from t where n < 5) "
              "select * from t",
              "42804"},
             {"with recursive t(n) as (select 1.0 union all select n + 1 from t where n < 3) "
              "select n from t order by n",
              "1.0; 2.0; 3.0"},
             {"with recursive t(n) as (select 1 union all select sum(n)::int from t) select * from "
              "t",
              "42P19"},
             {"with recursive t(n) as (select 1 union all select a.n + b.n from t a, t b) select * "
              "from t",
              "42P19"},
             {"with recursive t(n) as (select 1 union all select x.n from (values (2)) x(n) left "
              "join t on true) select * from t",
              "42P19"},
             {"with recursive t(n) as (select 1 union all select 2 where exists (select 1 from t)) "
              "select * from t",
              "42P19"},
             {"with recursive a as (select 1 as x), b as (select x + 1 as y from a) select * from "
              "b",
              "2"},
             {"with recursive t(n, path) as (select 1, array[1] union all select n + 1, path || (n "
              "+ 1) from t where n < 4) select n, path from t where n = 4",
              "4|{1,2,3,4}"},
             {"select (with recursive t(n) as (select 1 union all select n + 1 from t where n < 4) "
              "select sum(n) from t)",
              "10"},
             {"with recursive t(n) as (select 1 union all select n + 1 from t where n < 3), u(m) "
              "as (select n from t where n > 1 union all select m + 10 from u where m < 20) select "
              "* from u order by 1",
              "2; 3; 12; 13; 22; 23"},
         }},
    };
    for (const Group& group : groups) {
        for (const auto& [query, expected] : group.cases) {
            EXPECT_EQ(rows(query), expected) << query << ": " << group.why;
        }
    }
}

}  // namespace dunlin::sql
