#include "realtime/subscription_index.h"

#include <algorithm>
#include <utility>

#include "core/check.h"
#include "realtime/index_key.h"

namespace dunlin::realtime {

namespace {

constexpr bool is_range(FilterOperator op) {
    return op == FilterOperator::Less || op == FilterOperator::LessOrEqual ||
           op == FilterOperator::Greater || op == FilterOperator::GreaterOrEqual;
}

constexpr bool is_comparison(FilterOperator op) {
    return is_range(op) || op == FilterOperator::Equal || op == FilterOperator::NotEqual;
}

/// Types of which every value but NULL is an integer, so that nothing else need be compared.
bool is_stored_as_integer(const Type& type) {
    const TypeKind kind = type.kind;
    return !type.array && (kind == TypeKind::Bool || kind == TypeKind::Int2 ||
                           kind == TypeKind::Int4 || kind == TypeKind::Int8);
}

/// The keys of the values that the column must have one of, or nothing if the condition is not of
/// that kind.
std::optional<std::vector<std::uint64_t>> value_keys(const FilterCondition& condition) {
    const Type& type = condition.column->type;
    std::vector<std::uint64_t> keys;
    const auto add = [&](const Value& value) {
        const auto key = equality_key(type, value);
        if (key) keys.push_back(*key);
        return key.has_value();
    };
    bool keyed = false;
    if (condition.op == FilterOperator::IsDistinct) {
        keyed = condition.negated && add(condition.value);
    } else if (condition.negated) {
        return std::nullopt;
    } else if (condition.op == FilterOperator::Equal) {
        keyed = add(condition.value);
    } else if (condition.op == FilterOperator::IsNull) {
        keyed = add(Value());
    } else if (condition.op == FilterOperator::IsFalse) {
        keyed = add(Value::boolean(false));
    } else if (condition.op == FilterOperator::In) {
        keyed = std::ranges::all_of(condition.items, add);
    }
    if (!keyed) return std::nullopt;
    std::ranges::sort(keys);
    keys.erase(std::ranges::unique(keys).begin(), keys.end());
    return keys;
}

}  // namespace

ReaderId SubscriptionIndex::add_reader(std::shared_ptr<const policy::Reader> reader) {
    if (free_readers_.empty()) {
        readers_.push_back({std::move(reader), {}});
        return static_cast<ReaderId>(readers_.size() - 1);
    }
    const std::uint32_t id = free_readers_.back();
    free_readers_.pop_back();
    readers_[id] = {std::move(reader), {}};
    return static_cast<ReaderId>(id);
}

void SubscriptionIndex::set_reader(ReaderId id, std::shared_ptr<const policy::Reader> reader) {
    readers_[static_cast<std::uint32_t>(id)].reader = std::move(reader);
}

const policy::Reader& SubscriptionIndex::reader(ReaderId id) const {
    return *readers_[static_cast<std::uint32_t>(id)].reader;
}

void SubscriptionIndex::remove_reader(ReaderId id) {
    readers_[static_cast<std::uint32_t>(id)].reader.reset();
    free_readers_.push_back(static_cast<std::uint32_t>(id));
}

SubscriptionId SubscriptionIndex::add(const Subscription& subscription) {
    std::uint32_t id = 0;
    if (free_subscriptions_.empty()) {
        id = static_cast<std::uint32_t>(subscriptions_.size());
        subscriptions_.emplace_back();
    } else {
        id = free_subscriptions_.back();
        free_subscriptions_.pop_back();
    }
    const std::uint32_t found = find_or_add_group(subscription);
    auto& members = group(found).members;
    subscriptions_[id] = {found, static_cast<std::uint32_t>(members.size())};
    members.push_back(
        {static_cast<std::uint32_t>(subscription.reader), id, subscription.subscriber});
    ++size_;
    return static_cast<SubscriptionId>(id);
}

void SubscriptionIndex::remove(SubscriptionId id) {
    const auto number = static_cast<std::uint32_t>(id);
    const Place place = subscriptions_[number];
    auto& members = group(place.group).members;
    CHECK(place.member < members.size() && members[place.member].subscription == number);
    members[place.member] = members[members.size() - 1];
    subscriptions_[members[place.member].subscription].member = place.member;
    members.pop_back();
    if (members.size() == 0) remove_group(place.group);
    free_subscriptions_.push_back(number);
    --size_;
}

std::uint32_t SubscriptionIndex::partition_of(const Table& table, const policy::RowRule& rule) {
    auto& of_table = partitions_of_table_[table.storage_name()];
    for (const std::uint32_t id : of_table) {
        if (partitions_[id].rule == &rule) return id;
    }
    Partition partition;
    partition.table = &table;
    partition.rule = &rule;
    partition.shape = rule.shape();
    partition.same_for_all = rule.same_for_all_readers();
    partition.owner_column = static_cast<std::uint32_t>(rule.owner_column());
    partitions_.push_back(std::move(partition));
    of_table.push_back(static_cast<std::uint32_t>(partitions_.size() - 1));
    return of_table.back();
}

std::uint32_t SubscriptionIndex::find_or_add_group(const Subscription& subscription) {
    const std::uint32_t partition = partition_of(*subscription.table, *subscription.rule);
    Value owner_key;
    std::uint32_t owner = no_owner;
    if (partitions_[partition].shape == policy::RowRule::Shape::Owner) {
        const auto& slot = readers_[static_cast<std::uint32_t>(subscription.reader)];
        owner_key = subscription.rule->owner_key(*slot.reader);
        owner = enter_owner(partitions_[partition], owner_key);
    }
    std::uint64_t hash = mix_keys(partition, subscription.kinds);
    hash = mix_keys(hash, static_cast<std::uint32_t>(subscription.delivery));
    hash = mix_keys(hash, owner);
    if (subscription.filter) hash = mix_keys(hash, subscription.filter->hash());

    const auto [head, inserted] = group_of_hash_.try_emplace(hash, none);
    for (std::uint32_t id = head->second; id != none; id = group(id).next_of_hash) {
        const Group& other = group(id);
        const bool same_filter =
            other.filter == subscription.filter ||
            (other.filter && subscription.filter && *other.filter == *subscription.filter);
        if (other.partition == partition && other.kinds == subscription.kinds &&
            other.delivery == subscription.delivery && other.owner == owner && same_filter) {
            return id;
        }
    }
    const std::uint32_t id = new_group();
    Group& added = group(id);
    added.filter = subscription.filter;
    added.partition = partition;
    added.delivery = subscription.delivery;
    added.kinds = subscription.kinds;
    added.owner = owner;
    compile_filter(added);
    if (owner != no_owner) ++partitions_[partition].owners.find(owner_key)->second.groups;
    added.hash = hash;
    added.next_of_hash = head->second;
    head->second = id;
    file(id);
    return id;
}

std::uint32_t SubscriptionIndex::new_group() {
    if (!free_groups_.empty()) {
        const std::uint32_t id = free_groups_.back();
        free_groups_.pop_back();
        return id;
    }
    if (group_count_ == chunks_.size() * chunk_size) {
        chunks_.push_back(std::make_unique<Group[]>(chunk_size));
    }
    return group_count_++;
}

void SubscriptionIndex::remove_group(std::uint32_t id) {
    unfile(id);
    Group& removed = group(id);
    const auto head = group_of_hash_.find(removed.hash);
    CHECK(head != group_of_hash_.end());
    std::uint32_t* link = &head->second;
    while (*link != id) link = &group(*link).next_of_hash;
    *link = removed.next_of_hash;
    if (head->second == none) group_of_hash_.erase(head);
    leave_owner(partitions_[removed.partition], removed.owner);
    removed = Group{};
    free_groups_.push_back(id);
}

/// The number of an owner key; no_owner for NULL, which owns nothing.
std::uint32_t SubscriptionIndex::enter_owner(Partition& partition, const Value& key) {
    if (key.is_null()) return no_owner;
    const auto [known, added] = partition.owners.try_emplace(key);
    if (added) {
        if (free_owners_.empty()) free_owners_.push_back(++last_owner_);
        known->second.id = free_owners_.back();
        free_owners_.pop_back();
        partition.key_of_owner.emplace(known->second.id, key);
    }
    return known->second.id;
}

void SubscriptionIndex::leave_owner(Partition& partition, std::uint32_t owner) {
    if (owner == no_owner) return;
    const auto key = partition.key_of_owner.find(owner);
    const auto known = partition.owners.find(key->second);
    if (--known->second.groups > 0) return;
    partition.owners.erase(known);
    partition.key_of_owner.erase(key);
    free_owners_.push_back(owner);
}

std::uint64_t SubscriptionIndex::base_key(std::uint32_t partition, std::uint32_t owner) {
    return mix_keys(partition, owner);
}

void SubscriptionIndex::Members::push_back(const Member& member) {
    if (count_ == 0) {
        first_ = member;
    } else {
        if (!others_) others_ = std::make_unique<std::vector<Member>>();
        others_->push_back(member);
    }
    ++count_;
}

void SubscriptionIndex::Members::pop_back() {
    if (--count_ > 0) others_->pop_back();
    if (count_ == 1) others_.reset();
}

/// Copies the filter into the group if it is nothing but a few comparisons of integers.
void SubscriptionIndex::compile_filter(Group& group) {
    if (!group.filter) return;
    const auto& conditions = group.filter->conditions;
    const bool simple = conditions.size() <= integer_checks_max &&
                        std::ranges::all_of(conditions, [](const FilterCondition& condition) {
                            return is_stored_as_integer(condition.column->type) &&
                                   is_comparison(condition.op) && condition.value.is_integer();
                        });
    if (!simple) {
        group.conditions = conditions.data();
        group.condition_count = static_cast<std::uint8_t>(conditions.size());
        return;
    }
    for (const FilterCondition& condition : conditions) {
        group.checks[group.check_count++] = {condition.value.integer(), condition.column_index,
                                             condition.op, condition.negated};
    }
}

SubscriptionIndex::ColumnUse& SubscriptionIndex::use_of(Partition& partition,
                                                        std::uint32_t column) {
    const auto found = std::ranges::find(partition.columns, column, &ColumnUse::column);
    if (found != partition.columns.end()) return *found;
    return partition.columns.emplace_back(ColumnUse{column, 0, 0});
}

/// Makes the group findable by the access path that finds the fewest others.
void SubscriptionIndex::file(std::uint32_t id) {
    Group& filed = group(id);
    const Partition& partition = partitions_[filed.partition];
    const bool owns_nothing =
        partition.shape == policy::RowRule::Shape::Owner && filed.owner == no_owner;
    if (partition.shape == policy::RowRule::Shape::Nobody || owns_nothing) return;
    const std::uint64_t base = base_key(filed.partition, filed.owner);
    if (file_by_value(id, base) || file_by_interval(id, base)) return;
    file_unkeyed(id, base);
}

bool SubscriptionIndex::file_by_value(std::uint32_t id, std::uint64_t base) {
    Group& filed = group(id);
    if (!filed.filter) return false;
    std::vector<std::uint64_t> best;
    std::size_t best_count = SIZE_MAX;
    std::uint32_t best_column = none;
    for (const FilterCondition& condition : filed.filter->conditions) {
        auto keys = value_keys(condition);
        if (!keys) continue;
        std::size_t count = keys->size();
        for (std::uint64_t& key : *keys) {
            key = mix_keys(mix_keys(base, condition.column_index * 4 + 1), key);
            count += postings_.count(key);
        }
        if (count >= best_count) continue;
        best = std::move(*keys);
        best_count = count;
        best_column = condition.column_index;
    }
    if (best_column == none) return false;
    filed.access = Access::Postings;
    filed.column = best_column;
    for (const std::uint64_t key : best) filed.places.push_back(postings_.add(key, id));
    ++use_of(partitions_[filed.partition], best_column).equalities;
    return true;
}

bool SubscriptionIndex::file_by_interval(std::uint32_t id, std::uint64_t base) {
    Group& filed = group(id);
    if (!filed.filter) return false;
    struct Bounds {
        std::uint32_t column = none;
        std::uint64_t low = 0;
        std::uint64_t high = UINT64_MAX;
    };
    std::vector<Bounds> found;
    for (const FilterCondition& condition : filed.filter->conditions) {
        if (condition.negated || !is_range(condition.op)) continue;
        const auto key = order_key(condition.column->type, condition.value);
        if (!key) continue;
        auto bounds = std::ranges::find(found, condition.column_index, &Bounds::column);
        if (bounds == found.end()) {
            bounds = found.insert(found.end(), Bounds{.column = condition.column_index});
        }
        const bool upper =
            condition.op == FilterOperator::Less || condition.op == FilterOperator::LessOrEqual;
        if (upper) bounds->high = std::min(bounds->high, *key);
        if (!upper) bounds->low = std::max(bounds->low, *key);
    }
    if (found.empty()) return false;
    const Bounds& narrowest = *std::ranges::min_element(found, {}, [](const Bounds& bounds) {
        return bounds.high >= bounds.low ? bounds.high - bounds.low : 0;
    });
    filed.access = Access::Interval;
    filed.column = narrowest.column;
    filed.interval_key = mix_keys(base, narrowest.column * 4 + 2);
    filed.interval_low = narrowest.low;
    intervals_.insert(filed.interval_key, narrowest.low, narrowest.high, id);
    ++use_of(partitions_[filed.partition], narrowest.column).intervals;
    return true;
}

void SubscriptionIndex::file_unkeyed(std::uint32_t id, std::uint64_t base) {
    Group& filed = group(id);
    filed.access = Access::Postings;
    filed.column = none;
    filed.places.push_back(postings_.add(mix_keys(base, 3), id));
    ++partitions_[filed.partition].unkeyed;
}

void SubscriptionIndex::unfile(std::uint32_t id) {
    Group& filed = group(id);
    Partition& partition = partitions_[filed.partition];
    if (filed.access == Access::Interval) {
        intervals_.remove(filed.interval_key, filed.interval_low, id);
        --use_of(partition, filed.column).intervals;
    }
    if (filed.access != Access::Postings) return;
    for (const PostingTable::Place place : filed.places) {
        const PostingTable::Moved moved = postings_.remove(place);
        if (!moved.happened) continue;
        for (PostingTable::Place& other : group(moved.entry).places) {
            if (other.list == moved.from.list) other = moved.to;
        }
    }
    if (filed.column == none) {
        --partition.unkeyed;
    } else {
        --use_of(partition, filed.column).equalities;
    }
}

}  // namespace dunlin::realtime
