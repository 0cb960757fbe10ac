#include "changes/recent_changes.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace dunlin::changes {

namespace {

constexpr std::uint64_t epoch = 7;

ChangeBatch commit(std::uint64_t first, std::uint64_t last, std::size_t text_bytes = 1) {
    std::vector<Change> changes;
    for (std::uint64_t at = first; at <= last; ++at) {
        changes.push_back({.position = {epoch, at},
                           .table = "t",
                           .new_row = {Value(std::string(text_bytes, 'x'))}});
    }
    return std::make_shared<const std::vector<Change>>(std::move(changes));
}

/// "4-6 7-7" for two commits; "-" when the memory does not reach back.
std::string text_of(const RecentChanges& recent, Position after, std::size_t changes_max) {
    const auto commits = recent.read_after(after, changes_max);
    if (!commits) return "-";
    std::string text;
    for (const ChangeBatch& each : *commits) {
        if (!text.empty()) text += ' ';
        text += std::to_string(each->front().position.sequence) + "-" +
                std::to_string(each->back().position.sequence);
    }
    return text;
}

}  // namespace

TEST(RecentChanges, GivesWholeCommitsAfterAPosition) {
    RecentChanges recent({epoch, 3});
    EXPECT_EQ(recent.last(), (Position{epoch, 3}));
    recent.append(commit(4, 6));
    recent.append(commit(7, 7));
    recent.append(commit(8, 9));
    struct Case {
        const char* why;
        Position after;
        std::size_t changes_max;
        const char* commits;
    };
    const Case cases[] = {
        {"from the start of what is held", {epoch, 3}, 100, "4-6 7-7 8-9"},
        {"before it: the database knows", {epoch, 2}, 100, "-"},
        {"at the end of a commit", {epoch, 6}, 100, "7-7 8-9"},
        {"inside a commit: its rest", {epoch, 4}, 100, "5-6 7-7 8-9"},
        {"at least one commit", {epoch, 3}, 1, "4-6"},
        {"a commit is not cut", {epoch, 3}, 4, "4-6 7-7"},
        {"nothing new", {epoch, 9}, 100, ""},
        {"not published yet: the database knows", {epoch, 10}, 100, "-"},
        {"of another history", {epoch + 1, 5}, 100, "-"},
    };
    for (const Case& c : cases)
        EXPECT_EQ(text_of(recent, c.after, c.changes_max), c.commits) << c.why;
}

TEST(RecentChanges, ForgetsTheOldestOverItsBound) {
    RecentChanges recent({epoch, 0}, 10'000);
    for (std::uint64_t at = 1; at <= 20; ++at) recent.append(commit(at, at, 2'000));
    EXPECT_EQ(text_of(recent, {epoch, 0}, 100), "-");
    EXPECT_EQ(text_of(recent, {epoch, 15}, 100), "-");
    EXPECT_EQ(text_of(recent, {epoch, 17}, 100), "18-18 19-19 20-20");
    recent.append(commit(21, 22, 100'000));
    EXPECT_EQ(text_of(recent, {epoch, 20}, 100), "21-22") << "the last commit however large";
    EXPECT_EQ(text_of(recent, {epoch, 19}, 100), "-");
}

}  // namespace dunlin::changes
