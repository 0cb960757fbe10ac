#include <algorithm>
#include <utility>

#include "realtime/index_key.h"
#include "realtime/subscription_index.h"
#include "realtime/view.h"

namespace dunlin::realtime {

namespace {

using Shape = policy::RowRule::Shape;

const Value& value_at(const Row& row, std::size_t column) {
    static const Value null;
    return column < row.size() ? row[column] : null;
}

bool holds(FilterOperator op, std::int64_t value, std::int64_t operand) {
    switch (op) {
        case FilterOperator::Equal:
            return value == operand;
        case FilterOperator::NotEqual:
            return value != operand;
        case FilterOperator::Less:
            return value < operand;
        case FilterOperator::LessOrEqual:
            return value <= operand;
        case FilterOperator::Greater:
            return value > operand;
        default:
            return value >= operand;
    }
}

}  // namespace

void SubscriptionIndex::match(const Change& change, std::vector<Match>& matches) {
    const auto found = partitions_of_table_.find(change.table);
    if (found == partitions_of_table_.end()) return;
    ++change_number_;
    candidates_.clear();
    keys_.clear();
    stabs_.clear();
    const bool has_new = change.kind != ChangeKind::Delete;
    const bool has_old = change.kind != ChangeKind::Insert;
    for (const std::uint32_t partition : found->second) {
        Partition& at = partitions_[partition];
        at.old_owner = has_old ? owner_of(at, change.old_row) : no_owner;
        at.new_owner = has_new ? owner_of(at, change.new_row) : no_owner;
        at.by_principal = finds_few(at, change);
        if (has_new) collect(partition, Image::New, change.new_row, nullptr);
        if (has_old) {
            collect(partition, Image::Old, change.old_row, has_new ? &change.new_row : nullptr);
        }
    }
    postings_.collect(keys_, candidates_);
    for (const Stab& stab : stabs_) intervals_.stab(stab.key, stab.point, candidates_);
    // A candidate is three dependent loads away; asking for a block of them at once hides most of
    // that.
    constexpr std::size_t block = 64;
    for (std::size_t begin = 0; begin < candidates_.size(); begin += block) {
        const std::size_t end = std::min(begin + block, candidates_.size());
        prefetch_candidates(begin, end);
        for (std::size_t i = begin; i < end; ++i) examine(group(candidates_[i]), change, matches);
    }
    for (const std::uint32_t partition : found->second) {
        Partition& at = partitions_[partition];
        if (at.by_principal) examine_principals(at, change, matches);
    }
}

bool SubscriptionIndex::finds_few(const Partition& partition, const Change& change) {
    if (!partition.principals || partition.principals->size() == 0) return false;
    std::size_t count = 0;
    if (change.kind != ChangeKind::Insert) count += partition.principals->count(change.old_row);
    if (change.kind != ChangeKind::Delete) count += partition.principals->count(change.new_row);
    return count <= partition.principals->size() / 2;
}

void SubscriptionIndex::examine_principals(Partition& partition, const Change& change,
                                           std::vector<Match>& matches) {
    readers_found_.clear();
    if (change.kind != ChangeKind::Insert) {
        partition.principals->collect(change.old_row, readers_found_);
    }
    if (change.kind != ChangeKind::Delete) {
        partition.principals->collect(change.new_row, readers_found_);
    }
    ++visit_number_;
    for (const std::uint32_t reader : readers_found_) {
        if (std::exchange(readers_[reader].visit, visit_number_) == visit_number_) continue;
        for (const std::uint32_t subscription : partition.principals->subscriptions_of(reader)) {
            const Place place = subscriptions_[subscription];
            Group& at = group(place.group);
            if (at.last_change != change_number_) pass_filter(at, change);
            if (!at.old_passes && !at.new_passes) continue;
            examine_member(at, at.members[place.member], change, matches);
        }
    }
}

std::uint32_t SubscriptionIndex::owner_of(const Partition& partition, const Row& row) {
    if (partition.owners.empty()) return no_owner;
    const auto known = partition.owners.find(value_at(row, partition.owner_column));
    return known == partition.owners.end() ? no_owner : known->second.id;
}

/// Appends the groups that `row` may concern, leaving out what the lookups for `seen` found
/// already.
void SubscriptionIndex::collect(std::uint32_t partition, Image image, const Row& row,
                                const Row* seen) {
    const Partition& at = partitions_[partition];
    if (at.shape == Shape::Nobody) return;
    std::uint32_t owner = no_owner;
    if (at.shape == Shape::Owner) {
        owner = image == Image::New ? at.new_owner : at.old_owner;
        if (owner == no_owner) return;
        if (at.new_owner != owner) seen = nullptr;
    }
    const std::uint64_t base = base_key(partition, owner);
    for (const ColumnUse& use : at.columns) {
        if (use.equalities == 0 && use.intervals == 0) continue;
        const Value& value = value_at(row, use.column);
        if (seen != nullptr && value_at(*seen, use.column) == value) continue;
        collect_column(at, base, use, value);
    }
    if (at.unkeyed == 0 || seen != nullptr || at.by_principal) return;
    keys_.push_back(mix_keys(base, 3));
}

void SubscriptionIndex::collect_column(const Partition& partition, std::uint64_t base,
                                       const ColumnUse& use, const Value& value) {
    const Type& type = partition.table->columns[use.column].type;
    if (use.equalities > 0) {
        const auto key = equality_key(type, value);
        if (key) keys_.push_back(mix_keys(mix_keys(base, use.column * 4 + 1), *key));
    }
    if (use.intervals == 0 || value.is_null()) return;
    const std::uint64_t forest_key = mix_keys(base, use.column * 4 + 2);
    const auto point = order_key(type, value);
    if (point) {
        intervals_.prefetch(forest_key);
        stabs_.push_back({forest_key, *point});
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
        const Group& next = group(candidates_[i]);
        const char* start = reinterpret_cast<const char*>(next.conditions);
        const std::size_t bytes = next.condition_count * sizeof(FilterCondition);
        for (std::size_t at = 0; at < bytes; at += 64) __builtin_prefetch(start + at);
    }
    for (std::size_t i = begin; i < end; ++i) {
        const Group& next = group(candidates_[i]);
        if (next.condition_count == 0) continue;
        const FilterCondition& first = next.conditions[0];
        if (first.value.is_text()) __builtin_prefetch(first.value.text().data());
        const char* start = reinterpret_cast<const char*>(first.items.data());
        const std::size_t bytes = std::min(first.items.size(), std::size_t{8}) * sizeof(Value);
        for (std::size_t at = 0; at < bytes; at += 64) __builtin_prefetch(start + at);
    }
}

const SubscriptionIndex::Verdict& SubscriptionIndex::verdict_of(Partition& partition,
                                                                const Member& member,
                                                                const Change& change) {
    ReaderSlot& slot = readers_[member.reader];
    Verdict& verdict = partition.same_for_all ? partition.verdict : slot.verdict;
    if (verdict.change == change_number_) return verdict;
    verdict.change = change_number_;
    verdict.old_allowed =
        change.kind != ChangeKind::Insert && partition.rule->allows(change.old_row, *slot.reader);
    verdict.new_allowed =
        change.kind != ChangeKind::Delete && partition.rule->allows(change.new_row, *slot.reader);
    return verdict;
}

bool SubscriptionIndex::passes(const Group& group, const Row& row) {
    for (std::size_t i = 0; i < group.check_count; ++i) {
        const IntegerCheck& check = group.checks[i];
        const Value& value = value_at(row, check.column);
        if (!value.is_integer()) return false;
        if (holds(check.op, value.integer(), check.operand) == check.negated) return false;
    }
    for (std::size_t i = 0; i < group.condition_count; ++i) {
        if (!group.conditions[i].matches(row)) return false;
    }
    return true;
}

void SubscriptionIndex::pass_filter(Group& group, const Change& change) {
    group.last_change = change_number_;
    ++candidates_seen_;
    group.old_passes = change.kind != ChangeKind::Insert && passes(group, change.old_row);
    group.new_passes = change.kind != ChangeKind::Delete && passes(group, change.new_row);
    const Partition& partition = partitions_[group.partition];
    if (partition.shape == Shape::Owner) {
        group.old_passes = group.old_passes && partition.old_owner == group.owner;
        group.new_passes = group.new_passes && partition.new_owner == group.owner;
    }
}

void SubscriptionIndex::examine(Group& group, const Change& change, std::vector<Match>& matches) {
    if (group.last_change == change_number_) return;  // Found by both images.
    pass_filter(group, change);
    if (!group.old_passes && !group.new_passes) return;
    for (std::size_t i = 0; i < group.members.size(); ++i) {
        examine_member(group, group.members[i], change, matches);
    }
}

void SubscriptionIndex::examine_member(const Group& group, const Member& member,
                                       const Change& change, std::vector<Match>& matches) {
    Partition& partition = partitions_[group.partition];
    bool saw_old = group.old_passes;
    bool sees_new = group.new_passes;
    if (partition.shape == Shape::General) {
        const Verdict& verdict = verdict_of(partition, member, change);
        saw_old = saw_old && verdict.old_allowed;
        sees_new = sees_new && verdict.new_allowed;
    }
    const auto seen = seen_as(change.kind, saw_old, sees_new);
    if (!seen || (group.kinds & kind_bit(*seen)) == 0) return;
    matches.push_back({member.subscriber, group.delivery, *seen});
}

}  // namespace dunlin::realtime
