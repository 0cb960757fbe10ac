#include "realtime/view.h"

#include <gtest/gtest.h>

#include "realtime/test_support.h"

namespace dunlin::realtime {

namespace {

Row row(std::int64_t id, const char* owner) {
    return {Value(id), Value(owner)};
}

}  // namespace

TEST(View, AChangeMeansWhatTheReaderSawAndSees) {
    using enum ChangeKind;
    const Table table = test::table(
        "t", {test::column("id", TypeKind::Int8), test::column("owner", TypeKind::Text)});
    const auto rule = test::rule_of(policy::RowRule::Shape::Owner, 1);
    const auto ann = test::reader("ann");
    const auto filter = parse_live_filter(table, "id=lt.10");
    ASSERT_TRUE(filter);
    struct Case {
        const char* why;
        ChangeKind kind;
        Row old_row;
        Row new_row;
        std::optional<ChangeKind> seen;
    };
    const Case cases[] = {
        {"her row", Insert, {}, row(1, "ann"), Insert},
        {"another's row", Insert, {}, row(1, "bob"), std::nullopt},
        {"outside the filter", Insert, {}, row(11, "ann"), std::nullopt},
        {"stays hers", Update, row(1, "ann"), row(2, "ann"), Update},
        {"becomes hers", Update, row(1, "bob"), row(1, "ann"), Insert},
        {"is given away", Update, row(1, "ann"), row(1, "bob"), Delete},
        {"comes through the filter", Update, row(11, "ann"), row(1, "ann"), Insert},
        {"leaves the filter", Update, row(1, "ann"), row(11, "ann"), Delete},
        {"neither before nor after", Update, row(1, "bob"), row(2, "bob"), std::nullopt},
        {"enters by the rule, leaves by the filter", Update, row(1, "bob"), row(11, "ann"),
         std::nullopt},
        {"hers is deleted", Delete, row(1, "ann"), {}, Delete},
        {"another's deleted row says nothing", Delete, row(1, "bob"), {}, std::nullopt},
    };
    for (const Case& c : cases) {
        const Change change{.kind = c.kind, .old_row = c.old_row, .new_row = c.new_row};
        EXPECT_EQ(seen_as(change, rule, *ann, &*filter), c.seen) << c.why;
    }
}

}  // namespace dunlin::realtime
