#include <algorithm>
#include <functional>
#include <unordered_map>
#include <utility>

#include "realtime/shard_implementation.h"
#include "realtime/topic.h"

namespace dunlin::realtime {

namespace {

/// Whose rights count now, or will once they are loaded.
const Principal* principal_of(const Channel& channel) {
    return channel.active != nullptr ? channel.active : channel.pending;
}

bool is_asked_for(const DescriptionRequest& request, const Identity& identity) {
    if (!request.owner) return true;
    return identity.role == request.owner->role && identity.user_id == request.owner->user_id;
}

ChannelDescription describe_channel(const Channel& channel, const std::string& role) {
    ChannelDescription made;
    made.client = static_cast<std::uint64_t>(channel.client->id);
    made.topic = name_of(channel.topic);
    made.user = principal_of(channel)->identity.user_id;
    made.role = role;
    for (const Binding& binding : channel.bindings) made.bindings.push_back(binding.description);
    made.active = channel.joined && channel.refusal.empty();
    made.created_us = channel.created_us;
    made.joined_us = channel.joined_us;
    made.delivered = channel.delivered;
    return made;
}

ClientDescription describe_client(const Client& client) {
    ClientDescription made;
    const Principal* principal =
        client.channels.empty() ? nullptr : principal_of(*client.channels.begin()->second);
    const Identity& identity = principal == nullptr ? client.identity : principal->identity;
    made.client = static_cast<std::uint64_t>(client.id);
    made.user = identity.user_id;
    made.role = application_role(identity);
    made.channels = client.channels.size();
    made.queued_bytes = client.outlet == nullptr ? 0 : client.outlet->queued_bytes();
    made.connected_us = client.connected_us;
    made.last_heartbeat_us = client.last_heartbeat_us;
    return made;
}

}  // namespace

ShardStatistics Shard::Implementation::statistics() const {
    ShardStatistics now = counted_;
    now.clients = clients_.size();
    now.channels = channels_.size() - free_slots_.size();
    now.subscriptions = index_.size();
    now.principals = pool_.size();
    now.topics = rooms_.size();
    now.unindexed_filters = index_.unindexed();
    now.candidates = index_.candidates();
    now.reader_loads = pool_.loads();
    now.held_batches = held_.size();
    if (!held_.empty() && !held_.front().batch->empty()) {
        const Change& first = held_.front().batch->front();
        now.oldest_held_us = first.commit_time_us;
        for (const Held& held : held_) now.held_changes += held.batch->size();
    }
    return now;
}

ShardDescription Shard::Implementation::describe(const DescriptionRequest& request) const {
    ShardDescription made;
    made.statistics = statistics();
    // Reading the role out of the claims costs more than the rest: once for each identity.
    std::unordered_map<const Principal*, std::string> roles;
    for (const Channel* channel : channels_) {
        const Principal* principal = channel == nullptr ? nullptr : principal_of(*channel);
        if (principal == nullptr || !is_asked_for(request, principal->identity)) continue;
        std::string& role = roles[principal];
        if (role.empty()) role = application_role(principal->identity);
        const std::string name = name_of(channel->topic);
        ++made.channels_found;
        ++made.channels_by_prefix[name.substr(0, name.find(':'))];
        ++made.channels_by_role[role];
        if (made.channels.size() < request.channels_max) {
            made.channels.push_back(describe_channel(*channel, role));
        }
    }
    describe_clients(request, made);
    describe_tables(request, made);
    return made;
}

void Shard::Implementation::describe_clients(const DescriptionRequest& request,
                                             ShardDescription& made) const {
    if (request.clients_max == 0) return;
    std::vector<std::pair<std::uint64_t, const Client*>> slow;
    for (const auto& [id, client] : clients_) {
        const std::uint64_t queued = client->outlet == nullptr ? 0 : client->outlet->queued_bytes();
        if (queued > 0) slow.emplace_back(queued, client.get());
    }
    const std::size_t count = std::min(request.clients_max, slow.size());
    std::ranges::partial_sort(slow, slow.begin() + static_cast<std::ptrdiff_t>(count),
                              std::greater<>());
    for (std::size_t i = 0; i < count; ++i)
        made.clients.push_back(describe_client(*slow[i].second));
}

void Shard::Implementation::describe_tables(const DescriptionRequest& request,
                                            ShardDescription& made) const {
    const auto cost = [](const auto& entry) {
        return std::pair(entry.second.candidates, entry.second.changes);
    };
    std::vector<std::pair<const Table*, TableActivity>> tables(activity_.begin(), activity_.end());
    std::ranges::sort(tables, std::greater<>(), cost);
    if (tables.size() > request.tables_max) tables.resize(request.tables_max);
    for (const auto& [table, activity] : tables) made.tables[table->storage_name()] = activity;
}

}  // namespace dunlin::realtime
