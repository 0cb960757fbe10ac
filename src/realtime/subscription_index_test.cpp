#include "realtime/subscription_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <set>

#include "realtime/test_support.h"

namespace dunlin::realtime {

namespace {

using policy::RowRule;

constexpr KindSet every_kind =
    kind_bit(ChangeKind::Insert) | kind_bit(ChangeKind::Update) | kind_bit(ChangeKind::Delete);

Table items_table() {
    Table items = test::table("items", {
                                           test::column("id", TypeKind::Int8),
                                           test::column("room", TypeKind::Int4),
                                           test::column("owner", TypeKind::Text),
                                           test::column("name", TypeKind::Text),
                                           test::column("price", TypeKind::Numeric),
                                           test::column("done", TypeKind::Bool),
                                           test::column("kind", TypeKind::Enum),
                                       });
    items.columns[6].type.labels = {"low", "mid", "high"};
    return items;
}

const Table items = items_table();

std::shared_ptr<const LiveFilter> filter_of(const std::string& text) {
    if (text.empty()) return nullptr;
    auto filter = parse_live_filter(items, text);
    if (!filter) ADD_FAILURE() << filter.error().message;
    return std::make_shared<const LiveFilter>(std::move(*filter));
}

Row item(std::int64_t id, std::int64_t room, std::string owner) {
    return {Value(id), Value(room), Value(std::move(owner)), Value(), Value(), Value(), Value()};
}

Change update(Row before, Row after) {
    return {.table = "items",
            .kind = ChangeKind::Update,
            .old_row = std::move(before),
            .new_row = std::move(after)};
}

std::string seen(SubscriptionIndex& index, const Change& change) {
    std::vector<Match> matches;
    index.match(change, matches);
    std::ranges::sort(matches);
    std::string out;
    for (const Match& match : matches) {
        out += std::to_string(static_cast<std::uint32_t>(match.subscriber));
        out += match.kind == ChangeKind::Insert   ? "I"
               : match.kind == ChangeKind::Update ? "U"
                                                  : "D";
    }
    return out;
}

TEST(SubscriptionIndex, TellsEntersFromUpdatesFromLeaves) {
    const test::FakeRule everyone;
    const test::FakeRule owner = test::rule_of(RowRule::Shape::Owner, 2);
    struct Case {
        const char* why;
        const RowRule* rule;
        const char* filter;
        KindSet kinds;
        Change change;
        const char* expected;
    };
    const Change insert{.table = "items", .kind = ChangeKind::Insert, .new_row = item(1, 7, "ann")};
    const Change gone{.table = "items", .kind = ChangeKind::Delete, .old_row = item(1, 7, "ann")};
    const KindSet inserts = kind_bit(ChangeKind::Insert);
    const KindSet updates = kind_bit(ChangeKind::Update);
    const KindSet deletes = kind_bit(ChangeKind::Delete);
    const auto moved = [](std::int64_t from, std::int64_t to) {
        return update(item(1, from, "ann"), item(1, to, "ann"));
    };
    const auto given = [](const char* from, const char* to) {
        return update(item(1, 7, from), item(1, 7, to));
    };
    const Case cases[] = {
        {"insert", &everyone, "room=eq.7", every_kind, insert, "1I"},
        {"insert elsewhere", &everyone, "room=eq.8", every_kind, insert, ""},
        {"delete", &everyone, "room=eq.7", every_kind, gone, "1D"},
        {"delete elsewhere", &everyone, "room=eq.8", every_kind, gone, ""},
        {"update inside", &everyone, "room=eq.7", every_kind, moved(7, 7), "1U"},
        {"enter", &everyone, "room=eq.7", every_kind, moved(6, 7), "1I"},
        {"leave", &everyone, "room=eq.7", every_kind, moved(7, 6), "1D"},
        {"outside", &everyone, "room=eq.7", every_kind, moved(5, 6), ""},
        {"range: enter", &everyone, "room=gte.7", every_kind, moved(6, 7), "1I"},
        {"range: leave", &everyone, "room=gte.7,room=lt.9", every_kind, moved(8, 9), "1D"},
        {"INSERT binding gets enters", &everyone, "room=eq.7", inserts, moved(6, 7), "1I"},
        {"INSERT binding does not get updates", &everyone, "room=eq.7", inserts, moved(7, 7), ""},
        {"DELETE binding gets leaves", &everyone, "room=eq.7", deletes, moved(7, 6), "1D"},
        {"UPDATE binding does not get enters", &everyone, "room=eq.7", updates, moved(6, 7), ""},
        {"owner: own row", &owner, "", every_kind, insert, "1I"},
        {"owner: row of another", &owner, "", every_kind, given("bob", "bob"), ""},
        {"owner: given to the reader", &owner, "", every_kind, given("bob", "ann"), "1I"},
        {"owner: taken from the reader", &owner, "", every_kind, given("ann", "bob"), "1D"},
        {"owner: deleted own row", &owner, "", every_kind, gone, "1D"},
        {"owner and filter", &owner, "room=eq.8", every_kind, insert, ""},
        {"owner: enter by filter", &owner, "room=eq.7", every_kind, moved(6, 7), "1I"},
    };
    for (const Case& c : cases) {
        SubscriptionIndex index;
        const ReaderId ann = index.add_reader(test::reader("ann"));
        index.add({.table = &items,
                   .rule = c.rule,
                   .reader = ann,
                   .kinds = c.kinds,
                   .filter = filter_of(c.filter),
                   .subscriber = SubscriberId{1}});
        EXPECT_EQ(seen(index, c.change), c.expected) << c.why;
    }
}

TEST(SubscriptionIndex, NeverShowsADeletedRowToWhoCouldNotSeeIt) {
    SubscriptionIndex index;
    const test::FakeRule owner = test::rule_of(RowRule::Shape::Owner, 2);
    const test::FakeRule member = test::member_rule(1);
    const test::FakeRule nobody = test::rule_of(RowRule::Shape::Nobody);
    const ReaderId bob = index.add_reader(test::reader("bob", {Value(std::int64_t{8})}));
    for (const RowRule* rule :
         {static_cast<const RowRule*>(&owner), static_cast<const RowRule*>(&member),
          static_cast<const RowRule*>(&nobody)}) {
        index.add({.table = &items, .rule = rule, .reader = bob, .kinds = every_kind});
    }
    const Change gone{.table = "items", .kind = ChangeKind::Delete, .old_row = item(1, 7, "ann")};
    EXPECT_EQ(seen(index, gone), "");
}

TEST(SubscriptionIndex, LooksOnlyAtTheGroupsThatAKeyFinds) {
    SubscriptionIndex index;
    const test::FakeRule everyone;
    const ReaderId ann = index.add_reader(test::reader("ann"));
    for (std::uint32_t i = 0; i < 1000; ++i) {
        const std::string room = std::to_string(i);
        for (const std::string& filter : {"room=eq." + room, "done=is.false,room=eq." + room,
                                          "id=gte." + room + ",id=lt." + std::to_string(i + 1)}) {
            index.add({.table = &items,
                       .rule = &everyone,
                       .reader = ann,
                       .kinds = every_kind,
                       .filter = filter_of(filter),
                       .subscriber = SubscriberId{i}});
        }
    }
    EXPECT_EQ(
        seen(index, {.table = "items", .kind = ChangeKind::Insert, .new_row = item(500, 7, "ann")}),
        "7I500I");
    EXPECT_LE(index.candidates(), 5U);
}

TEST(SubscriptionIndex, AsksTheRuleOnceForEachReader) {
    class CountingRule final : public RowRule {
    public:
        mutable int asked = 0;
        bool allows(const Row&, const policy::Reader&) const override { return ++asked > 0; }
        Shape shape() const override { return Shape::General; }
        bool same_for_all_readers() const override { return false; }
        const std::vector<std::string>& depends_on() const override { return none; }
        const std::vector<std::size_t>& sets_used() const override { return sets; }
        std::vector<std::string> none;
        std::vector<std::size_t> sets;
    };
    const CountingRule rule;
    SubscriptionIndex index;
    const ReaderId readers[] = {index.add_reader(test::reader("ann")),
                                index.add_reader(test::reader("bob"))};
    for (std::uint32_t i = 0; i < 100; ++i) {
        index.add({.table = &items,
                   .rule = &rule,
                   .reader = readers[i % 2],
                   .kinds = every_kind,
                   .filter = filter_of(i % 3 == 0 ? "room=eq.7" : ""),
                   .subscriber = SubscriberId{i}});
    }
    std::vector<Match> matches;
    index.match({.table = "items", .kind = ChangeKind::Insert, .new_row = item(1, 7, "ann")},
                matches);
    EXPECT_EQ(matches.size(), 100U);
    EXPECT_EQ(rule.asked, 2);
}

/// The same rows, filters and rules as the index, by looking at everything.
class BruteForce {
public:
    std::map<SubscriptionId, Subscription> held;
    std::map<ReaderId, std::shared_ptr<const policy::Reader>> readers;

    std::vector<Match> match(const Change& change) const {
        std::vector<Match> matches;
        for (const auto& [id, subscription] : held) {
            const auto sees = [&](const Row& row) {
                return (!subscription.filter || subscription.filter->matches(row)) &&
                       subscription.rule->allows(row, *readers.at(subscription.reader));
            };
            const bool old_seen = change.kind != ChangeKind::Insert && sees(change.old_row);
            const bool new_seen = change.kind != ChangeKind::Delete && sees(change.new_row);
            if (!old_seen && !new_seen) continue;
            ChangeKind kind = change.kind;
            if (kind == ChangeKind::Update && !old_seen) kind = ChangeKind::Insert;
            if (kind == ChangeKind::Update && !new_seen) kind = ChangeKind::Delete;
            if ((subscription.kinds & kind_bit(kind)) == 0) continue;
            matches.push_back({subscription.subscriber, subscription.delivery, kind});
        }
        std::ranges::sort(matches);
        return matches;
    }
};

class Generator {
public:
    explicit Generator(std::uint32_t seed) : random_(seed) {}

    std::uint32_t below(std::uint32_t bound) {
        return static_cast<std::uint32_t>(random_()) % bound;
    }
    bool chance(std::uint32_t percent) { return below(100) < percent; }
    std::string user() { return std::string(1, static_cast<char>('a' + below(6))); }
    std::string name() { return "name" + std::string(below(3), 'x') + user(); }
    std::string price() {
        std::string text = (chance(20) ? "-" : "") + std::to_string(below(5));
        if (chance(50)) text += chance(50) ? ".5" : ".50";
        return text == "-0" ? "0" : text;
    }
    std::string kind() { return std::array{"low", "mid", "high"}[below(3)]; }

    Row row() {
        Row made = item(below(50), below(20), user());
        if (chance(10)) made[1] = Value();
        if (chance(5)) made[2] = Value();
        if (chance(80)) made[3] = Value(name());
        if (chance(80)) made[4] = Value(price());
        if (chance(80)) made[5] = Value::boolean(chance(50));
        if (chance(80)) made[6] = Value(kind());
        return made;
    }

    Change change() {
        Change made{.table = "items", .kind = static_cast<ChangeKind>(1 + below(3))};
        if (made.kind != ChangeKind::Insert) made.old_row = row();
        if (made.kind == ChangeKind::Insert) made.new_row = row();
        if (made.kind != ChangeKind::Update) return made;
        made.new_row = made.old_row;
        const Row other = row();
        for (std::size_t i = 0; i < other.size(); ++i) {
            if (chance(30)) made.new_row[i] = other[i];
        }
        return made;
    }

    std::string condition() {
        static constexpr std::array ranges{"lt", "lte", "gt", "gte"};
        const std::string no = chance(15) ? "not." : "";
        const std::string range = ranges[below(4)];
        switch (below(13)) {
            case 0:
                return "id=" + no + "eq." + std::to_string(below(50));
            case 1:
                return "room=" + no + "eq." + std::to_string(below(20));
            case 2:
                return "room=" + no + "in.(" + std::to_string(below(20)) + "," +
                       std::to_string(below(20)) + "," + std::to_string(below(20)) + ")";
            case 3:
                return "id=" + no + range + "." + std::to_string(below(50));
            case 4:
                return "price=" + no + range + "." + price();
            case 5:
                return "price=" + no + "eq." + price();
            case 6:
                return "name=" + no + range + "." + name();
            case 7:
                return "name=" + no + (chance(50) ? "is.null" : "like.namex%");
            case 8:
                return "done=" + no + (chance(50) ? "is.false" : "is.true");
            case 9:
                return "room=" + no + "isdistinct." + std::to_string(below(20));
            case 10:
                return "kind=" + no + range + "." + kind();
            case 11:
                return "owner=" + no + "eq." + user();
            default:
                return "id=gte." + std::to_string(below(50)) + ",id=lt." +
                       std::to_string(below(50));
        }
    }

    std::string filter() {
        if (chance(10)) return "";
        std::string text = condition();
        while (chance(35)) text += "," + condition();
        return text;
    }

private:
    std::mt19937 random_;
};

/// Adds and removes subscriptions and readers at random and compares every match.
void compare_with_brute_force(std::uint32_t seed, int events) {
    Generator generate(seed);
    const test::FakeRule rules[] = {test::FakeRule(), test::rule_of(RowRule::Shape::Owner, 2),
                                    test::member_rule(1), test::rule_of(RowRule::Shape::General, 3),
                                    test::rule_of(RowRule::Shape::Nobody)};
    SubscriptionIndex index;
    BruteForce brute;
    std::vector<ReaderId> readers;
    const auto projects = [&] {
        std::vector<Value> made;
        for (std::int64_t room = 0; room < 20; ++room) {
            if (generate.chance(30)) made.emplace_back(room);
        }
        return made;
    };
    for (const char* user : {"a", "b", "c", "d", ""}) {
        const auto reader = test::reader(user, projects());
        readers.push_back(index.add_reader(reader));
        brute.readers[readers.back()] = reader;
    }
    for (int event = 0; event < events; ++event) {
        const bool grow = brute.held.size() < 10 || generate.chance(52);
        if (event % 4 == 0 && grow && brute.held.size() < 150) {
            const Subscription subscription{
                .table = &items,
                .rule = &rules[generate.below(5)],
                .reader = readers[generate.below(5)],
                .kinds = generate.chance(70)
                             ? every_kind
                             : kind_bit(static_cast<ChangeKind>(1 + generate.below(3))),
                .filter = filter_of(generate.filter()),
                .delivery = DeliveryId{generate.below(2)},
                .subscriber = SubscriberId{generate.below(1000)}};
            brute.held.emplace(index.add(subscription), subscription);
        } else if (event % 4 == 0) {
            auto victim = std::next(brute.held.begin(),
                                    generate.below(static_cast<std::uint32_t>(brute.held.size())));
            index.remove(victim->first);
            brute.held.erase(victim);
        }
        if (event % 500 == 0) {
            const ReaderId changed = readers[generate.below(5)];
            brute.readers[changed] =
                test::reader(brute.readers[changed]->identity.user_id, projects());
            index.set_reader(changed, brute.readers[changed]);
        }
        const Change change = generate.change();
        std::vector<Match> matches;
        index.match(change, matches);
        std::ranges::sort(matches);
        ASSERT_EQ(matches, brute.match(change)) << "seed " << seed << ", event " << event;
        ASSERT_EQ(index.size(), brute.held.size());
    }
}

TEST(SubscriptionIndex, AgreesWithBruteForceOnRandomChanges) {
    for (std::uint32_t seed = 1; seed <= 10; ++seed) {
        compare_with_brute_force(seed, 12'000);
        if (HasFatalFailure()) return;
    }
}

TEST(SubscriptionIndex, IsEmptyAgainAfterAllLeft) {
    SubscriptionIndex index;
    const test::FakeRule everyone;
    const ReaderId ann = index.add_reader(test::reader("ann"));
    std::vector<SubscriptionId> ids;
    for (int round = 0; round < 3; ++round) {
        for (std::uint32_t i = 0; i < 5000; ++i) {
            ids.push_back(index.add(
                {.table = &items,
                 .rule = &everyone,
                 .reader = ann,
                 .kinds = every_kind,
                 .filter = filter_of(i % 2 == 0 ? "room=in.(1,2,3)" : "id=gt." + std::to_string(i)),
                 .delivery = DeliveryId{i},
                 .subscriber = SubscriberId{i}}));
        }
        EXPECT_EQ(index.size(), 5000U);
        for (const SubscriptionId id : ids) index.remove(id);
        ids.clear();
        EXPECT_EQ(index.size(), 0U);
        EXPECT_EQ(
            seen(index,
                 {.table = "items", .kind = ChangeKind::Insert, .new_row = item(9000, 1, "ann")}),
            "");
    }
}

}  // namespace

}  // namespace dunlin::realtime
