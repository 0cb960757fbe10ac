#pragma once

#include <array>
#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/change.h"
#include "core/result.h"
#include "core/schema.h"
#include "policy/access_rules.h"
#include "realtime/interval_forest.h"
#include "realtime/live_filter.h"
#include "realtime/posting_table.h"
#include "realtime/principal_index.h"

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
    ChangeKind kind =
        ChangeKind::Insert;  // as the subscriber sees it: a row that enters is an Insert
    friend auto operator<=>(const Match&, const Match&) = default;
};

/// Finds the subscriptions that match a change and may see it, without looking at the others
/// (docs/protocol/matching.md).
///
/// Subscriptions that differ only in their subscriber are one group, matched once. A group is found
/// by one key: the owner its rule admits (if the rule has that shape) together with the value of
/// its most selective equality, or an interval, or nothing. What a key finds is always checked in
/// full. An equality that already finds many groups gives way to an interval with two ends.
///
/// Belongs to one loop.
class SubscriptionIndex {
public:
    ReaderId add_reader(std::shared_ptr<const policy::Reader> reader);
    /// New sets for the same identity.
    void set_reader(ReaderId id, std::shared_ptr<const policy::Reader> reader);
    /// No subscription may use it any more.
    void remove_reader(ReaderId id);

    /// Fails with LimitExceeded when the subscription would be one filter too many on its table
    /// that no index serves (limits::unindexed_filters_per_table_max). Ask before add().
    Result<void> check(const Subscription& subscription) const;
    SubscriptionId add(const Subscription& subscription);
    void remove(SubscriptionId id);

    /// Appends what `change` means to each subscriber that matches; the members of a group stand
    /// together. Cost: a few lookups per column that filters use, then the candidates found.
    void match(const Change& change, std::vector<Match>& matches);

    std::size_t size() const { return size_; }
    /// Groups with a filter that is looked at for every change of their table.
    std::size_t unindexed() const { return unindexed_; }
    /// Groups that match() looked at so far.
    std::uint64_t candidates() const { return candidates_seen_; }

private:
    static constexpr std::uint32_t none = UINT32_MAX;
    static constexpr std::uint32_t no_owner = 0;
    static constexpr std::size_t chunk_size = 1024;

    struct Member {
        std::uint32_t reader = 0;
        std::uint32_t subscription = 0;
        SubscriberId subscriber{};
    };
    /// Nearly always one, which then needs no memory of its own.
    class Members {
    public:
        std::size_t size() const { return count_; }
        Member& operator[](std::size_t index) {
            return index == 0 ? first_ : (*others_)[index - 1];
        }
        void push_back(const Member& member);
        void pop_back();

    private:
        Member first_;
        std::uint32_t count_ = 0;
        std::unique_ptr<std::vector<Member>> others_;
    };
    /// A comparison of two integers, which needs nothing outside the group.
    struct IntegerCheck {
        std::int64_t operand = 0;
        std::uint32_t column = 0;
        FilterOperator op{};
        bool negated = false;
    };
    static constexpr std::size_t integer_checks_max = 3;
    enum class Access : std::uint8_t { Never, Postings, Interval };
    /// What matching reads comes first: a million groups are in no cache, so lines count.
    struct alignas(64) Group {
        std::uint64_t last_change = 0;  // number of the change that looked at it last
        const FilterCondition* conditions =
            nullptr;  // of the filter; null when the checks say it all
        std::uint32_t owner = no_owner;
        std::uint32_t partition = 0;
        DeliveryId delivery{};
        KindSet kinds = 0;
        Access access = Access::Never;
        std::uint8_t condition_count = 0;
        std::uint8_t check_count = 0;
        bool old_passes = false;  // the filter, of the change looked at last
        bool new_passes = false;
        Members members;
        std::array<IntegerCheck, integer_checks_max> checks;
        std::shared_ptr<const LiveFilter> filter;
        boost::container::small_vector<PostingTable::Place, 1> places;  // Postings
        std::uint64_t hash = 0;
        std::uint32_t next_of_hash = 0;
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
    /// An owner key that some group has, as a number.
    struct Owner {
        std::uint32_t id = no_owner;
        std::uint32_t groups = 0;
    };
    /// Subscriptions of one table under one rule.
    struct Partition {
        const Table* table = nullptr;
        const policy::RowRule* rule = nullptr;
        policy::RowRule::Shape shape{};
        bool same_for_all = false;
        std::uint32_t owner_column = 0;
        boost::unordered_flat_map<Value, Owner, ValueHash> owners;     // Shape::Owner
        boost::unordered_flat_map<std::uint32_t, Value> key_of_owner;  // the way back
        std::vector<ColumnUse> columns;
        std::uint32_t unkeyed = 0;    // groups found by the owner alone, or always
        std::uint32_t unindexed = 0;  // those of them that have a filter and no owner
        /// Of the subscriptions in groups without a key, where the rule has grants.
        std::optional<PrincipalIndex> principals;
        // Of the current change.
        Verdict verdict;
        bool by_principal = false;  // groups without a key are reached through `principals`
        std::uint32_t old_owner = no_owner;
        std::uint32_t new_owner = no_owner;
    };
    struct ReaderSlot {
        std::shared_ptr<const policy::Reader> reader;
        Verdict verdict;
        std::uint64_t visit = 0;  // number of the last one by its principal
    };
    struct Place {
        std::uint32_t group = 0;
        std::uint32_t member = 0;
    };

    Group& group(std::uint32_t id) { return chunks_[id / chunk_size][id % chunk_size]; }
    const Group& group(std::uint32_t id) const { return chunks_[id / chunk_size][id % chunk_size]; }
    /// Nothing when no subscription was ever on this table under this rule.
    std::optional<std::uint32_t> find_partition(const Table& table,
                                                const policy::RowRule& rule) const;
    std::uint32_t partition_of(const Table& table, const policy::RowRule& rule);
    static std::uint64_t hash_of(const Subscription& subscription, std::uint32_t partition,
                                 std::uint32_t owner);
    /// `none` when there is no such group.
    std::uint32_t find_group(const Subscription& subscription, std::uint32_t partition,
                             std::uint32_t owner) const;
    std::uint32_t find_or_add_group(const Subscription& subscription);
    std::uint32_t new_group();
    void remove_group(std::uint32_t id);

    std::uint32_t enter_owner(Partition& partition, const Value& key);
    void leave_owner(Partition& partition, std::uint32_t owner);
    static std::uint64_t base_key(std::uint32_t partition, std::uint32_t owner);
    static void compile_filter(Group& group);
    static ColumnUse& use_of(Partition& partition, std::uint32_t column);
    void file(std::uint32_t id);
    bool file_by_value(std::uint32_t id, std::uint64_t base);
    bool file_by_interval(std::uint32_t id, std::uint64_t base);
    void file_unkeyed(std::uint32_t id, std::uint64_t base);
    void unfile(std::uint32_t id);
    static bool is_unindexed(const Partition& partition, const Group& group);

    /// The owner of a row, or no_owner when no group has it.
    static std::uint32_t owner_of(const Partition& partition, const Row& row);
    enum class Image : std::uint8_t { Old, New };
    void collect(std::uint32_t partition, Image image, const Row& row, const Row* seen);
    void collect_column(const Partition& partition, std::uint64_t base, const ColumnUse& use,
                        const Value& value);
    void prefetch_candidates(std::size_t begin, std::size_t end);
    static bool passes(const Group& group, const Row& row);
    void examine(Group& group, const Change& change, std::vector<Match>& matches);
    /// The groups without a key, by who may see the row.
    void examine_principals(Partition& partition, const Change& change,
                            std::vector<Match>& matches);
    void pass_filter(Group& group, const Change& change);
    void examine_member(const Group& group, const Member& member, const Change& change,
                        std::vector<Match>& matches);
    /// Whether far fewer readers are found by the row than there are.
    static bool finds_few(const Partition& partition, const Change& change);
    static bool has_key(const Group& group) {
        return group.access != Access::Postings || group.column != none;
    }
    const Verdict& verdict_of(Partition& partition, const Member& member, const Change& change);

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
    std::size_t unindexed_ = 0;

    PostingTable postings_;
    IntervalForest intervals_;

    std::uint32_t last_owner_ = no_owner;
    std::vector<std::uint32_t> free_owners_;
    std::uint64_t change_number_ = 0;
    std::uint64_t candidates_seen_ = 0;
    // Of the current change.
    std::vector<std::uint32_t> candidates_;
    std::vector<std::uint32_t> readers_found_;
    std::uint64_t visit_number_ = 0;
    std::vector<std::uint64_t> keys_;
    struct Stab {
        std::uint64_t key = 0;
        std::uint64_t point = 0;
    };
    std::vector<Stab> stabs_;
};

}  // namespace dunlin::realtime
