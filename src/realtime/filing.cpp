#include <algorithm>
#include <utility>

#include "core/limits.h"
#include "realtime/index_key.h"
#include "realtime/subscription_index.h"

/// Under which key a group of subscriptions is found.
namespace dunlin::realtime {

namespace {

constexpr bool is_range(FilterOperator op) {
    return op == FilterOperator::Less || op == FilterOperator::LessOrEqual ||
           op == FilterOperator::Greater || op == FilterOperator::GreaterOrEqual;
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

/// Groups under one value, from where on an interval is expected to find fewer.
constexpr std::size_t crowded_list_size = 64;

struct Bounds {
    std::uint32_t column = 0;
    std::uint64_t low = 0;
    std::uint64_t high = UINT64_MAX;

    std::uint64_t width() const { return high >= low ? high - low : 0; }
};

/// Of the column whose range leaves the fewest keys, or nothing when no range has a key.
std::optional<Bounds> narrowest_bounds(const LiveFilter& filter) {
    std::vector<Bounds> found;
    for (const FilterCondition& condition : filter.conditions) {
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
    const auto narrowest = std::ranges::min_element(found, {}, &Bounds::width);
    return narrowest == found.end() ? std::nullopt : std::optional(*narrowest);
}

bool has_two_ends(const LiveFilter& filter) {
    const auto bounds = narrowest_bounds(filter);
    return bounds && bounds->low > 0 && bounds->high < UINT64_MAX;
}

/// Whether some condition gives a key, so that not every change of the table must look at it.
bool is_indexable(const LiveFilter& filter) {
    return std::ranges::any_of(filter.conditions,
                               [](const FilterCondition& condition) {
                                   return value_keys(condition).has_value();
                               }) ||
           narrowest_bounds(filter).has_value();
}

}  // namespace

Result<void> SubscriptionIndex::check(const Subscription& subscription) const {
    if (!subscription.filter || is_indexable(*subscription.filter)) return {};
    const auto shape = subscription.rule->shape();
    if (shape == policy::RowRule::Shape::Owner || shape == policy::RowRule::Shape::Nobody) {
        return {};
    }
    const auto of_table = partitions_of_table_.find(subscription.table->storage_name());
    if (of_table == partitions_of_table_.end()) return {};
    std::size_t count = 0;
    for (const std::uint32_t id : of_table->second) count += partitions_[id].unindexed;
    if (count < limits::unindexed_filters_per_table_max) return {};
    const auto partition = find_partition(*subscription.table, *subscription.rule);
    if (partition && find_group(subscription, *partition, no_owner) != none) return {};
    return std::unexpected(
        Error{ErrorCode::LimitExceeded,
              "The table has " + std::to_string(count) +
                  " filters already that must be looked at for every change. Add a condition with "
                  "eq, in, is, lt, lte, gt or gte."});
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
    const bool crowded = best_count > crowded_list_size + best.size();
    if (crowded && has_two_ends(*filed.filter)) return false;
    filed.access = Access::Postings;
    filed.column = best_column;
    for (const std::uint64_t key : best) filed.places.push_back(postings_.add(key, id));
    ++use_of(partitions_[filed.partition], best_column).equalities;
    return true;
}

bool SubscriptionIndex::file_by_interval(std::uint32_t id, std::uint64_t base) {
    Group& filed = group(id);
    const auto narrowest = filed.filter ? narrowest_bounds(*filed.filter) : std::nullopt;
    if (!narrowest) return false;
    filed.access = Access::Interval;
    filed.column = narrowest->column;
    filed.interval_key = mix_keys(base, narrowest->column * 4 + 2);
    filed.interval_low = narrowest->low;
    intervals_.insert(filed.interval_key, narrowest->low, narrowest->high, id);
    ++use_of(partitions_[filed.partition], narrowest->column).intervals;
    return true;
}

void SubscriptionIndex::file_unkeyed(std::uint32_t id, std::uint64_t base) {
    Group& filed = group(id);
    Partition& partition = partitions_[filed.partition];
    filed.access = Access::Postings;
    filed.column = none;
    filed.places.push_back(postings_.add(mix_keys(base, 3), id));
    ++partition.unkeyed;
    if (!is_unindexed(partition, filed)) return;
    ++partition.unindexed;
    ++unindexed_;
}

/// Of a group without a key. One without a filter concerns its readers whatever changes.
bool SubscriptionIndex::is_unindexed(const Partition& partition, const Group& group) {
    return partition.shape != policy::RowRule::Shape::Owner && group.filter != nullptr;
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
        if (!is_unindexed(partition, filed)) return;
        --partition.unindexed;
        --unindexed_;
    } else {
        --use_of(partition, filed.column).equalities;
    }
}

}  // namespace dunlin::realtime
