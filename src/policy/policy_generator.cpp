#include "policy/policy_generator.h"

#include <fmt/format.h>

#include <string_view>

namespace dunlin::policy {

const std::vector<Field>& fields() {
    static const std::vector<Field> all = {
        {"b",
         "bool",
         {"true", "false"},
         false,
         {"b", "not b", "b is true", "b is not true", "b is false", "b is not false",
          "b is unknown"}},
        {"i2",
         "smallint",
         {"-1", "0", "1", "32767"},
         true,
         {"i2 + 1 > i4", "i2 % 2 = 1", "i2 * 2 = i8", "- i2 = 1", "i2 = f8", "i2 = n"}},
        {"i4",
         "int",
         {"-2147483648", "-1", "0", "1", "2147483647"},
         true,
         {"i4 - 1 < i8", "10 / i4 > 1", "i4 in (1, i2, null)", "abs(i4) = 1", "i4::text = '1'",
          "i4::bool"}},
        {"i8",
         "bigint",
         {"-9223372036854775808", "-1", "0", "1", "9007199254740993", "9223372036854775807"},
         true,
         {"i8 + 1 > 0", "i8 * 2 > 0", "i8 = f8", "i8::int = 1", "i8 / i4 = 1", "i8 = n"}},
        {"f4",
         "real",
         {"-1.5", "0", "0.1", "1", "3e38", "'Infinity'"},
         true,
         {"f4 = f8", "f4 + f8 > 0", "f4 - f4 is null", "f4 = 0.1"}},
        {"f8",
         "float8",
         {"-1.5", "-0.0", "0", "0.1", "1", "9007199254740992", "1e308", "'Infinity'",
          "'-Infinity'"},
         true,
         {"f8 * 10 > 1", "f8 - f8 = 0", "f8 * 0 is null", "f8 / 2 < 1", "floor(f8) = 0",
          "f8::int = 0", "f8 = n", "sign(f8) = 1", "sqrt(f8) > 1", "f8 ^ 2 > 1"}},
        {"n",
         "numeric",
         {"-1", "0", "0.1", "0.10", "1", "1.0", "1.00", "9007199254740993",
          "100000000000000000000.5"},
         true,
         {"n + 1 = 2", "n * 10 = 1", "n / 3 < 1", "round(n, 1) = 0.1",
          "to_char(n, 'FM90.99') = '0.1'", "div(n, 2) = 0", "n in (1, 0.100)", "n = i4 + 0.0",
          "n::int = 0", "abs(n) = 1.000"}},
        {"n2",
         "numeric(10,2)",
         {"-1", "0", "0.1", "1", "1.005"},
         true,
         {"n2 = n", "n2 between 0 and n", "n2 in (n, 1)"}},
        {"t",
         "text",
         {"''", "'a'", "'A'", "'a '", "'ab'", "'Zürich'", "'a%'", "'1'", "'ß'",
          "'\xf0\x9f\x90\xa6'"},
         true,
         {"t like 'a%'",
          "t ilike 'A_'",
          "t not like '%b'",
          "t ~ '^a'",
          "t !~* 'B$'",
          "lower(t) = v",
          "upper(t) = 'ZÜRICH'",
          "length(t) = 1",
          "t || 'b' = 'ab'",
          "left(t, 1) = 'a'",
          "t like '%\\%'",
          "t in ('a', v, null)",
          "starts_with(t, 'a')",
          "replace(t, 'a', 'b') = 'b'",
          "t = c",
          "coalesce(t, v, 'a') = 'a'",
          "nullif(t, 'a') is null",
          "t::int = 1",
          "trim(t) = 'a'",
          "concat(t, i4) = 'a1'",
          "position('b' in t) > 0",
          "substring(t from 1 for 1) = 'a'",
          "split_part(t, '%', 1) = 'a'",
          "md5(t) like '0%'",
          "lpad(t, 3, 'xy') = 'xya'",
          "regexp_replace(t, '[aA]', 'b', 'g') = 'bb'",
          "(regexp_match(t, '(a)(b)?'))[2] is null",
          "initcap(t) = 'Ab'",
          "substring(t from '.$') = 'b'"}},
        {"v",
         "varchar(4)",
         {"'a'", "'A'", "'ab'", "'a '"},
         true,
         {"v = t", "v::varchar(1) = 'a'", "v || t > 'a'"}},
        {"c",
         "char(3)",
         {"'a'", "'A'", "'ab'", "'abc'"},
         true,
         {"c = v", "c || 'x' = 'ax'", "length(c) = 1", "c like 'a%'", "c is distinct from 'a'"}},
        {"u",
         "uuid",
         {"'11111111-1111-1111-1111-111111111111'", "'22222222-2222-2222-2222-222222222222'",
          "'AAAAAAAA-0000-0000-0000-000000000000'"},
         true,
         {"u = auth.uid()", "auth.uid() is distinct from u", "u::text = auth.jwt() ->> 'sub'",
          "u in (auth.uid(), 'aaaaaaaa-0000-0000-0000-000000000000')", "u = (select auth.uid())"}},
        {"d",
         "date",
         {"'1999-12-31'", "'2000-01-01'", "'2024-02-29'"},
         true,
         {"d + 1 = '2000-01-01'", "d < ts", "d = tz", "d - date '2000-01-01' > 0",
          "date_part('year', d) = 2000", "d + interval '1 day' > ts", "d < current_date"}},
        {"tm", "time", {"'00:00'", "'23:59:59.999999'", "'12:00'"}},
        {"ts",
         "timestamp",
         {"'1999-12-31 23:59:59.999999'", "'2000-01-01'", "'2024-02-29 12:00'"},
         true,
         {"ts = tz", "ts::date = d", "ts::time = tm", "ts + iv > tz", "ts - tz > iv",
          "extract(month from ts) = 1", "to_char(ts, 'YYYY-MM') = '2000-01'",
          "to_date(to_char(ts, 'YYYYMMDD'), 'YYYYMMDD') = d"}},
        {"tz",
         "timestamptz",
         {"'1999-12-31 23:59:59.999999+00'", "'2000-01-01 01:00+01'", "'2024-02-29 12:00+00'"},
         true,
         {"tz > now()", "tz < now() - interval '1 hour'", "date_trunc('year', tz) = '2000-01-01'",
          "tz between d and ts", "tz::text like '2000%'"}},
        {"iv",
         "interval",
         {"'0'", "'1 day'", "'24 hours'", "'1 hour'", "'-1 minute'"},
         true,
         {"iv + iv > '1 day'", "iv - interval '1 hour' = '0'"}},
        {"j",
         "json",
         {"'{\"a\":1}'", "'[1]'", "'null'", "'\"a\"'"},
         false,
         {"j ->> 'a' = '1'", "j -> 'a' is null", "j::jsonb = jb", "json_typeof(j) = 'object'"}},
        {"jb",
         "jsonb",
         {"'{}'", "'{\"a\":1}'", "'{\"a\":1.0}'", "'{\"b\":2,\"a\":1}'", "'{\"a\":1,\"b\":2}'",
          "'[1,2]'", "'1'", "'1.0'", "'null'", "'\"a\"'", "'true'"},
         true,
         {"jb ->> 'a' = '1'",
          "jb -> 'a' = '1'",
          "jb @> '{\"a\":1}'",
          "jb <@ '[1,2,3]'",
          "jb ? 'a'",
          "jb #>> '{a}' = '1.0'",
          "(jb ->> 'a')::numeric = 1",
          "(jb ->> 'a')::int = i4",
          "jsonb_typeof(jb) = 'number'",
          "jb -> 0 = '1'",
          "jb in ('1', '{\"a\":1}')",
          "jb is not distinct from '1'",
          "jsonb_array_length(jb) = 2",
          "jb - 'a' = '{}'",
          "jb #- '{a}' = '{}'",
          "jb ?| array['a', 'b']",
          "jsonb_set(jb, '{a}', '2') @> '{\"a\":2}'",
          "jsonb_strip_nulls(jb) = jb",
          "coalesce(jb, '1') = '1'",
          "jb = auth.jwt() -> 'x'",
          "(auth.jwt() ->> 'n')::int = i4",
          "(auth.jwt() ->> 'n')::int is distinct from i4"}},
        {"by",
         "bytea",
         {"'\\x'", "'\\x00'", "'\\x00ff'", "'\\xff'"},
         false,
         {"encode(by, 'hex') = '00ff'", "length(by) = 1", "sha256(by) = by"}},
        {"e",
         "mood",
         {"'sad'", "'fine'", "'glad'"},
         true,
         {"e::text > 'g'", "e in ('sad', 'glad')",
          "case e when 'sad' then true when 'fine' then null else b end",
          "e > 'sad' and e <= 'glad'", "e is distinct from 'fine'"}},
        {"ia",
         "int[]",
         {"'{}'", "'{1}'", "'{1,2}'", "'{2,1}'", "'{1,NULL}'"},
         false,
         {"i4 = any(ia)", "i4 <> all(ia)", "ia @> '{1}'", "cardinality(ia) = 1", "ia <> '{1}'",
          "1 = any(ia)", "array_length(ia, 1) is null", "ia[1] = 1",
          "array_append(ia, i4) @> '{1}'", "array_position(ia, 2) = 1",
          "array_remove(ia, 1) = '{2}'"}},
        {"ta",
         "text[]",
         {"'{}'", "'{a}'", "'{a,b}'", "'{\"a b\",NULL}'"},
         false,
         {"t = any(ta)", "ta <@ '{a,b}'", "ta = '{a}'", "auth.role() = any(ta)", "v <> all(ta)",
          "array_to_string(ta, ',') = 'a,b'", "ta || '{a}' @> ta"}},
        {"na",
         "numeric[]",
         {"'{1}'", "'{1.0}'", "'{1,2}'"},
         false,
         {"n = any(na)", "na @> '{1.00}'", "na && '{2.0}'"}},
    };
    return all;
}

std::string PolicyGenerator::leaf() {
    const Field& f = field();
    if (!f.conditions.empty() && below(2) == 0) return f.conditions[below(f.conditions.size())];
    const bool comparable = f.name != std::string_view("j") && f.name != std::string_view("na");
    const std::string literal = fmt::format("({})::{}", value(f), f.type);
    static const char* const comparisons[] = {
        "=", "<>", "is distinct from", "is not distinct from", "<", "<=", ">", ">="};
    switch (below(5)) {
        case 0:
            return fmt::format("{} is {}null", f.name, below(2) == 0 ? "not " : "");
        case 1:
            if (!comparable) return fmt::format("{} is null", f.name);
            return fmt::format("{} {}in ({}, {})", f.name, below(2) == 0 ? "not " : "", value(f),
                               literal);
        default:
            if (!comparable) return fmt::format("{} is not null", f.name);
            return fmt::format("{} {} {}", f.name, comparisons[below(f.ordered ? 8 : 4)],
                               below(4) == 0 ? f.name : literal);
    }
}

std::string PolicyGenerator::condition(int depth) {
    if (depth == 0) return leaf();
    const std::string one = condition(depth - 1);
    switch (below(8)) {
        case 0:
            return "not (" + one + ")";
        case 1:
            return fmt::format("({}) is {}true", one, below(2) == 0 ? "not " : "");
        case 2:
            return fmt::format("case when {} then {} else {} end", one, leaf(), leaf());
        case 3:
            return fmt::format("coalesce({}, {})", one, leaf());
        case 4:
            return one;
        default:
            return fmt::format("({} {} {})", one, below(2) == 0 ? "and" : "or",
                               condition(depth - 1));
    }
}

std::string PolicyGenerator::row(int id) {
    std::string out = fmt::format("({}", id);
    for (const Field& f : fields()) out += fmt::format(", {}", value(f));
    return out + ")";
}

}  // namespace dunlin::policy
