#include "realtime/index_key.h"
#include "realtime/subscription_index.h"

namespace dunlin::realtime {

namespace {

using Shape = policy::RowRule::Shape;

const Value& value_at(const Row& row, std::size_t column) {
    static const Value null;
    return column < row.size() ? row[column] : null;
}

/// What a change means to someone who saw the old row or not, and sees the new one or not.
/// False when it means nothing.
bool seen_as(ChangeKind kind, bool saw_old, bool sees_new, ChangeKind& seen) {
    if (!saw_old && !sees_new) return false;
    seen = kind;
    if (kind == ChangeKind::Update && !saw_old) seen = ChangeKind::Insert;
    if (kind == ChangeKind::Update && !sees_new) seen = ChangeKind::Delete;
    return true;
}

}  // namespace

void SubscriptionIndex::match(const Change& change, std::vector<Match>& matches) {
    const auto found = partitions_of_table_.find(change.table);
    if (found == partitions_of_table_.end()) return;
    ++change_number_;
    candidates_.clear();
    const bool has_new = change.kind != ChangeKind::Delete;
    const bool has_old = change.kind != ChangeKind::Insert;
    for (const std::uint32_t partition : found->second) {
        if (has_new) collect(partition, change.new_row, nullptr);
        if (has_old) collect(partition, change.old_row, has_new ? &change.new_row : nullptr);
    }
    // A candidate is three dependent loads away; asking for a block of them at once hides most of that.
    constexpr std::size_t block = 32;
    for (std::size_t begin = 0; begin < candidates_.size(); begin += block) {
        const std::size_t end = std::min(begin + block, candidates_.size());
        prefetch_candidates(begin, end);
        for (std::size_t i = begin; i < end; ++i) examine(group(candidates_[i]), change, matches);
    }
}

/// Appends the groups that `row` may concern, leaving out what the lookups for `seen` found already.
void SubscriptionIndex::collect(std::uint32_t partition, const Row& row, const Row* seen) {
    const Partition& at = partitions_[partition];
    if (at.shape == Shape::Nobody) return;
    std::uint64_t base = partition;
    if (at.shape == Shape::Owner) {
        const Value& owner = value_at(row, at.owner_column);
        if (seen != nullptr && !(value_at(*seen, at.owner_column) == owner)) seen = nullptr;
        if (owner.is_null()) return;
        base = base_key(at, partition, owner);
    }
    for (const ColumnUse& use : at.columns) {
        if (use.equalities == 0 && use.intervals == 0) continue;
        const Value& value = value_at(row, use.column);
        if (seen != nullptr && value_at(*seen, use.column) == value) continue;
        collect_column(at, base, use, value);
    }
    if (at.unkeyed == 0 || seen != nullptr) return;
    const auto entries = postings_.find(mix_keys(base, 3));
    candidates_.insert(candidates_.end(), entries.begin(), entries.end());
}

void SubscriptionIndex::collect_column(const Partition& partition, std::uint64_t base,
                                       const ColumnUse& use, const Value& value) {
    const Type& type = partition.table->columns[use.column].type;
    if (use.equalities > 0) {
        const auto key = equality_key(type, value);
        if (key) {
            const auto entries =
                postings_.find(mix_keys(mix_keys(base, use.column * 4 + 1), *key));
            candidates_.insert(candidates_.end(), entries.begin(), entries.end());
        }
    }
    if (use.intervals == 0 || value.is_null()) return;
    const std::uint64_t forest_key = mix_keys(base, use.column * 4 + 2);
    const auto point = order_key(type, value);
    if (point) {
        intervals_.stab(forest_key, *point, candidates_);
    } else {
        intervals_.collect(forest_key, candidates_);
    }
}

void SubscriptionIndex::prefetch_candidates(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
        const char* start = reinterpret_cast<const char*>(&group(candidates_[i]));
        __builtin_prefetch(start);
        __builtin_prefetch(start + 64);
    }
    for (std::size_t i = begin; i < end; ++i) {
        __builtin_prefetch(group(candidates_[i]).filter.get());
    }
    for (std::size_t i = begin; i < end; ++i) {
        const LiveFilter* filter = group(candidates_[i]).filter.get();
        if (filter == nullptr) continue;
        const char* start = reinterpret_cast<const char*>(filter->conditions.data());
        __builtin_prefetch(start);
        __builtin_prefetch(start + 64);
    }
}

const SubscriptionIndex::Verdict& SubscriptionIndex::verdict_of(Partition& partition,
                                                                const Member& member,
                                                                const Change& change) {
    ReaderSlot& slot = readers_[member.reader];
    Verdict& verdict = partition.same_for_all ? partition.verdict : slot.verdict;
    if (verdict.change == change_number_) return verdict;
    verdict.change = change_number_;
    verdict.old_allowed = change.kind != ChangeKind::Insert &&
                          partition.rule->allows(change.old_row, *slot.reader);
    verdict.new_allowed = change.kind != ChangeKind::Delete &&
                          partition.rule->allows(change.new_row, *slot.reader);
    return verdict;
}

void SubscriptionIndex::examine(Group& group, const Change& change, std::vector<Match>& matches) {
    if (group.last_change == change_number_) return;  // Found by both images.
    group.last_change = change_number_;
    ++candidates_seen_;
    const auto passes = [&](const Row& row) { return !group.filter || group.filter->matches(row); };
    bool old_passes = change.kind != ChangeKind::Insert && passes(change.old_row);
    bool new_passes = change.kind != ChangeKind::Delete && passes(change.new_row);
    Partition& partition = partitions_[group.partition];
    if (partition.shape == Shape::Owner) {
        const auto owns = [&](const Row& row) {
            return value_at(row, partition.owner_column) == group.owner;
        };
        old_passes = old_passes && owns(change.old_row);
        new_passes = new_passes && owns(change.new_row);
    }
    if (!old_passes && !new_passes) return;

    const bool ask_rule = partition.shape == Shape::General;
    ChangeKind seen{};
    for (const Member& member : group.members) {
        bool saw_old = old_passes;
        bool sees_new = new_passes;
        if (ask_rule) {
            const Verdict& verdict = verdict_of(partition, member, change);
            saw_old = saw_old && verdict.old_allowed;
            sees_new = sees_new && verdict.new_allowed;
        }
        if (!seen_as(change.kind, saw_old, sees_new, seen)) continue;
        if ((group.kinds & kind_bit(seen)) == 0) continue;
        matches.push_back({member.subscriber, group.delivery, seen});
    }
}

}  // namespace dunlin::realtime
