// Cost of finding the subscriptions that a change concerns, from 10 thousand to a million of them,
// next to the naive way: asking every one. Prints one line a size and scenario.
//
//   matching [SUBSCRIPTIONS...]
//
// owner:  every row belongs to somebody and only the owner may see it; about 100 subscriptions a
// user,
//         whose filters are broad.
// public: everybody may see every row; the filters are narrow.
// Mix of filters: 40 % eq, 20 % in (5), 20 % eq and range, 10 % range, 10 % eq and owner eq.
// No two subscriptions share a topic, so that none is matched for another.

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "realtime/subscription_index.h"

namespace dunlin::realtime {
namespace {

using Clock = std::chrono::steady_clock;

constexpr KindSet every_kind =
    kind_bit(ChangeKind::Insert) | kind_bit(ChangeKind::Update) | kind_bit(ChangeKind::Delete);
constexpr std::size_t subscriptions_per_user = 100;
constexpr std::int64_t range_domain = 1'000'000'000;

enum ColumnIndex : std::size_t { Id, Owner, Status, Project, Room, Rank };

class Rule final : public policy::RowRule {
public:
    explicit Rule(Shape shape) : shape_(shape) {}
    bool allows(const Row& row, const policy::Reader& reader) const override {
        return shape_ == Shape::Everyone || row[Owner] == owner_key(reader);
    }
    Shape shape() const override { return shape_; }
    std::size_t owner_column() const override { return Owner; }
    Value owner_key(const policy::Reader& reader) const override {
        return Value(reader.identity.user_id);
    }
    bool same_for_all_readers() const override { return shape_ == Shape::Everyone; }
    const std::vector<std::string>& depends_on() const override { return none_; }
    const std::vector<std::size_t>& sets_used() const override { return sets_; }

private:
    Shape shape_;
    std::vector<std::string> none_;
    std::vector<std::size_t> sets_;
};

Table make_table() {
    Table table;
    table.name = "tasks";
    const auto add = [&](const char* name, TypeKind kind) {
        table.columns.push_back(Column{.name = name, .type = Type{.kind = kind}});
    };
    add("id", TypeKind::Int8);
    add("owner", TypeKind::Uuid);
    add("status", TypeKind::Int8);
    add("project", TypeKind::Int8);
    add("room", TypeKind::Int8);
    add("rank", TypeKind::Int8);
    table.primary_key.columns = {0};
    return table;
}

/// How many values each column has and how wide ranges are, chosen for about 30 matches a change.
struct Scenario {
    const char* name;
    policy::RowRule::Shape shape;
    std::int64_t users;
    std::int64_t statuses;
    std::int64_t projects;
    std::int64_t rooms;
    std::int64_t range_width;       // of eq and range
    std::int64_t only_range_width;  // of range alone
};

Scenario owner_scenario(std::int64_t count) {
    return {"owner",
            policy::RowRule::Shape::Owner,
            count / std::int64_t{subscriptions_per_user},
            4,
            10,
            4,
            range_domain / 2,
            range_domain * 2 / 5};
}

Scenario public_scenario(std::int64_t count) {
    return {
        "public",         policy::RowRule::Shape::Everyone, 100, count / 30, count / 6, count / 60,
        range_domain / 2, range_domain / count * 30};
}

class Bench {
public:
    Bench(Scenario scenario, std::size_t count)
        : scenario_(scenario), rule_(scenario.shape), table_(make_table()) {
        const std::size_t before = heap_bytes();
        for (std::int64_t user = 0; user < scenario_.users; ++user) {
            auto reader = std::make_shared<policy::Reader>();
            reader->identity.user_id = user_id(user);
            readers_.push_back(reader);
            index_.add_reader(std::move(reader));
        }
        const std::size_t with_readers = heap_bytes();
        const auto start = Clock::now();
        std::vector<Subscription> kept;
        kept.reserve(count);
        const std::size_t kept_bytes = heap_bytes() - with_readers;
        for (std::size_t i = 0; i < count; ++i) {
            kept.push_back(make_subscription(static_cast<std::uint32_t>(i)));
            index_.add(kept.back());
        }
        add_ns_ = nanoseconds(start) / static_cast<double>(count);
        bytes_ =
            static_cast<double>(heap_bytes() - before - kept_bytes) / static_cast<double>(count);
        subscriptions_ = std::move(kept);
    }

    /// False when the index and the scan disagree.
    bool run() {
        std::vector<Change> changes;
        for (int i = 0; i < 20'000; ++i) changes.push_back(make_change());
        std::vector<Match> matches;
        for (const Change& change : changes) index_.match(change, matches);  // warms up
        const std::size_t found = matches.size();
        const std::uint64_t candidates_before = index_.candidates();
        std::vector<double> times;
        times.reserve(changes.size());
        double total = 0;
        for (const Change& planned : changes) {
            const Change change = planned;  // Hot, as it is just after its commit.
            matches.clear();
            const auto start = Clock::now();
            index_.match(change, matches);
            times.push_back(nanoseconds(start));
            total += times.back();
        }
        const double mean = total / static_cast<double>(changes.size());
        std::ranges::sort(times);
        const auto each = [&](std::uint64_t sum) {
            return static_cast<double>(sum) / static_cast<double>(changes.size());
        };
        const std::size_t scans =
            std::clamp<std::size_t>(20'000'000 / subscriptions_.size(), 5, 200);
        double scan_ns = 0;
        const bool agree = compare(changes, scans, scan_ns);
        fmt::print(
            "{:<7}{:>9} subscriptions  {:>8.0f} ns/change mean {:>7.0f} p99  {:>5.1f} matches "
            "{:>6.1f} candidates  {:>5.0f} bytes/sub  {:>6.0f} ns/add  scan {:>11.0f} ns/change  "
            "{}\n",
            scenario_.name, subscriptions_.size(), mean, times[times.size() * 99 / 100],
            each(found), each(index_.candidates() - candidates_before), bytes_, add_ns_, scan_ns,
            agree ? "agree" : "DISAGREE");
        return agree;
    }

private:
    static std::size_t heap_bytes() {
        const struct mallinfo2 info = mallinfo2();
        return info.uordblks + info.hblkhd;
    }
    static double nanoseconds(Clock::time_point start) {
        return static_cast<double>(
            std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count());
    }
    static std::string user_id(std::int64_t user) {
        return fmt::format("{:08x}-0000-4000-8000-000000000000", user);
    }
    std::int64_t below(std::int64_t bound) {
        return std::uniform_int_distribution<std::int64_t>(0, bound - 1)(random_);
    }
    std::string range(std::int64_t width) {
        const std::int64_t low = below(range_domain - width);
        return fmt::format("rank=gte.{},rank=lt.{}", low, low + width);
    }

    Subscription make_subscription(std::uint32_t number) {
        const std::int64_t user = below(scenario_.users);
        const std::int64_t draw = below(100);
        std::string text;
        if (draw < 40) {
            text = fmt::format("status=eq.{}", below(scenario_.statuses));
        } else if (draw < 60) {
            const std::int64_t first = below(scenario_.projects);
            text = "project=in.(";
            for (std::int64_t i = 0; i < 5; ++i) {
                text += fmt::format("{}{}", i == 0 ? "" : ",", (first + i) % scenario_.projects);
            }
            text += ")";
        } else if (draw < 80) {
            text =
                fmt::format("room=eq.{},{}", below(scenario_.rooms), range(scenario_.range_width));
        } else if (draw < 90) {
            text = range(scenario_.only_range_width);
        } else {
            text =
                fmt::format("owner=eq.{},status=eq.{}", user_id(user), below(scenario_.statuses));
        }
        auto filter = parse_live_filter(table_, text);
        if (!filter) {
            fmt::print("{}\n", filter.error().message);
            std::abort();
        }
        return {.table = &table_,
                .rule = &rule_,
                .reader = static_cast<ReaderId>(user),
                .kinds = every_kind,
                .filter = std::make_shared<const LiveFilter>(std::move(*filter)),
                .delivery = static_cast<DeliveryId>(number),
                .subscriber = static_cast<SubscriberId>(number)};
    }

    /// Six inserts to three updates to one delete.
    Change make_change() {
        const std::int64_t draw = below(10);
        Change change{.table = "tasks"};
        Row row{Value(below(1'000'000)),          Value(user_id(below(scenario_.users))),
                Value(below(scenario_.statuses)), Value(below(scenario_.projects)),
                Value(below(scenario_.rooms)),    Value(below(range_domain))};
        change.kind = draw < 6   ? ChangeKind::Insert
                      : draw < 9 ? ChangeKind::Update
                                 : ChangeKind::Delete;
        if (change.kind != ChangeKind::Insert) change.old_row = row;
        if (change.kind == ChangeKind::Update) row[Rank] = Value(below(range_domain));
        if (change.kind != ChangeKind::Delete) change.new_row = std::move(row);
        return change;
    }

    std::vector<Match> scan(const Change& change) const {
        std::vector<Match> matches;
        for (const Subscription& subscription : subscriptions_) {
            const policy::Reader& reader = *readers_[static_cast<std::size_t>(subscription.reader)];
            const auto sees = [&](const Row& row) {
                return subscription.filter->matches(row) && rule_.allows(row, reader);
            };
            const bool saw = change.kind != ChangeKind::Insert && sees(change.old_row);
            const bool does_see = change.kind != ChangeKind::Delete && sees(change.new_row);
            if (!saw && !does_see) continue;
            ChangeKind kind = change.kind;
            if (kind == ChangeKind::Update && !saw) kind = ChangeKind::Insert;
            if (kind == ChangeKind::Update && !does_see) kind = ChangeKind::Delete;
            matches.push_back({subscription.subscriber, subscription.delivery, kind});
        }
        return matches;
    }

    bool compare(const std::vector<Change>& changes, std::size_t scans, double& scan_ns) {
        bool agree = true;
        for (std::size_t i = 0; i < scans; ++i) {
            const auto start = Clock::now();
            std::vector<Match> expected = scan(changes[i]);
            scan_ns += nanoseconds(start) / static_cast<double>(scans);
            std::vector<Match> matches;
            index_.match(changes[i], matches);
            std::ranges::sort(matches);
            std::ranges::sort(expected);
            agree = agree && matches == expected;
        }
        return agree;
    }

    Scenario scenario_;
    Rule rule_;
    Table table_;
    std::mt19937_64 random_{42};
    SubscriptionIndex index_;
    std::vector<std::shared_ptr<const policy::Reader>> readers_;
    std::vector<Subscription> subscriptions_;
    double add_ns_ = 0;
    double bytes_ = 0;
};

}  // namespace
}  // namespace dunlin::realtime

int main(int argc, char** argv) {
    using namespace dunlin::realtime;
    std::vector<std::size_t> sizes{10'000, 100'000, 1'000'000};
    if (argc > 1) sizes.clear();
    for (int i = 1; i < argc; ++i) sizes.push_back(std::strtoull(argv[i], nullptr, 10));
    bool agree = true;
    for (const std::size_t size : sizes) {
        const auto count = static_cast<std::int64_t>(size);
        agree = std::make_unique<Bench>(owner_scenario(count), size)->run() && agree;
        agree = std::make_unique<Bench>(public_scenario(count), size)->run() && agree;
    }
    return agree ? 0 : 1;
}
