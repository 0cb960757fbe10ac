#include "core/codec.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>

namespace dunlin::codec {

namespace {

const Type mood{.kind = TypeKind::Enum, .enum_name = "mood", .labels = {"sad", "ok", "happy"}};
const Type varchar5{.kind = TypeKind::Varchar, .length_max = 5};
const Type char5{.kind = TypeKind::Char, .length_max = 5};
const Type numeric52{.kind = TypeKind::Numeric, .precision = 5, .scale = 2};
const Type numeric25{.kind = TypeKind::Numeric, .precision = 2, .scale = 5};

Type array_of(TypeKind kind) {
    return {.kind = kind, .array = true};
}

/// "text | json", or "SQLSTATE message | details".
std::string shown(const Type& type, const Result<Value>& value) {
    if (!value) {
        const Error& error = value.error();
        return error.sqlstate + " " + error.message +
               (error.details.empty() ? "" : " | " + error.details);
    }
    std::string json;
    write_json(type, *value, json);
    return to_text(type, *value) + " | " + json;
}

struct TextCase {
    Type type;
    std::string text;
    std::string expected;
};

void expect_texts(std::initializer_list<TextCase> cases) {
    for (const TextCase& c : cases) {
        EXPECT_EQ(shown(c.type, parse_text(c.type, c.text)), c.expected)
            << sql_type_name(c.type) << " " << c.text;
    }
}

}  // namespace

TEST(Codec, ReadsNumbersAsPostgresDoes) {
    const Type int2{TypeKind::Int2}, int4{TypeKind::Int4}, int8{TypeKind::Int8};
    const Type float4{TypeKind::Float4}, float8{TypeKind::Float8}, boolean{TypeKind::Bool};
    expect_texts({
        {int4, " -42 ", "-42 | -42"},
        {int4, "+7", "7 | 7"},
        {int4, "abc", "22P02 invalid input syntax for type integer: \"abc\""},
        {int4, "", "22P02 invalid input syntax for type integer: \"\""},
        {int4, "+-7", "22P02 invalid input syntax for type integer: \"+-7\""},
        {int4, "1.0", "22P02 invalid input syntax for type integer: \"1.0\""},
        {int4, "99999999999", "22003 value \"99999999999\" is out of range for type integer"},
        {int2, "32768", "22003 value \"32768\" is out of range for type smallint"},
        {int8, "-9223372036854775808", "-9223372036854775808 | -9223372036854775808"},
        {int8, "9223372036854775808",
         "22003 value \"9223372036854775808\" is out of range for type bigint"},
        {float8, "1e20", "1e+20 | 1e+20"},
        {float8, "100000000000000", "100000000000000 | 100000000000000"},
        {float8, "1e15", "1e+15 | 1e+15"},
        {float8, "0.0001", "0.0001 | 0.0001"},
        {float8, "0.00001", "1e-05 | 1e-05"},
        {float8, "+.5", "0.5 | 0.5"},
        {float8, "-250.25", "-250.25 | -250.25"},
        {float8, "-0.00123", "-0.00123 | -0.00123"},
        {float8, "123456789012345.6", "123456789012345.6 | 123456789012345.6"},
        {float8, "-0", "-0 | -0"},
        {float8, "nan", "NaN | \"NaN\""},
        {float8, "-inf", "-Infinity | \"-Infinity\""},
        {float8, "1e400", "22003 \"1e400\" is out of range for type double precision"},
        {float8, "1e", "22P02 invalid input syntax for type double precision: \"1e\""},
        {float8, "0x10", "22P02 invalid input syntax for type double precision: \"0x10\""},
        {float4, "0.1", "0.1 | 0.1"},
        {float4, "1000000", "1e+06 | 1e+06"},
        {float4, "1e40", "22003 \"1e40\" is out of range for type real"},
        {boolean, "TRUE", "t | true"},
        {boolean, "of", "f | false"},
        {boolean, " y ", "t | true"},
        {boolean, "o", "22P02 invalid input syntax for type boolean: \"o\""},
        {boolean, "", "22P02 invalid input syntax for type boolean: \"\""},
    });
}

TEST(Codec, KeepsNumericExact) {
    const Type any{TypeKind::Numeric};
    const std::string details = "22003 numeric field overflow | A field with precision 5, scale 2 ";
    expect_texts({
        {any, "12.50", "12.50 | 12.50"},
        {any, "007", "7 | 7"},
        {any, ".5", "0.5 | 0.5"},
        {any, "5.", "5 | 5"},
        {any, "-0.00", "0.00 | 0.00"},
        {any, "1.5e3", "1500 | 1500"},
        {any, "1.5e-3", "0.0015 | 0.0015"},
        {any, "0e99999", "0 | 0"},
        {any, "123456789012345678901234567890.123456789",
         "123456789012345678901234567890.123456789 | "
         "123456789012345678901234567890.123456789"},
        {any, "nan", "NaN | \"NaN\""},
        {any, "-Infinity", "-Infinity | \"-Infinity\""},
        {any, "1e200000", "22003 value overflows numeric format"},
        {any, "1e", "22P02 invalid input syntax for type numeric: \"1e\""},
        {any, ".", "22P02 invalid input syntax for type numeric: \".\""},
        {any, "1 2", "22P02 invalid input syntax for type numeric: \"1 2\""},
        {numeric52, "1.005", "1.01 | 1.01"},
        {numeric52, "-1.005", "-1.01 | -1.01"},
        {numeric52, "1", "1.00 | 1.00"},
        {numeric52, "9.995", "10.00 | 10.00"},
        {numeric52, "0.995", "1.00 | 1.00"},
        {numeric52, "999.99", "999.99 | 999.99"},
        {numeric52, "999.995", details + "must round to an absolute value less than 10^3."},
        {numeric52, "inf", details + "cannot hold an infinite value."},
        {numeric25, "0.00099", "0.00099 | 0.00099"},
        {numeric25, "0.001",
         "22003 numeric field overflow | A field with precision 2, scale 5 must round to "
         "an absolute value less than 10^-3."},
    });
}

TEST(Codec, ReadsTexts) {
    const Type text{TypeKind::Text}, uuid{TypeKind::Uuid}, bytea{TypeKind::Bytea};
    expect_texts({
        {text, "a\"b\n\x01é", "a\"b\n\x01é | \"a\\\"b\\n\\u0001é\""},
        {text, std::string("a\0b", 3), "22021 invalid byte sequence for encoding \"UTF8\": 0x00"},
        {text, "a\xff", "22021 invalid byte sequence for encoding \"UTF8\": 0xff"},
        {text, "\xe2\x28\xa1", "22021 invalid byte sequence for encoding \"UTF8\": 0xe2 0x28 0xa1"},
        {text, "\xed\xa0\x80", "22021 invalid byte sequence for encoding \"UTF8\": 0xed 0xa0 0x80"},
        {varchar5, "ééééé", "ééééé | \"ééééé\""},
        {varchar5, "éééééx", "22001 value too long for type character varying(5)"},
        {varchar5, "abcde   ", "abcde | \"abcde\""},
        {char5, "ab", "ab    | \"ab   \""},
        {char5, "abcdef", "22001 value too long for type character(5)"},
        {uuid, "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}",
         "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 | \"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""},
        {uuid, "a0eebc999c0b4ef8bb6d6bb9bd380a11",
         "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 | \"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""},
        {uuid, "x", "22P02 invalid input syntax for type uuid: \"x\""},
        {uuid, "a0eebc999c0b4ef8bb6d6bb9bd380a1",
         "22P02 invalid input syntax for type uuid: "
         "\"a0eebc999c0b4ef8bb6d6bb9bd380a1\""},
        {mood, "ok", "ok | \"ok\""},
        {mood, "x", "22P02 invalid input value for enum mood: \"x\""},
        {bytea, "\\x00fF", "\\x00ff | \"\\\\x00ff\""},
        {bytea, "a\\\\\\001", "\\x615c01 | \"\\\\x615c01\""},
        {bytea, "\\x0", "22023 invalid hexadecimal data: odd number of digits"},
        {bytea, "\\x0g", "22023 invalid hexadecimal digit: \"g\""},
        {bytea, "\\9", "22P02 invalid input syntax for type bytea"},
    });
}

TEST(Codec, ReadsDatesAndTimes) {
    expect_texts({
        {{TypeKind::Date}, "2026-08-21", "2026-08-21 | \"2026-08-21\""},
        {{TypeKind::Date}, "2026-08-21T10:00:00Z", "2026-08-21 | \"2026-08-21\""},
        {{TypeKind::Date}, "x", "22007 invalid input syntax for type date: \"x\""},
        {{TypeKind::Time}, "10:11:12.5", "10:11:12.5 | \"10:11:12.5\""},
        {{TypeKind::Time}, "25:00", "22008 date/time field value out of range: \"25:00\""},
        {{TypeKind::Timestamp},
         "2026-08-21T10:11:12.345",
         "2026-08-21 10:11:12.345 | \"2026-08-21T10:11:12.345\""},
        {{TypeKind::TimestampTz},
         "2026-08-21T12:11:12.345+02:00",
         "2026-08-21 10:11:12.345+00 | \"2026-08-21T10:11:12.345+00:00\""},
        {{TypeKind::Interval}, "90 minutes", "01:30:00 | \"01:30:00\""},
    });
}

TEST(Codec, ReadsJson) {
    const Type json{TypeKind::Json}, jsonb{TypeKind::Jsonb};
    const std::string invalid = "22P02 invalid input syntax for type json | ";
    const std::string deep(2000, '[');
    expect_texts({
        {json, "{\"b\":1,  \"a\":2, \"b\":3}",
         "{\"b\":1,  \"a\":2, \"b\":3} | {\"b\":1,  \"a\":2, \"b\":3}"},
        {jsonb, "{\"bb\":[1,2],\"b\":1,\"a\":2,\"b\":3}",
         "{\"a\": 2, \"b\": 3, \"bb\": [1, 2]} | {\"a\": 2, \"b\": 3, \"bb\": [1, 2]}"},
        {jsonb, "[1.50, 1e3, -0, 12345678901234567890.5]",
         "[1.50, 1000, 0, 12345678901234567890.5] | [1.50, 1000, 0, 12345678901234567890.5]"},
        {jsonb, " \"\\u00e9\\ud83d\\ude00\\/\" ", "\"é😀/\" | \"é😀/\""},
        {jsonb, "null", "null | null"},
        {jsonb, "{}", "{} | {}"},
        {jsonb, "\"\\u0000\"",
         "22P05 unsupported Unicode escape sequence | "
         "\\u0000 cannot be converted to text."},
        {jsonb, "\"\\ud83d\"",
         invalid + "Unicode high surrogate must not follow a high surrogate."},
        {jsonb, "tru", invalid + "Token \"tru\" is invalid."},
        {jsonb, "{\"a\":", invalid + "The input string ended unexpectedly."},
        {jsonb, "", invalid + "The input string ended unexpectedly."},
        {jsonb, "01", invalid + "Token \"01\" is invalid."},
        {jsonb, "1.", invalid + "Token \"1.\" is invalid."},
        {jsonb, "[1,]", invalid + "Expected JSON value, but found \"]\"."},
        {jsonb, "1 2", invalid + "Expected end of input, but found \"2\"."},
        {jsonb, deep, "54001 stack depth limit exceeded"},
        {json, deep, "54001 stack depth limit exceeded"},
    });
}

TEST(Codec, ReadsArrays) {
    const Type texts = array_of(TypeKind::Text), ints = array_of(TypeKind::Int4);
    const auto malformed = [](std::string text, std::string details) {
        return "22P02 malformed array literal: \"" + text + "\" | " + details;
    };
    expect_texts({
        {texts, "{a,\"b c\",NULL}", "{a,\"b c\",NULL} | [\"a\",\"b c\",null]"},
        {texts, "{ a b , \"null\",\"\", x\\,y }",
         "{\"a b\",\"null\",\"\",\"x,y\"} | [\"a b\",\"null\",\"\",\"x,y\"]"},
        {texts, "{\"a\\\"b\\\\\"}", "{\"a\\\"b\\\\\"} | [\"a\\\"b\\\\\"]"},
        {texts, "{}", "{} | []"},
        {ints, "{{1,2},{3,4}}", "{{1,2},{3,4}} | [[1,2],[3,4]]"},
        {array_of(TypeKind::Bool), "{t,f}", "{t,f} | [true,false]"},
        {array_of(TypeKind::Numeric), "{1.50,2}", "{1.50,2} | [1.50,2]"},
        {array_of(TypeKind::TimestampTz), "{2026-08-21}",
         "{\"2026-08-21 00:00:00+00\"} | [\"2026-08-21T00:00:00+00:00\"]"},
        {array_of(TypeKind::Jsonb), "{\"[1,2]\",\"{\\\"a\\\":1}\"}",
         "{\"[1, 2]\",\"{\\\"a\\\": 1}\"} | [[1, 2],{\"a\": 1}]"},
        {array_of(TypeKind::Float8), "{NaN}", "{NaN} | [\"NaN\"]"},
        {ints, "{a}", "22P02 invalid input syntax for type integer: \"a\""},
        {ints, "1,2",
         malformed("1,2", "Array value must start with \"{\" or dimension information.")},
        {ints, "{1", malformed("{1", "Unexpected end of input.")},
        {ints, "{1,}", malformed("{1,}", "Unexpected \"}\" character.")},
        {ints, "{1}}", malformed("{1}}", "Junk after closing right brace.")},
        {ints, "{{1},{2,3}}",
         "22P02 malformed array literal | "
         "Multidimensional arrays must have sub-arrays with matching dimensions."},
        {ints, "[1:2]={1,2}", "0A000 array bounds are not supported: \"[1:2]={1,2}\""},
    });
}

TEST(Codec, ReadsJsonValuesAsPostgrestDoes) {
    struct Case {
        const char* why;
        Type type;
        const char* json;
        const char* expected;
    };
    const Case cases[] = {
        {"null", {TypeKind::Int4}, "null", " | null"},
        {"integer", {TypeKind::Int4}, "7", "7 | 7"},
        {"text of a number", {TypeKind::Int4}, "\"7\"", "7 | 7"},
        {"fraction",
         {TypeKind::Int4},
         "1.5",
         "22P02 invalid input syntax for type integer: \"1.5\""},
        {"written as a fraction",
         {TypeKind::Int4},
         "1.0",
         "22P02 invalid input syntax for type integer: \"1.0\""},
        {"too big for 64 bits",
         {TypeKind::Int8},
         "18446744073709551616",
         "22003 value \"18446744073709551616\" is out of range for type bigint"},
        {"number as text", {TypeKind::Text}, "7", "7 | \"7\""},
        {"boolean as text", {TypeKind::Text}, "true", "true | \"true\""},
        {"object as text", {TypeKind::Text}, "{\"a\": 1}", "{\"a\":1} | \"{\\\"a\\\":1}\""},
        {"boolean", {TypeKind::Bool}, "false", "f | false"},
        {"decimal", {TypeKind::Numeric}, "12.25", "12.25 | 12.25"},
        {"scaled", numeric52, "3", "3.00 | 3.00"},
        {"object",
         {TypeKind::Jsonb},
         "{\"b\": 1.5, \"a\": [true, null]}",
         "{\"a\": [true, null], \"b\": 1.5} | {\"a\": [true, null], \"b\": 1.5}"},
        {"a string stays a string", {TypeKind::Jsonb}, "\"{}\"", "\"{}\" | \"{}\""},
        {"large double", {TypeKind::Jsonb}, "1e3", "1000 | 1000"},
        {"array", array_of(TypeKind::Text), "[\"a\", null, 3]", "{a,NULL,3} | [\"a\",null,\"3\"]"},
        {"array as a literal", array_of(TypeKind::Int4), "\"{1,2}\"", "{1,2} | [1,2]"},
        {"nested", array_of(TypeKind::Int4), "[[1],[2]]", "{{1},{2}} | [[1],[2]]"},
        {"ragged", array_of(TypeKind::Int4), "[[1],2]",
         "22P02 malformed array literal | "
         "Multidimensional arrays must have sub-arrays with matching dimensions."},
        {"elements that are arrays", array_of(TypeKind::Jsonb), "[[1,2],3]",
         "{\"[1, 2]\",3} | [[1, 2],3]"},
        {"object for an array", array_of(TypeKind::Text), "{}", "22P02 expected JSON array"},
        {"NUL",
         {TypeKind::Text},
         "\"a\\u0000\"",
         "22P05 unsupported Unicode escape sequence | "
         "\\u0000 cannot be converted to text."},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(shown(c.type, from_json(c.type, boost::json::parse(c.json))), c.expected)
            << c.why;
    }
}

TEST(Codec, OrdersValuesAsPostgresDoes) {
    struct Case {
        const char* why;
        Type type;
        std::vector<const char*> ascending;
    };
    const Case cases[] = {
        {"integers", {TypeKind::Int8}, {"-9", "-1", "0", "10"}},
        {"reals, NaN last", {TypeKind::Float8}, {"-inf", "-1.5", "2", "inf", "NaN"}},
        {"numerics",
         {TypeKind::Numeric},
         {"-Infinity", "-10", "-9.5", "-0.1", "0", "0.09", "0.1", "9.99", "10", "100", "Infinity",
          "NaN"}},
        {"texts by bytes", {TypeKind::Text}, {"", "A", "B", "a", "é"}},
        {"enum by label order", mood, {"sad", "ok", "happy"}},
        {"booleans", {TypeKind::Bool}, {"false", "true"}},
        {"bytes", {TypeKind::Bytea}, {"\\x", "\\x00", "\\x7f", "\\xff"}},
        {"jsonb",
         {TypeKind::Jsonb},
         {"[]", "null", "\"a\"", "\"b\"", "2", "10", "false", "true", "[null]", "[9]", "[[]]",
          "[{}]", "[1,1]", "{}", "{\"a\":1}", "{\"aa\":0}", "{\"b\":0}", "{\"a\":1,\"b\":2}",
          "{\"b\":1,\"aa\":1}"}},
        {"arrays", array_of(TypeKind::Int4), {"{}", "{2}", "{2,1}", "{10}", "{NULL}"}},
    };
    for (const Case& c : cases) {
        for (std::size_t i = 0; i < c.ascending.size(); ++i) {
            for (std::size_t j = 0; j < c.ascending.size(); ++j) {
                const auto left = parse_text(c.type, c.ascending[i]);
                const auto right = parse_text(c.type, c.ascending[j]);
                ASSERT_TRUE(left && right) << c.why;
                EXPECT_EQ(compare(c.type, *left, *right), i < j   ? -1
                                                          : i > j ? 1
                                                                  : 0)
                    << c.why << ": " << c.ascending[i] << " and " << c.ascending[j];
            }
        }
    }
    EXPECT_EQ(compare({TypeKind::Numeric}, Value("1.50"), Value("1.5")), 0)
        << "scale does not count";
    EXPECT_EQ(compare(char5, Value("a    "), Value("a")), 0) << "padding does not count";
}

}  // namespace dunlin::codec
