#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/change.h"
#include "core/schema.h"
#include "policy/access_rules.h"
#include "realtime/interval_forest.h"
#include "realtime/live_filter.h"
#include "realtime/posting_table.h"

namespace dunlin::realtime {

enum class SubscriptionId : std::uint32_t {};
enum class ReaderId : std::uint32_t {};
enum class SubscriberId : std::uint32_t {};  // meaning is the caller's
enum class DeliveryId : std::uint32_t {};    // meaning is the caller's

/// A set of ChangeKind.
using KindSet = std::uint8_t;
constexpr KindSet kind_bit(ChangeKind kind) {
    return static_cast<KindSet>(1U << static_cast<unsigned>(kind));
}

/// Interest of one subscriber in one table. Table and rule are borrowed for the life of the index.
struct Subscription {
    const Table* table = nullptr;
    const policy::RowRule* rule = nullptr;
    ReaderId reader{};
    KindSet kinds = 0;
    std::shared_ptr<const LiveFilter> filter{};  // null for none; shared by the copies of it
    DeliveryId delivery{};
    SubscriberId subscriber{};
};

struct Match {
    SubscriberId subscriber{};
    DeliveryId delivery{};
    ChangeKind kind = ChangeKind::Insert;  // as the subscriber sees it: a row that enters is an Insert
    friend auto operator<=>(const Match&, const Match&) = default;
};

/// Finds the subscriptions that match a change and may see it, without looking at the others
/// (docs/protocol/realtime.md, "Matching").
///
/// Subscriptions that differ only in their subscriber are one group, matched once. A group is found by
/// one key: the owner its rule admits (if the rule has that shape) together with the value of its most
/// selective equality, or an interval, or nothing. What a key finds is always checked in full.
///
/// Belongs to one loop.
class SubscriptionIndex {
public:
    ReaderId add_reader(std::shared_ptr<const policy::Reader> reader);
    /// New sets for the same identity.
    void set_reader(ReaderId id, std::shared_ptr<const policy::Reader> reader);
    /// No subscription may use it any more.
    void remove_reader(ReaderId id);

    SubscriptionId add(const Subscription& subscription);
    void remove(SubscriptionId id);

    /// Appends what `change` means to each subscriber that matches; the members of a group stand
    /// together. Cost: a few lookups per column that filters use, then the candidates found.
    void match(const Change& change, std::vector<Match>& matches);

    std::size_t size() const { return size_; }
    /// Groups that match() looked at so far.
    std::uint64_t candidates() const { return candidates_seen_; }

private:
    struct Member {
        std::uint32_t reader = 0;
        std::uint32_t subscription = 0;
        SubscriberId subscriber{};
    };
    enum class Access : std::uint8_t { Never, Postings, Interval };
    struct Group {
        std::uint64_t last_change = 0;  // number of the change that looked at it last
        std::shared_ptr<const LiveFilter> filter;
        std::uint32_t partition = 0;
        DeliveryId delivery{};
        KindSet kinds = 0;
        Access access = Access::Never;
        std::uint32_t next_of_hash = 0;
        boost::container::small_vector<Member, 1> members;
        Value owner;
        boost::container::small_vector<PostingTable::Place, 1> places;  // Postings
        std::uint64_t hash = 0;
        std::uint64_t interval_key = 0;  // Interval
        std::uint64_t interval_low = 0;
        std::uint32_t column = 0;  // of the key; UINT32_MAX for none
    };
    struct ColumnUse {
        std::uint32_t column = 0;
        std::uint32_t equalities = 0;
        std::uint32_t intervals = 0;
    };
    /// What the rule says about the images of the current change.
    struct Verdict {
        std::uint64_t change = 0;
        bool old_allowed = false;
        bool new_allowed = false;
    };
    /// Subscriptions of one table under one rule.
    struct Partition {
        const Table* table = nullptr;
        const policy::RowRule* rule = nullptr;
        policy::RowRule::Shape shape{};
        bool same_for_all = false;
        std::uint32_t owner_column = 0;
        std::vector<ColumnUse> columns;
        std::uint32_t unkeyed = 0;  // groups found by the owner alone, or always
        Verdict verdict;
    };
    struct ReaderSlot {
        std::shared_ptr<const policy::Reader> reader;
        Verdict verdict;
    };
    struct Place {
        std::uint32_t group = 0;
        std::uint32_t member = 0;
    };

    Group& group(std::uint32_t id) { return chunks_[id / chunk_size][id % chunk_size]; }
    std::uint32_t partition_of(const Table& table, const policy::RowRule& rule);
    std::uint32_t find_or_add_group(const Subscription& subscription);
    std::uint32_t new_group();
    void remove_group(std::uint32_t id);

    std::uint64_t base_key(const Partition& partition, std::uint32_t id, const Value& owner) const;
    static ColumnUse& use_of(Partition& partition, std::uint32_t column);
    void file(std::uint32_t id);
    bool file_by_value(std::uint32_t id, std::uint64_t base);
    bool file_by_interval(std::uint32_t id, std::uint64_t base);
    void file_unkeyed(std::uint32_t id, std::uint64_t base);
    void unfile(std::uint32_t id);

    void collect(std::uint32_t partition, const Row& row, const Row* seen);
    void collect_column(const Partition& partition, std::uint64_t base, const ColumnUse& use,
                        const Value& value);
    void prefetch_candidates(std::size_t begin, std::size_t end);
    void examine(Group& group, const Change& change, std::vector<Match>& matches);
    const Verdict& verdict_of(Partition& partition, const Member& member, const Change& change);

    static constexpr std::uint32_t none = UINT32_MAX;
    static constexpr std::size_t chunk_size = 1024;

    std::vector<ReaderSlot> readers_;
    std::vector<std::uint32_t> free_readers_;
    std::vector<Partition> partitions_;
    std::unordered_map<std::string, std::vector<std::uint32_t>> partitions_of_table_;

    // In chunks, so that growing never moves a million groups at once.
    std::vector<std::unique_ptr<Group[]>> chunks_;
    std::uint32_t group_count_ = 0;
    std::vector<std::uint32_t> free_groups_;
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> group_of_hash_;

    std::vector<Place> subscriptions_;
    std::vector<std::uint32_t> free_subscriptions_;
    std::size_t size_ = 0;

    PostingTable postings_;
    IntervalForest intervals_;

    std::uint64_t change_number_ = 0;
    std::uint64_t candidates_seen_ = 0;
    std::vector<std::uint32_t> candidates_;  // of the current change
};

}  // namespace dunlin::realtime
