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

#include "realtime/channel_message.h"
#include "realtime/fan_out.h"
#include "realtime/join_request.h"
#include "realtime/reader_pool.h"
#include "realtime/room_table.h"
#include "realtime/rule_source.h"
#include "realtime/session_state.h"
#include "realtime/shard.h"
#include "realtime/stored_message.h"
#include "realtime/subscription_index.h"

namespace dunlin::realtime {

/// The shard's rules: messages in shard.cpp, joins and tokens in channels.cpp, commits in
/// publishing.cpp, channels that catch up in resuming.cpp, rows that rights show and hide in
/// moving.cpp, sessions that end in rights.cpp, broadcasts in broadcast.cpp and
/// stored_broadcasts.cpp, who is present in presence_rounds.cpp, private
/// channels in private_channels.cpp, what it says of itself in describing.cpp.
class Shard::Implementation {
public:
    Implementation(std::unique_ptr<const RuleSource> rules, Host& host, const Clock& clock);

    ClientId connect(Outlet& outlet, Version version, Identity identity, std::string device);
    void disconnect(ClientId id);
    void writable(ClientId id);
    void receive(ClientId id, std::string_view text);
    void receive_binary(ClientId id, std::string_view bytes);
    void publish(const ChangeBatch& batch);
    void change_rights(const std::vector<std::string>& ended_sessions,
                       const std::vector<std::string>& changed_users);
    void post(const Identity& sender, std::vector<ChannelMessage> messages, Posted done);
    void receive_spread(const ChannelMessage& message);
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
        std::uint64_t dependency_before = 0;  // the last one before that touched dependencies_
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
    struct Resumed {
        std::string resync{};  // why not
    };
    void answer_join(Channel& channel, const std::optional<Resumed>& resumed = {});
    Result<void> prepare(Channel& channel);
    Result<void> prepare(Channel& channel, const Binding& binding);
    void go_live(Channel& channel);
    void unsubscribe(Channel& channel);
    void drop_pending(Channel& channel);
    /// Ends the channel with a system message; the client joins again by itself.
    void fail_channel(Channel& channel, std::string_view extension, std::string_view message);

    // resuming.cpp
    void answer_heartbeat(Client& client, const wire::PhoenixMessage& message);
    /// The position up to which the client has been sent everything.
    Position sent_position(const Client& client) const;
    static std::string resume_key_of(const Channel& channel, const Identity& identity);
    void catch_up(Channel& channel);
    void take_log(Channel& channel, const Result<std::vector<ChangeBatch>>& commits);
    /// Whether a commit after what the channel has been sent may change what else it sees.
    bool changes_rights(const Channel& channel, const std::vector<Change>& commit) const;
    bool may_change_rights(const Channel& channel, const Change& change) const;
    void settle_doubts(const std::vector<Change>& commit);
    bool replay(Channel& channel, const std::vector<Change>& commit);
    void end_replay(Channel& channel);
    void resync(Channel& channel, const std::string& why);
    // broadcast.cpp
    void receive_broadcast(Channel& channel, const wire::PhoenixMessage& message);
    void receive_push(Channel& channel, wire::PhoenixBroadcast push);
    /// Tells all other members, here and on the other loops; `reply` says whom to answer.
    void accept_broadcast(Channel& sender, const wire::PhoenixMessage& reply_to,
                          Broadcast broadcast);
    void refuse_broadcast(Channel& channel, const wire::PhoenixMessage& message,
                          std::string_view reason);
    bool is_too_often(Channel& channel);
    void deliver_broadcast(std::string_view topic, Privacy privacy, const Broadcast& broadcast,
                           const Channel* except);

    // private_channels.cpp
    bool authorize(Channel& channel);
    void take_rights(Channel& channel, const ChannelRights& rights);
    void authorize_again(std::uint64_t principal_serial);
    void refuse_join(Channel& channel, std::string_view reason);
    void post_as(const Identity& sender, const policy::Reader* reader,
                 std::vector<ChannelMessage> messages, Posted done);

    // stored_broadcasts.cpp
    /// A channel that may be gone when it is asked for again.
    struct Place {
        std::uint32_t slot = 0;
        std::uint64_t serial = 0;
    };
    Channel* channel_at(Place place);
    StoredMessage stored_message(std::string_view topic, Privacy privacy, Broadcast broadcast);
    void store_broadcast(Channel& sender, const wire::PhoenixMessage& reply_to,
                         Broadcast broadcast);
    void deliver_stored(const Change& change);
    void begin_replay(Channel& channel);
    void finish_replay(Channel& channel, const Result<std::vector<StoredMessage>>& messages);

    // presence_rounds.cpp
    void enter_room(Channel& channel);
    void leave_room(Channel& channel);
    void receive_presence(Channel& channel, const wire::PhoenixMessage& message);
    Result<void> track(Channel& channel, const boost::json::object& message);
    Result<void> admit_presence(const Channel& channel, const PresenceMeta& meta);
    /// Makes `meta` what the channel says of itself, or nothing, and tells the other loops.
    void set_present(Channel& channel, std::optional<PresenceMeta> meta);
    void apply_presence(Room& room, const PresenceDelta& delta);
    void make_due(Room& room);
    void run_presence_round();
    void tell_presence(Room& room);

    // publishing.cpp
    void drain();
    void drain_later();
    void finish_commit(const std::vector<Change>& batch);
    bool is_ready(const Held& held);
    bool may_change_rights(const Held& commit, const Principal& principal) const;
    void overflow();
    void deliver(const Change& change, Position commit);
    /// Sends what `matches_` say of the change; returns the number of frames.
    std::size_t send_matches(const Change& change, Position commit);
    void note_delivered(const std::vector<Change>& batch, bool concerned);
    void hold(Principal& principal, std::uint64_t needed_sequence);
    void hold_back(Principal& principal);
    void release_hold(Principal& principal);
    void settle_rights(Principal& principal);
    void leave_principal(Principal& principal, std::uint32_t slot);
    void reader_loaded(Principal& principal, const Result<void>& outcome);
    enum class Whose : std::uint8_t { EveryChannel, ChannelsWithChanges };
    void fail_principal(Principal& principal, Whose whose, std::string_view extension,
                        const std::string& message);

    // moving.cpp
    /// The rows that a principal's live channels see or no longer see, by other rights than before
    /// and not by a change of their own, while they are being found. Commits wait until then.
    struct Move {
        std::uint64_t principal = 0;  // serial
        std::shared_ptr<const policy::Reader> before;
        std::shared_ptr<const policy::Reader> after;
        std::vector<RowsWanted> wanted{};
        StoredRows found{};
    };
    bool took_detour(const Principal& principal) const;
    void tell_of_detour(const Principal& principal);
    void move_rows(Principal& principal);
    std::vector<RowsWanted> rows_to_move(const Principal& principal) const;
    void take_rows(Move move, Result<StoredRows> rows);
    /// Those whose rows are known as they were when the last commit was handed out.
    void finish_moves();
    void finish_move(const Move& move);
    std::vector<Row> rows_before(const Move& move, const Table& table) const;
    std::optional<Position> commit_of(const Move& move, const Channel& channel) const;
    /// Without a position of their own: they are no changes of the log.
    void send_moved(Channel& channel, const Move& move, Position commit);

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

    std::vector<std::string> channel_dependencies_[3];  // by role
    std::optional<MessageTable> messages_;              // nothing: nothing is stored

    std::uint64_t last_client_ = 0;
    std::uint64_t last_channel_ = 0;
    std::unordered_map<ClientId, std::unique_ptr<Client>> clients_;
    std::vector<ClientId> gone_;      // disconnected while busy
    std::vector<Channel*> channels_;  // by slot; null when free
    std::vector<std::uint32_t> free_slots_;
    int busy_ = 0;

    Position delivered_;             // the end of the last commit handed out
    Position published_position_;    // the end of the last commit there is
    std::set<std::uint32_t> ahead_;  // slots of channels that have been sent more than delivered_
    /// A channel that resumed while commits were on their way here, the last of them `until`.
    struct Doubt {
        std::uint32_t slot = 0;
        std::uint64_t serial = 0;
        Position until;
    };
    std::vector<Doubt> doubtful_;
    std::vector<Move> moves_;                     // whose rows are of a commit that is not here yet
    std::uint64_t published_ = 0;                 // batches so far
    std::uint64_t last_dependency_sequence_ = 0;  // the last of them that touched dependencies_
    std::deque<Held> held_;
    std::size_t holds_ = 0;  // principals with `held`
    bool draining_ = false;
    bool drain_planned_ = false;
    std::size_t next_change_ = 0;             // of held_.front(): those before are handed out
    std::uint64_t frames_before_commit_ = 0;  // of held_.front()

    RoomTable rooms_;
    std::vector<Room*> due_rooms_;  // have presence to tell
    bool round_planned_ = false;
    std::int64_t last_round_us_ = 0;
    std::string ref_prefix_;  // of this loop's phx_refs
    std::uint64_t last_ref_ = 0;
    std::size_t presence_bytes_ = 0;                      // of all rooms
    std::unordered_map<std::string, Place> stored_here_;  // by message, until the log brings it
    std::size_t replays_ = 0;                             // under way
    // Shared with callbacks, which may outlive the shard: they look whether it is there.
    std::shared_ptr<char> alive_ = std::make_shared<char>();

    std::vector<Match> matches_;  // of the current change
    ShardStatistics counted_;     // what is counted as it happens; the rest is asked for
    boost::unordered_flat_map<const Table*, TableActivity> activity_;
};

}  // namespace dunlin::realtime
