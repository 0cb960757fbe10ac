#include "sql/parser.h"
#include "sql/expression.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace dunlin::sql {
namespace {

TEST(Parser, MayBeCalledFromAnyThreadMoreOftenThanAProcessHasThreadKeys) {
    constexpr int threads = 4;
    constexpr int parses = 400;  // 1,600 in all; PTHREAD_KEYS_MAX is 1,024
    std::atomic<int> good = 0;
    std::vector<std::jthread> callers;
    for (int i = 0; i < threads; ++i) {
        callers.emplace_back([&good] {
            for (int k = 0; k < parses; ++k) {
                const auto tree = parse("select 1; select 2");
                good += tree && tree->statements().size() == 2 ? 1 : 0;
            }
        });
    }
    callers.clear();
    EXPECT_EQ(good, threads * parses);
}

TEST(Parser, SurvivesTheDeepestStatementThatFits) {
    const std::string depth(50'000, '(');
    const auto deep = parse("select " + depth + "1" + std::string(depth.size(), ')'));
    if (!deep) EXPECT_FALSE(deep.error().error.message.empty());
}

TEST(Parser, IsFollowedByAnAnalysisOfBoundedDepth) {
    std::string text;
    for (int i = 0; i < 5'000; ++i) text += "not ";
    const auto deep = analyze_expression(Schema{}, nullptr, text + "true");
    ASSERT_FALSE(deep);
    EXPECT_EQ(deep.error().error.sqlstate, "54001");
}

TEST(Parser, RefusesBytesThatAreNoText) {
    const auto wrong = parse("select auth.jwt() -> 'app\xdfmetadata' ->> 'role'");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().error.sqlstate, "22021");
}

TEST(Parser, SaysWhereTheMistakeIs) {
    const auto wrong = parse("select 1;\n  selec 2");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().error.sqlstate, "42601");
    const LineColumn place = line_column("select 1;\n  selec 2", wrong.error().offset);
    EXPECT_EQ(place.line, 2);
    EXPECT_EQ(place.column, 3);
}

}  // namespace
}  // namespace dunlin::sql
