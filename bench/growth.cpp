// What a change costs by the number of subscriptions, when none of them, one and all are concerned:
// finding them in memory, without sockets.
//
//   bench_growth [SUBSCRIPTIONS...]
//
// none: a value that nobody asked for. one: every subscription asks for a value of its own.
// all: nobody has a filter, and no two share a channel, so that each is found for itself.
// Prints one JSON line a size and audience; fails when the number found is not the right one.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "realtime/subscription_index.h"

namespace dunlin::realtime {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t rounds = 5;
constexpr std::size_t changes_max = 20'000;
constexpr std::size_t matches_max = 20'000'000;  // in one round

/// Everybody may read every row.
class Rule final : public policy::RowRule {
public:
    bool allows(const Row&, const policy::Reader&) const override { return true; }
    Shape shape() const override { return Shape::Everyone; }
    std::size_t owner_column() const override { return 0; }
    Value owner_key(const policy::Reader&) const override { return {}; }
    bool same_for_all_readers() const override { return true; }
    const std::vector<std::string>& depends_on() const override { return none_; }
    const std::vector<std::size_t>& sets_used() const override { return sets_; }

private:
    std::vector<std::string> none_;
    std::vector<std::size_t> sets_;
};

Table make_table() {
    Table table;
    table.name = "events";
    for (const char* name : {"id", "kind"})
        table.columns.push_back(Column{.name = name, .type = Type{.kind = TypeKind::Int8}});
    table.primary_key.columns = {0};
    return table;
}

Change insert_of(std::int64_t kind) {
    Change change{.table = "events"};
    change.kind = ChangeKind::Insert;
    change.new_row = {Value(std::int64_t{1}), Value(kind)};
    return change;
}

class Growth {
public:
    explicit Growth(std::size_t count) : count_(count), table_(make_table()) {
        index_.add_reader(std::make_shared<policy::Reader>());
    }

    bool run(std::string_view audience) {
        for (std::size_t i = 0; i < count_; ++i) {
            const auto number = static_cast<std::uint32_t>(i);
            auto filter =
                parse_live_filter(table_, audience == "all" ? "" : fmt::format("kind=eq.{}", i));
            if (!filter) std::abort();
            index_.add({.table = &table_,
                        .rule = &rule_,
                        .reader = ReaderId{0},
                        .kinds = kind_bit(ChangeKind::Insert),
                        .filter = std::make_shared<const LiveFilter>(std::move(*filter)),
                        .delivery = DeliveryId{number},
                        .subscriber = SubscriberId{number}});
        }
        const std::size_t expected = audience == "none" ? 0 : audience == "one" ? 1 : count_;
        const std::size_t changes = std::clamp<std::size_t>(
            matches_max / std::max<std::size_t>(expected, 1), 20, changes_max);
        std::vector<double> means;
        for (std::size_t round = 0; round < rounds; ++round) {
            const auto mean = measure(audience, changes, expected);
            if (mean < 0) return false;
            means.push_back(mean);
        }
        std::ranges::sort(means);
        fmt::print(R"({{"audience":"{}","subscriptions":{},"ns":{:.0f},"matches":{}}})"
                   "\n",
                   audience, count_, means[rounds / 2], expected);
        return true;
    }

private:
    /// Nanoseconds a change; below 0 when one found too many or too few.
    double measure(std::string_view audience, std::size_t changes, std::size_t expected) {
        std::vector<Change> planned;
        for (std::size_t i = 0; i < changes; ++i) {
            const std::size_t kind = audience == "none" ? count_ + i : (i * 7919) % count_;
            planned.push_back(insert_of(static_cast<std::int64_t>(kind)));
        }
        std::vector<Match> matches;
        bool is_right = true;
        const auto start = Clock::now();
        for (const Change& change : planned) {
            matches.clear();
            index_.match(change, matches);
            is_right = is_right && matches.size() == expected;
        }
        const auto time = std::chrono::duration<double, std::nano>(Clock::now() - start).count();
        return is_right ? time / static_cast<double>(changes) : -1;
    }

    std::size_t count_;
    Rule rule_;
    Table table_;
    SubscriptionIndex index_;
};

}  // namespace
}  // namespace dunlin::realtime

int main(int argc, char** argv) {
    using namespace dunlin::realtime;
    std::vector<std::size_t> sizes{1'000, 10'000, 100'000, 1'000'000};
    if (argc > 1) sizes.clear();
    for (int i = 1; i < argc; ++i) sizes.push_back(std::strtoull(argv[i], nullptr, 10));
    for (const std::size_t size : sizes) {
        for (const std::string_view audience : {"none", "one", "all"}) {
            if (!std::make_unique<Growth>(size)->run(audience)) {
                fmt::print(stderr, "{} subscriptions, {}: not what was to be found\n", size,
                           audience);
                return 1;
            }
        }
    }
    return 0;
}
