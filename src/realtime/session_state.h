#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "realtime/binding.h"
#include "realtime/channel_rights.h"
#include "realtime/room_table.h"
#include "realtime/shard.h"
#include "realtime/stored_message.h"
#include "realtime/subscription_index.h"
#include "realtime/token_bucket.h"
#include "wire/phoenix.h"

/// What a shard remembers. Plain data of one loop; the rules are in the Shard's implementation.
namespace dunlin::realtime {

struct Client;

/// Everybody with the same identity: they share one reader, loaded once.
struct Principal {
    std::uint64_t serial = 0;
    std::string key;  // the identity as text
    Identity identity;
    std::optional<ReaderId> reader{};                // nothing until loaded
    std::shared_ptr<const policy::Reader> rights{};  // what `reader` stands for
    // Published batches that the loaded (being loaded, needed) sets reflect.
    std::uint64_t loaded_sequence = 0;
    std::uint64_t loaded_before = 0;  // by the load before
    std::uint64_t loading_sequence = 0;
    std::uint64_t needed_sequence = 0;
    bool loading = false;
    /// What the live channels have been sent was chosen by these rights, which are no longer those
    /// that count: null when they are.
    std::shared_ptr<const policy::Reader> rights_before{};
    bool moving = false;  // rows that the change of rights shows or hides are being read
    bool held = false;    // batches wait for this reader
    std::int64_t held_since_us = 0;
    std::set<std::string> dependencies{};  // tables that the rules of its subscriptions depend on
    boost::unordered_flat_set<std::uint32_t> channels{};  // slots
};

/// In a public channel everybody may do everything.
constexpr ChannelRights all_rights{true, true, true, true};

/// A joined topic of one client.
struct Channel {
    struct Subscribed {
        Subscription what;
        std::optional<SubscriptionId> live{};  // nothing while the channel catches up
    };

    std::uint32_t slot = 0;
    std::uint64_t serial = 0;  // no other channel ever had it, as others may have had the slot
    Client* client = nullptr;
    std::string topic;
    std::optional<std::string> join_ref{};
    std::optional<std::string> ref{};  // of the join, until it is answered
    std::string echo{};                // for the answer of the join
    bool joined = false;
    Privacy privacy = Privacy::Public;
    ChannelRights rights = all_rights;      // of a private channel what its reader may do
    bool replication_ready = false;         // wants to be told that stored messages are delivered
    std::optional<ReplayRequest> replay{};  // until the join is answered
    bool replaying = false;                 // stored messages are being read for it
    std::set<std::string> heard_while_replaying{};  // ids of stored messages
    bool broadcast_ack = false;
    bool broadcast_self = false;
    std::string presence_key{};     // "" until one is needed
    bool presence_enabled = false;  // wants to hear who is present
    bool presence_told = false;     // has got the state and goes on with diffs
    PresenceMeta present{};         // what it has said of itself; its ref is "" while it has not
    Room* room = nullptr;           // while it is joined
    std::size_t place = 0;          // in room->members
    std::vector<BindingRequest> wanted{};
    std::string refusal{};  // why its bindings are not live, "" when they are
    std::vector<Binding> bindings{};
    Role bound_role = Role::Anon;  // for whom they were resolved
    std::vector<Subscribed> subscriptions{};
    std::int64_t created_us = 0;
    std::int64_t joined_us = 0;
    std::uint64_t delivered = 0;   // changes
    Principal* active = nullptr;   // whose rights count
    Principal* pending = nullptr;  // whose rights will, once its reader is loaded

    std::optional<Position> resume_from{};  // until its first join is answered
    /// What it has been sent while it catches up with the log; its subscriptions are not live then.
    std::optional<Position> caught_up_to{};
    bool reading_log = false;
    std::optional<Position> told_position{};  // in the answer to the last heartbeat
    std::string resume_key{};                 // of its device, "" for none

    // Used while one change is fanned out.
    std::uint64_t match_change = 0;
    std::uint32_t match_count = 0;
};

struct Client {
    ClientId id{};
    Outlet* outlet = nullptr;
    wire::PhoenixVersion version = wire::PhoenixVersion::V2;
    Identity identity;
    std::string device{};
    TokenBucket messages{};
    TokenBucket joins{};
    TokenBucket presence_calls{};
    std::int64_t connected_us = 0;
    std::int64_t last_heartbeat_us = 0;
    bool deaf = false;  // closed by us or gone: nothing is sent and nothing is heard any more
    std::map<std::string, std::unique_ptr<Channel>, std::less<>> channels{};
};

}  // namespace dunlin::realtime
