#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/histogram.h"
#include "core/identity.h"
#include "core/position.h"

/// What a shard says of itself: copies, which may go to other threads.
namespace dunlin::realtime {

/// Cheap: a few numbers, whatever the number of clients. Times are microseconds since 1970 UTC, 0
/// for never.
struct ShardStatistics {
    ShardStatistics();

    std::uint64_t clients = 0;
    std::uint64_t channels = 0;
    std::uint64_t subscriptions = 0;
    std::uint64_t principals = 0;         // different identities
    std::uint64_t unindexed_filters = 0;  // that are looked at for every change of their table
    std::uint64_t changes = 0;            // changes matched
    std::uint64_t candidates = 0;         // groups of subscriptions looked at for them
    std::uint64_t matches = 0;            // subscriptions that a change concerned
    std::uint64_t frames = 0;             // frames handed to outlets
    std::uint64_t topics = 0;             // with a member here or somebody present anywhere
    std::uint64_t broadcasts = 0;         // delivered here, also those without a receiver
    std::uint64_t joins_ok = 0;
    std::uint64_t joins_refused = 0;
    std::uint64_t reader_loads = 0;  // begun
    std::uint64_t reader_failures = 0;
    std::uint64_t held_batches = 0;   // commits that wait for readers
    std::uint64_t held_changes = 0;   // the changes in them
    std::int64_t oldest_held_us = 0;  // commit time of the first of them
    Position delivered{};             // of the last change delivered; zero before the first
    std::int64_t last_tick_us = 0;
    std::int64_t last_heartbeat_us = 0;  // of any client
    Histogram candidates_per_change;
    /// From a commit's time to its last frame in an outlet, of commits that concerned somebody; in
    /// microseconds.
    Histogram latency_us;

    /// Sums, the later of two times, the earlier of two positions and of two waits.
    void add(const ShardStatistics& other);
};

struct ChannelDescription {
    std::uint64_t client = 0;
    std::string topic;  // without "realtime:"
    std::string user;   // "" when nobody is signed in
    std::string role;   // see application_role()
    std::vector<std::string> bindings;
    bool active = false;          // joined, and its bindings are live
    std::int64_t created_us = 0;  // when the join was asked for
    std::int64_t joined_us = 0;   // when it was answered
    std::uint64_t delivered = 0;  // changes
};

struct ClientDescription {
    std::uint64_t client = 0;
    std::string user;
    std::string role;
    std::uint64_t channels = 0;
    std::uint64_t queued_bytes = 0;
    std::int64_t connected_us = 0;
    std::int64_t last_heartbeat_us = 0;
};

/// What changes of one table have cost since the server started.
struct TableActivity {
    std::uint64_t changes = 0;
    std::uint64_t candidates = 0;
    std::uint64_t matches = 0;
    std::uint64_t frames = 0;
    friend bool operator==(const TableActivity&, const TableActivity&) = default;
};

/// Whose channels and how many of them to list.
struct DescriptionRequest {
    struct Owner {
        Role role = Role::Anon;
        std::string user_id{};
    };
    std::optional<Owner> owner{};  // nothing: everybody's
    std::size_t channels_max = 0;  // the others are counted
    std::size_t clients_max = 0;   // those with the longest queues
    std::size_t tables_max = 0;    // those that cost most
};

struct ShardDescription {
    ShardStatistics statistics;
    std::uint64_t channels_found = 0;  // that the request asked for, listed or not
    std::map<std::string, std::uint64_t> channels_by_prefix{};  // topic up to its first ':'
    std::map<std::string, std::uint64_t> channels_by_role{};
    std::vector<ChannelDescription> channels{};
    std::vector<ClientDescription> clients{};
    std::map<std::string, TableActivity> tables{};  // by storage name
};

/// What an application calls somebody's role: app_metadata.role of the claims, else the database
/// role.
std::string application_role(const Identity& identity);

}  // namespace dunlin::realtime
