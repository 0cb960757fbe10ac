#include "realtime/principal_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "realtime/subscription_index.h"
#include "realtime/test_support.h"

namespace dunlin::realtime {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Row task(std::int64_t project) {
    return {Value(std::int64_t{1}), Value(project)};
}

std::shared_ptr<const policy::Reader> member_of(std::vector<std::int64_t> projects) {
    std::vector<Value> values;
    for (const std::int64_t project : projects) values.emplace_back(project);
    return test::reader("ann", std::move(values));
}

TEST(PrincipalIndex, FindsReadersByTheirMemberships) {
    const test::FakeRule rule = test::member_rule(1);
    PrincipalIndex index(rule);
    const auto found = [&](const Row& row) {
        std::vector<std::uint32_t> readers;
        index.collect(row, readers);
        EXPECT_EQ(index.count(row), readers.size());
        return readers;
    };
    index.add(1, *member_of({7, 8}), 10);
    index.add(1, *member_of({7, 8}), 11);
    index.add(2, *member_of({8}), 20);
    index.add(3, *member_of({}), 30);
    EXPECT_EQ(index.size(), 3U);
    EXPECT_THAT(found(task(7)), ElementsAre(1U));
    EXPECT_THAT(found(task(8)), UnorderedElementsAre(1U, 2U));
    EXPECT_THAT(found({Value(std::int64_t{1}), Value()}), IsEmpty()) << "NULL is in no set";
    EXPECT_THAT(index.subscriptions_of(1), UnorderedElementsAre(10U, 11U));
    index.replace(2, *member_of({7}));
    index.replace(9, *member_of({7}));
    EXPECT_THAT(found(task(7)), UnorderedElementsAre(1U, 2U));
    EXPECT_THAT(found(task(8)), ElementsAre(1U));
    index.remove(1, 10);
    EXPECT_THAT(found(task(8)), ElementsAre(1U)) << "it has another subscription";
    index.remove(1, 11);
    EXPECT_THAT(found(task(8)), IsEmpty());
}

TEST(PrincipalIndex, TheSubscriptionIndexLooksOnlyAtTheGroupsOfWhomARowMayConcern) {
    const Table tasks = test::table(
        "tasks", {test::column("id", TypeKind::Int8), test::column("p", TypeKind::Int8)});
    const test::FakeRule rule = test::member_rule(1);
    SubscriptionIndex index;
    constexpr std::uint32_t count = 1000;
    for (std::uint32_t i = 0; i < count; ++i) {
        index.add({.table = &tasks,
                   .rule = &rule,
                   .reader = index.add_reader(member_of({i / 10})),
                   .kinds = kind_bit(ChangeKind::Insert),
                   .delivery = static_cast<DeliveryId>(i),
                   .subscriber = static_cast<SubscriberId>(i)});
    }
    std::vector<Match> matches;
    index.match({.table = "tasks", .kind = ChangeKind::Insert, .new_row = task(42)}, matches);
    ASSERT_EQ(matches.size(), 10U);
    for (const Match& match : matches)
        EXPECT_EQ(static_cast<std::uint32_t>(match.subscriber) / 10, 42U);
    EXPECT_EQ(index.candidates(), 10U) << "of 1,000 topics";
}

}  // namespace

}  // namespace dunlin::realtime
