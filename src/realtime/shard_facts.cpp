#include "realtime/shard_facts.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace dunlin::realtime {

namespace {

constexpr std::uint64_t candidate_bounds[] = {0, 1, 10, 30, 100, 300, 1'000, 3'000, 10'000};
constexpr std::uint64_t latency_bounds_us[] = {500,    1'000,   2'500,   5'000,   10'000,   25'000,
                                               50'000, 100'000, 250'000, 500'000, 1'000'000};

/// The earlier of two, where a zero says nothing.
template <typename T>
T earlier(T left, T right) {
    if (left == T{}) return right;
    return right == T{} ? left : std::min(left, right);
}

}  // namespace

ShardStatistics::ShardStatistics()
    : candidates_per_change(candidate_bounds), latency_us(latency_bounds_us) {}

void ShardStatistics::add(const ShardStatistics& other) {
    using Count = std::uint64_t ShardStatistics::*;
    for (const Count count :
         {&ShardStatistics::clients, &ShardStatistics::channels, &ShardStatistics::subscriptions,
          &ShardStatistics::principals, &ShardStatistics::unindexed_filters,
          &ShardStatistics::changes, &ShardStatistics::candidates, &ShardStatistics::matches,
          &ShardStatistics::frames, &ShardStatistics::topics, &ShardStatistics::broadcasts,
          &ShardStatistics::joins_ok, &ShardStatistics::joins_refused,
          &ShardStatistics::reader_loads, &ShardStatistics::reader_failures,
          &ShardStatistics::held_batches}) {
        this->*count += other.*count;
    }
    // Every loop holds the same changes: the slowest one says how far behind they are.
    held_changes = std::max(held_changes, other.held_changes);
    oldest_held_us = earlier(oldest_held_us, other.oldest_held_us);
    delivered = earlier(delivered, other.delivered);
    last_tick_us = earlier(last_tick_us, other.last_tick_us);
    last_heartbeat_us = std::max(last_heartbeat_us, other.last_heartbeat_us);
    candidates_per_change.add(other.candidates_per_change);
    latency_us.add(other.latency_us);
}

std::string application_role(const Identity& identity) {
    boost::system::error_code failure;
    const auto claims = boost::json::parse(identity.claims, failure);
    const auto* object = failure ? nullptr : claims.if_object();
    const auto* metadata = object == nullptr ? nullptr : object->if_contains("app_metadata");
    const auto* members = metadata == nullptr ? nullptr : metadata->if_object();
    const auto* role = members == nullptr ? nullptr : members->if_contains("role");
    const auto* text = role == nullptr ? nullptr : role->if_string();
    return text == nullptr ? std::string(role_name(identity.role))
                           : std::string(text->data(), text->size());
}

}  // namespace dunlin::realtime
