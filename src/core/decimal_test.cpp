#include "core/decimal.h"

#include <gtest/gtest.h>

namespace dunlin {

TEST(CompareDecimal, OrdersByValueNotByText) {
    struct Case {
        const char* why;
        const char* less;
        const char* greater;
    };
    const Case cases[] = {
        {"more digits", "9", "10"},
        {"fraction", "10", "10.5"},
        {"fraction of other length", "10.25", "10.5"},
        {"fraction that is a prefix", "0.1", "0.10000000000000000000000000001"},
        {"sign", "-1", "0"},
        {"both negative", "-10", "-9.99"},
        {"negative fraction", "-0.2", "-0.1"},
        {"beyond a double", "9007199254740992", "9007199254740993"},
        {"NaN is above everything", "Infinity", "NaN"},
        {"infinity", "999999999999999999999999999999", "Infinity"},
        {"minus infinity", "-Infinity", "-999999999999999999999999999999"},
        {"text comes last", "NaN", "abc"},
        {"texts by bytes", "abc", "abd"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(compare_decimal(c.less, c.greater), -1) << c.why;
        EXPECT_EQ(compare_decimal(c.greater, c.less), 1) << c.why;
    }
}

TEST(CompareDecimal, KnowsThatSpellingsAreEqual) {
    struct Case {
        const char* why;
        const char* left;
        const char* right;
    };
    const Case cases[] = {
        {"trailing zero", "10", "10.0"},      {"leading zero", "007", "7"},
        {"negative zero", "-0.00", "0"},      {"plus", "+1", "1"},
        {"no whole part", ".5", "0.50"},      {"NaN equals itself", "NaN", "NaN"},
        {"infinity", "Infinity", "Infinity"}, {"empty text", "", ""},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(compare_decimal(c.left, c.right), 0) << c.why;
        EXPECT_EQ(compare_decimal(c.right, c.left), 0) << c.why;
    }
}

}  // namespace dunlin
