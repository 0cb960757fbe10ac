#include "realtime/resume_points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dunlin::realtime {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> changes_of(ResumePoints& points) {
    std::vector<std::string> texts;
    for (const auto& [key, position] : points.take_changes()) {
        texts.push_back(key + " " + position.to_string());
    }
    return texts;
}

TEST(ResumePoints, KeepsTheLastUsed) {
    ResumePoints points(2);
    points.keep("a", {1, 1});
    points.keep("b", {1, 2});
    EXPECT_EQ(points.find("a"), (Position{1, 1}));
    points.keep("c", {1, 3});
    EXPECT_EQ(points.size(), 2U);
    EXPECT_EQ(points.find("b"), std::nullopt) << "a was asked for after it";
    EXPECT_EQ(points.find("c"), (Position{1, 3}));
    points.forget("c");
    points.forget("nobody");
    EXPECT_EQ(points.find("c"), std::nullopt);
}

TEST(ResumePoints, TellsWhatChanged) {
    ResumePoints points;
    points.restore({{"old", {1, 1}}});
    EXPECT_THAT(changes_of(points), IsEmpty()) << "the copy has it";
    points.keep("a", {1, 1});
    points.keep("a", {1, 2});
    points.keep("b", {1, 2});
    points.forget("b");
    points.forget("old");
    points.keep("old", {1, 7});
    EXPECT_THAT(changes_of(points), ElementsAre("b 0-0", "a 1-2", "old 1-7"));
    EXPECT_THAT(changes_of(points), IsEmpty());
}

}  // namespace

}  // namespace dunlin::realtime
