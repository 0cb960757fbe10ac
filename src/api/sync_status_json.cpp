#include "api/sync_status_json.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <chrono>
#include <map>
#include <utility>

#include "core/date_time.h"
#include "core/limits.h"

namespace dunlin::api {

namespace {

namespace json = boost::json;

constexpr std::int64_t us_per_ms = 1000;
constexpr std::int64_t us_per_s = 1'000'000;

json::value timestamp_or_null(std::int64_t us) {
    return us == 0 ? json::value(nullptr) : json::value(timestamp_text(us));
}

std::int64_t lag_ms(const realtime::ShardStatistics& statistics, std::int64_t now_us) {
    if (statistics.oldest_held_us == 0) return 0;
    return std::max<std::int64_t>(0, (now_us - statistics.oldest_held_us) / us_per_ms);
}

json::object lag_json(const LiveState& state) {
    return {{"changes", state.total.held_changes}, {"ms", lag_ms(state.total, state.now_us)}};
}

/// What is true of the whole service.
void add_service(const LiveState& state, json::object& to) {
    to["connections"] = state.total.clients;
    to["lastHeartbeat"] = timestamp_or_null(state.total.last_heartbeat_us);
    to["position"] = state.log_position.to_string();
    to["lag"] = lag_json(state);
    to["uptimeSeconds"] = (state.now_us - state.started_us) / us_per_s;
    to["timestamp"] = timestamp_text(state.now_us);
}

json::object channel_json(const realtime::ChannelDescription& channel) {
    return {{"id", channel.topic + "-" + std::to_string(channel.created_us / us_per_ms)},
            {"channelName", channel.topic},
            {"active", channel.active},
            {"createdAt", timestamp_text(channel.created_us)}};
}

json::object owned_channel_json(const realtime::ChannelDescription& channel, std::size_t loop) {
    json::object made = channel_json(channel);
    made["user"] = channel.user.empty() ? json::value(nullptr) : json::value(channel.user);
    made["role"] = channel.role;
    made["loop"] = loop;
    made["client"] = channel.client;
    made["delivered"] = channel.delivered;
    made["bindings"] = json::array(channel.bindings.begin(), channel.bindings.end());
    return made;
}

enum class Detail : std::uint8_t { Own, Everything };

/// Adds `subscriptions`, and how many there are besides them.
void add_channels(const LiveState& state, Detail detail, json::object& to) {
    json::array list;
    std::uint64_t found = 0;
    for (std::size_t i = 0; i < state.loops.size(); ++i) {
        if (!state.loops[i]) continue;
        found += state.loops[i]->channels_found;
        for (const realtime::ChannelDescription& channel : state.loops[i]->channels) {
            list.push_back(detail == Detail::Own ? channel_json(channel)
                                                 : owned_channel_json(channel, i));
        }
    }
    to["subscriptionsLeftOut"] = found - list.size();
    to["subscriptions"] = std::move(list);
}

std::uint64_t channels_found(const LiveState& state) {
    std::uint64_t found = 0;
    for (const auto& loop : state.loops) found += loop ? loop->channels_found : 0;
    return found;
}

using Counts = std::map<std::string, std::uint64_t>;

json::object sums_of(const LiveState& state, Counts realtime::ShardDescription::* counts) {
    Counts sums;
    for (const auto& loop : state.loops) {
        if (!loop) continue;
        for (const auto& [name, count] : (*loop).*counts) sums[name] += count;
    }
    json::object made;
    for (const auto& [name, count] : sums) made[name] = count;
    return made;
}

json::object loop_json(const LiveState& state, std::size_t index) {
    json::object made{{"loop", index}, {"alive", state.is_alive(index)}};
    if (!state.loops[index]) return made;
    const realtime::ShardStatistics& of = state.loops[index]->statistics;
    made["connections"] = of.clients;
    made["subscriptions"] = of.channels;
    made["delivered"] = of.delivered.to_string();
    made["heldCommits"] = of.held_batches;
    made["lagMs"] = lag_ms(of, state.now_us);
    return made;
}

json::object counters_json(const realtime::ShardStatistics& total) {
    return {{"bindings", total.subscriptions},
            {"identities", total.principals},
            {"unindexedFilters", total.unindexed_filters},
            {"changes", total.changes},
            {"candidates", total.candidates},
            {"matches", total.matches},
            {"frames", total.frames},
            {"joins", total.joins_ok},
            {"joinsRefused", total.joins_refused},
            {"readerLoads", total.reader_loads},
            {"readerFailures", total.reader_failures},
            {"heldCommits", total.held_batches}};
}

json::object histogram_json(const Histogram& histogram) {
    json::array bounds(histogram.bounds().begin(), histogram.bounds().end());
    json::array counts;
    for (std::size_t i = 0; i <= histogram.bounds().size(); ++i) {
        counts.emplace_back(histogram.count_up_to(i));
    }
    return {{"bounds", std::move(bounds)}, {"cumulative", std::move(counts)}};
}

json::array tables_json(const LiveState& state) {
    std::map<std::string, realtime::TableActivity> sums;
    for (const auto& loop : state.loops) {
        if (!loop) continue;
        for (const auto& [name, activity] : loop->tables) {
            realtime::TableActivity& sum = sums[name];
            // Every loop sees every change.
            sum.changes = std::max(sum.changes, activity.changes);
            sum.candidates += activity.candidates;
            sum.matches += activity.matches;
            sum.frames += activity.frames;
        }
    }
    json::array made;
    for (const auto& [name, sum] : sums) {
        made.push_back(json::object{{"table", name},
                                    {"changes", sum.changes},
                                    {"candidates", sum.candidates},
                                    {"matches", sum.matches},
                                    {"frames", sum.frames}});
    }
    return made;
}

json::array slow_clients_json(const LiveState& state) {
    json::array made;
    for (std::size_t i = 0; i < state.loops.size(); ++i) {
        if (!state.loops[i]) continue;
        for (const realtime::ClientDescription& client : state.loops[i]->clients) {
            made.push_back(json::object{
                {"loop", i},
                {"client", client.client},
                {"user", client.user.empty() ? json::value(nullptr) : json::value(client.user)},
                {"role", client.role},
                {"subscriptions", client.channels},
                {"queuedBytes", client.queued_bytes},
                {"connectedAt", timestamp_text(client.connected_us)},
                {"lastHeartbeat", timestamp_or_null(client.last_heartbeat_us)}});
        }
    }
    return made;
}

}  // namespace

std::string timestamp_text(std::int64_t us) {
    std::string text;
    date_time::print_timestamp(us - us % us_per_ms, 'T', text);
    // Whole seconds and tenths are printed short; JavaScript writes three digits always.
    const auto dot = text.find('.');
    if (dot == text.npos)
        text += ".000";
    else
        text.resize(dot + 4, '0');
    return text + 'Z';
}

LiveState::LiveState(LiveFacts::Descriptions answers) : loops(std::move(answers)) {
    for (const auto& loop : loops) {
        if (loop) total.add(loop->statistics);
    }
}

bool LiveState::is_alive(std::size_t loop) const {
    if (!loops[loop]) return false;
    constexpr auto age_us_max =
        std::chrono::duration_cast<std::chrono::microseconds>(limits::tick_age_max).count();
    // The first tick comes a while after the start.
    const std::int64_t last_us = std::max(loops[loop]->statistics.last_tick_us, started_us);
    return now_us - last_us <= age_us_max;
}

bool LiveState::is_healthy() const {
    if (!database_writable) return false;
    for (std::size_t i = 0; i < loops.size(); ++i) {
        if (!is_alive(i)) return false;
    }
    return true;
}

json::object health_json(const LiveState& state) {
    json::object made{{"status", state.is_healthy() ? "healthy" : "unhealthy"},
                      {"service", "realtime-sync"},
                      {"activeSubscriptions", state.total.channels},
                      {"databaseWritable", state.database_writable}};
    add_service(state, made);
    return made;
}

json::object status_json(const LiveState& state) {
    json::object made{{"status", "active"}, {"activeSubscriptions", channels_found(state)}};
    add_channels(state, Detail::Own, made);
    made["timestamp"] = timestamp_text(state.now_us);
    return made;
}

json::object stats_json(const LiveState& state) {
    json::object stats = sums_of(state, &realtime::ShardDescription::channels_by_prefix);
    // A channel may be called anything, also this.
    const auto* own = stats.if_contains("total");
    if (own != nullptr) stats["total:"] = json::value(*own);
    stats["total"] = channels_found(state);
    json::object made{{"stats", std::move(stats)},
                      {"roles", sums_of(state, &realtime::ShardDescription::channels_by_role)}};
    add_channels(state, Detail::Everything, made);
    add_service(state, made);
    return made;
}

json::object inspector_json(const LiveState& state) {
    json::object made = stats_json(state);
    made["healthy"] = state.is_healthy();
    made["databaseWritable"] = state.database_writable;
    made["nowMs"] = state.now_us / us_per_ms;
    made["counters"] = counters_json(state.total);
    made["latencyUs"] = histogram_json(state.total.latency_us);
    made["candidatesPerChange"] = histogram_json(state.total.candidates_per_change);
    made["tables"] = tables_json(state);
    made["slowClients"] = slow_clients_json(state);
    json::array loops;
    for (std::size_t i = 0; i < state.loops.size(); ++i) loops.push_back(loop_json(state, i));
    made["loops"] = std::move(loops);
    return made;
}

}  // namespace dunlin::api
