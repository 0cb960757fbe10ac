#include "query/body.h"

#include <gtest/gtest.h>

#include "core/limits.h"

namespace dunlin::query {

namespace {

std::string shown(const Result<Body>& body) {
    if (!body) return body.error().sqlstate + " " + body.error().message;
    std::string out;
    for (const BodyObject& object : body->objects) {
        for (const auto& [name, value] : object.members) out += name + "=" + value + ";";
        out += "|";
    }
    return out;
}

}  // namespace

TEST(Body, CutsJsonIntoMembers) {
    struct Case {
        const char* why;
        const char* text;
        const char* expected;
    };
    const Case cases[] = {
        {"one object", R"({"a":1,"b":"x"})", R"(a=1;b="x";|)"},
        {"blanks around everything", " [ { \"a\" : [ 1 , 2 ] } , { \"a\" : { } } ] \r\n",
         "a=[ 1 , 2 ];|a={ };|"},
        {"braces and escapes in a text", R"([{"a":"}]\"\\","b":{"c":"{[\""}}])",
         R"(a="}]\"\\";b={"c":"{[\""};|)"},
        {"numbers as they were written", R"({"a":1.50e+10,"b":-0})", "a=1.50e+10;b=-0;|"},
        {"words", R"({"a":true,"b":null})", "a=true;b=null;|"},
        {"escaped name", R"({"\u0061b":1})", "ab=1;|"},
        {"of repeated names the last", R"([{"a":1,"b":2,"a":3},{"a":4,"b":5}])",
         "b=2;a=3;|a=4;b=5;|"},
        {"no rows", "[]", ""},
        {"no members", "[{},{}]", "||"},
        {"empty", "", "PGRST102 Empty or invalid json"},
        {"unfinished", R"({"a":)", "PGRST102 Empty or invalid json"},
        {"two values", "{}{}", "PGRST102 Empty or invalid json"},
        {"a comma too many", R"([{"a":1},])", "PGRST102 Empty or invalid json"},
        {"no UTF-8", "{\"a\":\"\xff\"}", "PGRST102 Empty or invalid json"},
        {"half a surrogate pair", R"({"a":"\ud800"})", "PGRST102 Empty or invalid json"},
        {"a number", "5", "PGRST102 Empty or invalid json"},
        {"an array of numbers", "[5]", "PGRST102 All object keys must match"},
    };
    for (const Case& c : cases) EXPECT_EQ(shown(parse_json_body(c.text)), c.expected) << c.why;
}

TEST(Body, IsBounded) {
    const auto nested = [](std::size_t depth) {
        return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
    };
    EXPECT_TRUE(parse_json_body(nested(limits::body_depth_max)));
    EXPECT_EQ(shown(parse_json_body(nested(limits::body_depth_max + 1))),
              "PGRST102 Empty or invalid json");
    std::string many = "[{\"a\":0}";
    for (std::size_t i = 0; i < limits::body_values_max; ++i) many += ",{\"a\":0}";
    EXPECT_EQ(shown(parse_json_body(many + "]")), "54000 the body has too many values");
    std::string wide = "{";
    for (int i = 0; i < 200'000; ++i) wide += "\"k" + std::to_string(i) + "\":0,";
    EXPECT_EQ(parse_json_body(wide + "\"k\":0}")->objects[0].members.size(), 200'001u)
        << "in linear time";
    std::string lines = "a,b\n";
    for (std::size_t i = 0; i <= limits::body_values_max / 2; ++i) lines += "1,2\n";
    EXPECT_EQ(shown(parse_csv_body(lines)), "54000 the body has too many values");
}

TEST(Body, ReadsCsv) {
    struct Case {
        const char* why;
        const char* text;
        const char* expected;
    };
    const Case cases[] = {
        {"texts and NULL", "a,b\nx,NULL\n", R"(a="x";b=null;|)"},
        {"quotes", "a\n\"x \"\"y\"\",\r\nz\"\r\n", R"(a="x \"y\",\r\nz";|)"},
        {"blank lines are no rows", "a\n\nx\n\n", R"(a="x";|)"},
        {"two fields of nothing", "a,b\n,\n", R"(a="";b="";|)"},
        {"no rows", "a,b", ""},
        {"empty", "", "PGRST102 the CSV has no header line"},
        {"too many fields", "a\n1,2\n", "PGRST102 All lines must have same number of fields"},
        {"open quote", "a\n\"1", "PGRST102 a quoted CSV field does not end"},
        {"text behind a quote", "a\n\"1\"2\n",
         "PGRST102 a quoted CSV field goes on after its quote"},
    };
    for (const Case& c : cases) EXPECT_EQ(shown(parse_csv_body(c.text)), c.expected) << c.why;
}

TEST(Body, ReadsForms) {
    EXPECT_EQ(shown(form_body({{"a", "x\"y"}, {"b", ""}})), R"(a="x\"y";b="";|)");
}

}  // namespace dunlin::query
