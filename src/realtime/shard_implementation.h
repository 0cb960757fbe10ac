#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "realtime/fan_out.h"
#include "realtime/join_request.h"
#include "realtime/reader_pool.h"
#include "realtime/rule_source.h"
#include "realtime/session_state.h"
#include "realtime/shard.h"
#include "realtime/subscription_index.h"

namespace dunlin::realtime {

/// The shard's rules: messages in shard.cpp, joins and tokens in channels.cpp, commits in
/// publishing.cpp, sessions that end in rights.cpp, what it says of itself in describing.cpp.
class Shard::Implementation {
public:
    Implementation(std::unique_ptr<const RuleSource> rules, Host& host, const Clock& clock);

    ClientId connect(Outlet& outlet, Version version, Identity identity);
    void disconnect(ClientId id);
    void receive(ClientId id, std::string_view text);
    void receive_binary(ClientId id, std::string_view bytes);
    void publish(const ChangeBatch& batch);
    void change_rights(const std::vector<std::string>& ended_sessions,
                       const std::vector<std::string>& changed_users);
    void tick();
    ShardStatistics statistics() const;
    ShardDescription describe(const DescriptionRequest& request) const;

private:
    /// One in every entry point. While it exists, clients that leave are only marked, because an
    /// outlet may disconnect inside send().
    class Busy {
    public:
        explicit Busy(Implementation& shard) : shard_(shard) { ++shard_.busy_; }
        ~Busy() {
            if (shard_.busy_ == 1) shard_.settle();
            --shard_.busy_;
        }
        Busy(const Busy&) = delete;
        Busy& operator=(const Busy&) = delete;

    private:
        Implementation& shard_;
    };
    struct Held {
        std::uint64_t sequence = 0;
        ChangeBatch batch;
        std::vector<std::string> dependencies;  // changed tables that rules depend on
    };

    // shard.cpp
    Client* find(ClientId id);
    /// Removes who has left and goes on with commits that waited for them.
    void settle();
    void bury();
    void handle(Client& client, const wire::PhoenixMessage& message);
    void handle_channel_event(Client& client, Channel& channel,
                              const wire::PhoenixMessage& message);
    void refuse_broadcast(Channel& channel, const std::string& event,
                          const std::optional<std::string>& join_ref,
                          const std::optional<std::string>& ref);
    void close(Client& client, std::uint16_t code, std::string_view reason);
    void send(Client& client, const wire::Frame& frame);
    void send_text(Client& client, const std::optional<std::string>& join_ref,
                   const std::optional<std::string>& ref, std::string_view topic,
                   std::string_view event, std::string_view payload);
    void reply(Client& client, const wire::PhoenixMessage& to, std::string_view status,
               std::string_view response);
    void reply_error(Client& client, const wire::PhoenixMessage& to, std::string_view reason);
    void send_system(Channel& channel, std::string_view extension, std::string_view status,
                     std::string_view message);

    // channels.cpp
    void join(Client& client, const wire::PhoenixMessage& message);
    Result<Identity> identity_of(const Client& client, const JoinRequest& request);
    Channel& add_channel(Client& client, const wire::PhoenixMessage& message);
    void resolve_bindings(Channel& channel, Role role);
    void remove_channel(Channel& channel);
    void replace_token(Channel& channel, const boost::json::value& payload);
    /// Makes the channel's pending principal its own, now or when its reader is loaded.
    void begin(Channel& channel, const Identity& identity);
    void activate(Channel& channel);
    void answer_join(Channel& channel);
    Result<void> subscribe(Channel& channel);
    Result<void> subscribe(Channel& channel, const Binding& binding);
    void unsubscribe(Channel& channel);
    void drop_pending(Channel& channel);
    /// Ends the channel with a system message; the client joins again by itself.
    void fail_channel(Channel& channel, std::string_view extension, std::string_view message);

    // publishing.cpp
    void drain();
    bool is_ready(const Held& held);
    void overflow();
    void deliver(const Change& change);
    void note_delivered(const std::vector<Change>& batch, bool concerned);
    void hold(Principal& principal, std::uint64_t needed_sequence);
    void release_hold(Principal& principal);
    void leave_principal(Principal& principal, std::uint32_t slot);
    void reader_loaded(Principal& principal, const Result<void>& outcome);
    enum class Whose : std::uint8_t { EveryChannel, ChannelsWithChanges };
    void fail_principal(Principal& principal, Whose whose, std::string_view extension,
                        const std::string& message);

    // describing.cpp
    void describe_clients(const DescriptionRequest& request, ShardDescription& made) const;
    void describe_tables(const DescriptionRequest& request, ShardDescription& made) const;

    // rights.cpp
    /// Closes every socket that the principal's session is used on.
    void evict(Principal& principal);
    /// Goes on with the identity as it is now.
    void renew(Principal& principal);

    std::unique_ptr<const RuleSource> rules_;
    Host& host_;
    const Clock& clock_;
    SubscriptionIndex index_;
    ReaderPool pool_;
    FanOut fan_out_;

    std::unordered_map<std::string, const Table*> tables_;  // by storage name
    std::set<std::string> dependencies_;                    // tables that any rule depends on

    std::uint64_t last_client_ = 0;
    std::unordered_map<ClientId, std::unique_ptr<Client>> clients_;
    std::vector<ClientId> gone_;      // disconnected while busy
    std::vector<Channel*> channels_;  // by slot; null when free
    std::vector<std::uint32_t> free_slots_;
    int busy_ = 0;

    std::uint64_t published_ = 0;                 // batches so far
    std::uint64_t last_dependency_sequence_ = 0;  // the last of them that touched dependencies_
    std::deque<Held> held_;
    std::size_t holds_ = 0;  // principals with `held`
    bool draining_ = false;

    std::vector<Match> matches_;  // of the current change
    ShardStatistics counted_;     // what is counted as it happens; the rest is asked for
    boost::unordered_flat_map<const Table*, TableActivity> activity_;
};

}  // namespace dunlin::realtime
