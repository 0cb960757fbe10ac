#include <gtest/gtest.h>

#include "core/limits.h"
#include "realtime/subscription_index.h"
#include "realtime/test_support.h"

/// Under which key a group is found: what it costs to leave it alone.
namespace dunlin::realtime {

namespace {

const Table offers = test::table("offers", {
                                               test::column("id", TypeKind::Int8),
                                               test::column("price", TypeKind::Int8),
                                               test::column("state", TypeKind::Text),
                                           });

class FilingTest : public testing::Test {
protected:
    SubscriptionIndex index;
    test::FakeRule everyone;
    test::FakeRule owned = test::rule_of(policy::RowRule::Shape::Owner, 2);
    ReaderId ann = index.add_reader(test::reader("ann"));
    std::uint32_t last = 0;

    Subscription subscription(const std::string& filter, const policy::RowRule& rule) {
        auto parsed = parse_live_filter(offers, filter);
        if (!parsed) ADD_FAILURE() << parsed.error().message;
        ++last;
        return {.table = &offers,
                .rule = &rule,
                .reader = ann,
                .kinds = kind_bit(ChangeKind::Insert),
                .filter = std::make_shared<const LiveFilter>(std::move(*parsed)),
                .delivery = DeliveryId{last},
                .subscriber = SubscriberId{last}};
    }
    std::size_t matches_of(std::int64_t price, const char* state) {
        std::vector<Match> matches;
        index.match({.table = "offers",
                     .kind = ChangeKind::Insert,
                     .new_row = {Value(std::int64_t{1}), Value(price), Value(state)}},
                    matches);
        return matches.size();
    }
};

TEST_F(FilingTest, AnEqualityThatEverybodyHasGivesWayToARange) {
    constexpr std::int64_t count = 10'000;
    for (std::int64_t i = 0; i < count; ++i) {
        const std::string low = std::to_string(i * 10);
        const std::string high = std::to_string(i * 10 + 10);
        index.add(subscription("state=eq.open,price=gte." + low + ",price=lt." + high, everyone));
    }
    EXPECT_EQ(matches_of(55'555, "open"), 1u);
    EXPECT_LT(index.candidates(), 100u) << "not everybody who waits for an open one";
    EXPECT_EQ(matches_of(55'555, "sold"), 0u);
}

TEST_F(FilingTest, ARangeWithOneEndDoesNotReplaceAnEquality) {
    for (int i = 0; i < 1000; ++i) {
        const std::string room = std::to_string(i % 10);
        index.add(subscription("id=eq." + room + ",price=gt.1", everyone));
    }
    EXPECT_EQ(matches_of(5, "open"), 100u);
    EXPECT_EQ(index.candidates(), 100u);
}

TEST_F(FilingTest, FiltersThatNoIndexServesAreBounded) {
    const auto unindexed = [&](std::size_t i, const policy::RowRule& rule) {
        return subscription("price=neq." + std::to_string(i), rule);
    };
    Subscription known = unindexed(0, everyone);
    std::vector<SubscriptionId> ids = {index.add(known)};
    for (std::size_t i = 1; i < limits::unindexed_filters_per_table_max; ++i) {
        const Subscription one = unindexed(i, everyone);
        ASSERT_TRUE(index.check(one));
        ids.push_back(index.add(one));
    }
    EXPECT_EQ(index.unindexed(), limits::unindexed_filters_per_table_max);

    struct Case {
        const char* why;
        Subscription wanted;
        bool accepted;
    };
    Subscription again = known;
    again.subscriber = SubscriberId{77};
    Subscription whole_table = unindexed(1, everyone);
    whole_table.filter = nullptr;
    const Case cases[] = {
        {"one too many", unindexed(5000, everyone), false},
        {"the pattern is looked at for every change as well",
         subscription("state=like.o%", everyone), false},
        {"the same as another's costs no more", again, true},
        {"found by its value", subscription("price=neq.5,id=eq.1", everyone), true},
        {"found by its range", subscription("price=neq.5,id=gt.1", everyone), true},
        {"found by its owner", unindexed(5000, owned), true},
        {"without a filter it concerns everybody anyway", whole_table, true},
    };
    for (const Case& c : cases) {
        const auto checked = index.check(c.wanted);
        EXPECT_EQ(checked.has_value(), c.accepted) << c.why;
        if (!checked) EXPECT_EQ(checked.error().code, ErrorCode::LimitExceeded) << c.why;
    }

    index.remove(ids.back());
    EXPECT_TRUE(index.check(unindexed(5000, everyone))) << "one has left";
    ids.pop_back();
    for (const SubscriptionId id : ids) index.remove(id);
    EXPECT_EQ(index.unindexed(), 0u);
}

}  // namespace

}  // namespace dunlin::realtime
