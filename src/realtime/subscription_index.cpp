#include "realtime/subscription_index.h"

#include <algorithm>
#include <utility>

#include "core/check.h"
#include "realtime/index_key.h"

namespace dunlin::realtime {

namespace {

constexpr bool is_comparison(FilterOperator op) {
    return op == FilterOperator::Less || op == FilterOperator::LessOrEqual ||
           op == FilterOperator::Greater || op == FilterOperator::GreaterOrEqual ||
           op == FilterOperator::Equal || op == FilterOperator::NotEqual;
}

/// Types of which every value but NULL is an integer, so that nothing else need be compared.
bool is_stored_as_integer(const Type& type) {
    const TypeKind kind = type.kind;
    return !type.array && (kind == TypeKind::Bool || kind == TypeKind::Int2 ||
                           kind == TypeKind::Int4 || kind == TypeKind::Int8);
}

}  // namespace

ReaderId SubscriptionIndex::add_reader(std::shared_ptr<const policy::Reader> reader) {
    if (free_readers_.empty()) {
        readers_.push_back({.reader = std::move(reader)});
        return static_cast<ReaderId>(readers_.size() - 1);
    }
    const std::uint32_t id = free_readers_.back();
    free_readers_.pop_back();
    readers_[id] = {.reader = std::move(reader)};
    return static_cast<ReaderId>(id);
}

void SubscriptionIndex::set_reader(ReaderId id, std::shared_ptr<const policy::Reader> reader) {
    const auto number = static_cast<std::uint32_t>(id);
    for (Partition& partition : partitions_) {
        if (partition.principals) partition.principals->replace(number, *reader);
    }
    readers_[number].reader = std::move(reader);
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
    const auto reader = static_cast<std::uint32_t>(subscription.reader);
    members.push_back({reader, id, subscription.subscriber});
    auto& principals = partitions_[group(found).partition].principals;
    if (principals && !has_key(group(found))) {
        principals->add(reader, *readers_[reader].reader, id);
    }
    ++size_;
    return static_cast<SubscriptionId>(id);
}

void SubscriptionIndex::remove(SubscriptionId id) {
    const auto number = static_cast<std::uint32_t>(id);
    const Place place = subscriptions_[number];
    auto& members = group(place.group).members;
    CHECK(place.member < members.size() && members[place.member].subscription == number);
    auto& principals = partitions_[group(place.group).partition].principals;
    if (principals && !has_key(group(place.group))) {
        principals->remove(members[place.member].reader, number);
    }
    members[place.member] = members[members.size() - 1];
    subscriptions_[members[place.member].subscription].member = place.member;
    members.pop_back();
    if (members.size() == 0) remove_group(place.group);
    free_subscriptions_.push_back(number);
    --size_;
}

std::optional<std::uint32_t> SubscriptionIndex::find_partition(const Table& table,
                                                               const policy::RowRule& rule) const {
    const auto of_table = partitions_of_table_.find(table.storage_name());
    if (of_table == partitions_of_table_.end()) return std::nullopt;
    for (const std::uint32_t id : of_table->second) {
        if (partitions_[id].rule == &rule) return id;
    }
    return std::nullopt;
}

std::uint32_t SubscriptionIndex::partition_of(const Table& table, const policy::RowRule& rule) {
    const auto known = find_partition(table, rule);
    if (known) return *known;
    Partition partition;
    partition.table = &table;
    partition.rule = &rule;
    partition.shape = rule.shape();
    partition.same_for_all = rule.same_for_all_readers();
    partition.owner_column = static_cast<std::uint32_t>(rule.owner_column());
    if (partition.shape == policy::RowRule::Shape::General && !rule.grants().empty()) {
        partition.principals.emplace(rule);
    }
    partitions_.push_back(std::move(partition));
    auto& of_table = partitions_of_table_[table.storage_name()];
    of_table.push_back(static_cast<std::uint32_t>(partitions_.size() - 1));
    return of_table.back();
}

std::uint64_t SubscriptionIndex::hash_of(const Subscription& subscription, std::uint32_t partition,
                                         std::uint32_t owner) {
    std::uint64_t hash = mix_keys(partition, subscription.kinds);
    hash = mix_keys(hash, static_cast<std::uint32_t>(subscription.delivery));
    hash = mix_keys(hash, owner);
    return subscription.filter ? mix_keys(hash, subscription.filter->hash()) : hash;
}

std::uint32_t SubscriptionIndex::find_group(const Subscription& subscription,
                                            std::uint32_t partition, std::uint32_t owner) const {
    const auto head = group_of_hash_.find(hash_of(subscription, partition, owner));
    if (head == group_of_hash_.end()) return none;
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
    return none;
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
    const std::uint32_t known = find_group(subscription, partition, owner);
    if (known != none) return known;
    const std::uint32_t id = new_group();
    Group& added = group(id);
    added.filter = subscription.filter;
    added.partition = partition;
    added.delivery = subscription.delivery;
    added.kinds = subscription.kinds;
    added.owner = owner;
    compile_filter(added);
    if (owner != no_owner) ++partitions_[partition].owners.find(owner_key)->second.groups;
    added.hash = hash_of(subscription, partition, owner);
    std::uint32_t& head = group_of_hash_.try_emplace(added.hash, none).first->second;
    added.next_of_hash = std::exchange(head, id);
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

}  // namespace dunlin::realtime
