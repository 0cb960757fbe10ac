#include "realtime/live_filter.h"

#include <gtest/gtest.h>

#include "core/limits.h"
#include "realtime/test_support.h"

namespace dunlin::realtime {

namespace {

const Table things = test::table("things", {
                                               test::column("id", TypeKind::Int8),
                                               test::column("name", TypeKind::Text),
                                               test::column("done", TypeKind::Bool),
                                               test::column("price", TypeKind::Numeric),
                                               test::column("extra", TypeKind::Json),
                                           });

Row row(Value id, Value name, Value done = {}, Value price = {}) {
    return {std::move(id), std::move(name), std::move(done), std::move(price), Value()};
}

Value number(std::int64_t value) {
    return Value(value);
}

TEST(LiveFilter, DecidesAsSqlWould) {
    struct Case {
        const char* why;
        const char* filter;
        Row row;
        bool expected;
    };
    const Row seven = row(number(7), Value("ann"), Value::boolean(true), Value("1.50"));
    const Row nulls = row(number(1), Value(), Value(), Value());
    const Case cases[] = {
        {"no filter", "", seven, true},
        {"blank filter", "  ", seven, true},
        {"eq", "id=eq.7", seven, true},
        {"eq differs", "id=eq.8", seven, false},
        {"not eq", "id=not.eq.8", seven, true},
        {"neq", "id=neq.8", seven, true},
        {"lt", "id=lt.8", seven, true},
        {"lt of the same", "id=lt.7", seven, false},
        {"lte of the same", "id=lte.7", seven, true},
        {"gt of the same", "id=gt.7", seven, false},
        {"gte of the same", "id=gte.7", seven, true},
        {"negative number", "id=gt.-1", seven, true},
        {"numeric equal in value", "price=eq.1.5", seven, true},
        {"in", "id=in.(1,7)", seven, true},
        {"not in", "id=not.in.(1,7)", seven, false},
        {"empty list", "id=in.()", seven, false},
        {"all must hold", "id=eq.7,name=eq.bob", seven, false},
        {"all hold", "id=eq.7,name=eq.ann", seven, true},
        {"quoted", R"(name=eq."a,b(\"c\")\\")", row(number(1), Value(R"(a,b("c")\)")), true},
        {"quoted list item", R"(name=in.("a,b",c))", row(number(1), Value("a,b")), true},
        {"a quote inside is plain", "name=eq.say \"hi\"", row(number(1), Value("say \"hi\"")),
         true},
        {"dots in a value", "name=eq.a.b=c", row(number(1), Value("a.b=c")), true},
        {"empty text", "name=eq.", row(number(1), Value("")), true},
        {"NULL is not equal", "name=eq.ann", nulls, false},
        {"NULL is not unequal", "name=neq.ann", nulls, false},
        {"NULL is not not equal", "name=not.eq.ann", nulls, false},
        {"NULL is not outside a list", "name=not.in.(ann)", nulls, false},
        {"is null", "name=is.null", nulls, true},
        {"is null of a value", "name=is.null", seven, false},
        {"is not null", "name=not.is.null", seven, true},
        {"is true", "done=is.true", seven, true},
        {"is false", "done=is.false", seven, false},
        {"is true of NULL", "done=is.true", nulls, false},
        {"is not true of NULL", "done=not.is.true", nulls, true},
        {"is unknown", "done=is.unknown", nulls, true},
        {"distinct", "name=isdistinct.bob", seven, true},
        {"distinct from NULL", "name=isdistinct.bob", nulls, true},
        {"not distinct", "name=not.isdistinct.ann", seven, true},
        {"isdistinct.null", "name=isdistinct.null", seven, true},
        {"isdistinct.null of NULL", "name=isdistinct.null", nulls, false},
        {"like", "name=like.a%", seven, true},
        {"like is whole", "name=like.a", seven, false},
        {"like one character", "name=like.an_", seven, true},
        {"like of a Greek letter", "name=like._", row(number(1), Value("λ")), true},
        {"like takes dots as they are", "name=like.a.n", seven, false},
        {"like with escape", "name=like.100\\%", row(number(1), Value("100%")), true},
        {"like with escape differs", "name=like.100\\%", row(number(1), Value("1000")), false},
        {"like over lines", "name=like.a%b", row(number(1), Value("a\nb")), true},
        {"like is case sensitive", "name=like.ANN", seven, false},
        {"ilike", "name=ilike.ANN", seven, true},
        {"not like of NULL", "name=not.like.a%", nulls, false},
        {"match", "name=match.^a.n$", seven, true},
        {"match anywhere", "name=match.n", seven, true},
        {"imatch", "name=imatch.^A", seven, true},
        {"match is case sensitive", "name=match.^A", seven, false},
    };
    for (const Case& c : cases) {
        const auto filter = parse_live_filter(things, c.filter);
        ASSERT_TRUE(filter) << c.why << ": " << filter.error().message;
        EXPECT_EQ(filter->matches(c.row), c.expected) << c.why;
    }
}

TEST(LiveFilter, RefusesWhatItDoesNotUnderstand) {
    std::string many_items = "id=in.(0";
    for (std::size_t i = 1; i <= limits::filter_in_items_max; ++i) many_items += ",1";
    many_items += ")";
    std::string many_conditions = "id=eq.0";
    for (std::size_t i = 1; i <= limits::filter_conditions_max; ++i) many_conditions += ",id=eq.0";
    struct Case {
        const char* why;
        std::string filter;
    };
    const Case cases[] = {
        {"no operator", "id"},
        {"no dot", "id=eq"},
        {"unknown operator", "id=foo.1"},
        {"unknown column", "nope=eq.1"},
        {"column with a blank", " id=eq.1"},
        {"value of another type", "id=eq.seven"},
        {"list item of another type", "id=in.(1,x)"},
        {"list without parentheses", "id=in.1,2"},
        {"list not closed", "id=in.(1,2"},
        {"quote not closed", "name=eq.\"a"},
        {"text after a quote", "name=eq.\"a\"b"},
        {"two dots of not", "id=not.not.eq.1"},
        {"is of a number", "id=is.true"},
        {"is of something else", "done=is.maybe"},
        {"like on a number", "id=like.1%"},
        {"like that ends with an escape", "name=like.a\\"},
        {"bad regular expression", "name=match.("},
        {"huge regular expression", "name=match.((((a{100}){100}){100}){100})"},
        {"json has no equality", "extra=eq.{}"},
        {"comma at the end", "id=eq.1,"},
        {"too many items", many_items},
        {"too many conditions", many_conditions},
    };
    for (const Case& c : cases) {
        const auto filter = parse_live_filter(things, c.filter);
        ASSERT_FALSE(filter) << c.why;
        EXPECT_TRUE(filter.error().message.starts_with("Error parsing `filter` params: "))
            << c.why << ": " << filter.error().message;
    }
    EXPECT_TRUE(parse_live_filter(things, "extra=is.null"));
}

TEST(LiveFilter, ComparesByMeaning) {
    const auto parse = [](const char* text) { return parse_live_filter(things, text).value(); };
    EXPECT_EQ(parse("id=eq.7,name=like.a%"), parse("id=eq.7,name=like.a%"));
    EXPECT_EQ(parse("id=eq.7").hash(), parse("id=eq.\"7\"").hash());
    EXPECT_NE(parse("id=eq.7"), parse("id=neq.7"));
    EXPECT_NE(parse("name=like.a"), parse("name=ilike.a"));
}

}  // namespace

}  // namespace dunlin::realtime
