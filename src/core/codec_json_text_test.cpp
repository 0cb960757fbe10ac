#include <gtest/gtest.h>

#include "core/codec.h"

namespace dunlin::codec {

TEST(CodecJsonText, ReadsValuesAsTheyWereWritten) {
    const auto array_of = [](TypeKind kind) { return Type{.kind = kind, .array = true}; };
    struct Case {
        const char* why;
        Type type;
        const char* json;
        const char* expected;  // PostgreSQL's text, or the refusal
    };
    const Case cases[] = {
        {"null", {TypeKind::Jsonb}, " null ", "NULL"},
        {"more digits than a double has",
         {TypeKind::Numeric},
         "12345678901234567890.12345678901",
         "12345678901234567890.12345678901"},
        {"zeros at the end", {TypeKind::Numeric}, "1.500", "1.500"},
        {"in json", {TypeKind::Jsonb}, R"({"a": 1.500})", R"({"a": 1.500})"},
        {"in arrays", array_of(TypeKind::Numeric), "[1.500, null]", "{1.500,NULL}"},
        {"json with its blanks", {TypeKind::Json}, R"({ "a":1 })", R"({ "a":1 })"},
        {"a string stays a string", {TypeKind::Jsonb}, R"("{}")", R"("{}")"},
        {"an object as text, as sent", {TypeKind::Text}, R"({"a": 1})", R"({"a": 1})"},
        {"escapes", {TypeKind::Text}, R"("\u00e9\ud83d\ude00\n")", "é😀\n"},
        {"no escapes", {TypeKind::Text}, R"("é")", "é"},
        {"a word", {TypeKind::Bool}, "true", "t"},
        {"a number that is none of the type's",
         {TypeKind::Int4},
         "1.0",
         "22P02 invalid input syntax for type integer: \"1.0\""},
        {"a literal", array_of(TypeKind::Int4), R"("{1,2}")", "{1,2}"},
        {"an object for an array", array_of(TypeKind::Int4), "{}", "22P02 expected JSON array"},
        {"NUL", {TypeKind::Text}, R"("\u0000")", "22P05 unsupported Unicode escape sequence"},
    };
    for (const Case& c : cases) {
        const auto value = from_json_text(c.type, c.json);
        std::string shown = value ? "NULL" : value.error().sqlstate + " " + value.error().message;
        if (value && !value->is_null()) shown = to_text(c.type, *value);
        EXPECT_EQ(shown, c.expected) << c.why;
    }
}

}  // namespace dunlin::codec
