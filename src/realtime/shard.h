#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/change.h"
#include "core/clock.h"
#include "core/identity.h"
#include "core/result.h"
#include "policy/access_rules.h"
#include "realtime/shard_facts.h"
#include "realtime/table_groups.h"
#include "wire/websocket_frame.h"

namespace dunlin::realtime {

class RuleSource;

enum class ClientId : std::uint64_t {};

/// The framing of a socket, from its `vsn` parameter.
enum class Version : std::uint8_t { V1, V2 };

/// Where a client's frames go: implemented over a socket, or by a test. All calls on the shard's
/// loop.
class Outlet {
public:
    virtual ~Outlet() = default;
    /// Queues a frame. May decide to close the client when its queue is over its limit.
    virtual void send(const wire::Frame& frame) = 0;
    /// Sends a close frame after what is queued, then hangs up.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
    /// False while so much is queued that what can wait shall wait: Shard::writable() tells when
    /// that is over.
    virtual bool is_writable() const = 0;
    /// Bytes that wait for a slow reader.
    virtual std::size_t queued_bytes() const { return 0; }
};

/// Which rows of a table are wanted: those whose `column` has one of `values`, or all of them.
struct RowsWanted {
    const Table* table = nullptr;
    std::optional<std::size_t> column{};
    std::vector<Value> values{};
};

/// Rows by request, as they were at `position`.
struct StoredRows {
    Position position;
    std::vector<std::vector<Row>> rows{};
    bool complete = true;  // false: there are more than limits::moved_rows_max
};

struct ChannelMessage;
struct ReplayRequest;
struct StoredMessage;

/// What a shard asks of the rest of the server. Calls on the shard's loop.
class Host {
public:
    virtual ~Host() = default;
    /// The identity behind an access token or API key. Fails with Unauthorized; message is the text
    /// for the client ("Token has expired 12 seconds ago").
    virtual Result<Identity> verify(std::string_view token) = 0;
    /// The same identity by what is known now: its account's role and app_metadata. Fails with
    /// Unauthorized when its session has ended.
    virtual Result<Identity> current(const Identity& identity) = 0;
    /// Loads the sets that `identity` needs and calls back on the shard's loop (maybe at once). The
    /// sets reflect every change published to the shard before the call, and none that is not in
    /// the log when it calls back.
    using ReaderLoaded = std::function<void(Result<std::shared_ptr<const policy::Reader>>)>;
    virtual void load_reader(const Identity& identity, ReaderLoaded done) = 0;

    /// The end of the change log now; of it, what is not published yet is on its way.
    virtual Position log_position() const = 0;
    /// Whole commits after `after`, oldest first, about `changes_max` changes; none when there are
    /// none yet. Of a commit that `after` is inside of, the rest. Calls back on the shard's loop,
    /// never before this returns. Fails with NotFound when the log cannot tell what happened since.
    using LogRead = std::function<void(Result<std::vector<ChangeBatch>>)>;
    virtual void read_log(Position after, std::size_t changes_max, LogRead done) = 0;
    /// Rows as they are stored, whoever may see them, of one snapshot; calls back on the shard's
    /// loop, never before this returns.
    using RowsRead = std::function<void(Result<StoredRows>)>;
    virtual void read_rows(std::vector<RowsWanted> wanted, RowsRead done) = 0;

    /// How far the device behind `key` is known to have got; nothing for an unknown one.
    virtual std::optional<Position> resume_point(const std::string& key) = 0;
    virtual void keep_resume_point(const std::string& key, Position position) = 0;
    virtual void forget_resume_point(const std::string& key) = 0;
    /// Hands the message to the shards of all other loops (Shard::receive_spread), in the order of
    /// the calls.
    virtual void spread(std::shared_ptr<const ChannelMessage> message) = 0;
    /// Calls `action` on the shard's loop, not before this returns. Never once the shard is gone.
    virtual void call_after(std::chrono::milliseconds delay, std::function<void()> action) = 0;
    /// Inserts a row of realtime.messages; nobody asks whether `sender` may. What is stored comes
    /// to every shard with the log. Calls back on the shard's loop once it is on disk and has been
    /// published.
    using Done = std::function<void(const Result<void>&)>;
    virtual void store_message(const Identity& sender, StoredMessage message, Done done) = 0;
    /// The newest private messages of `topic` (without "realtime:") that were stored after
    /// `wanted.since_us`, oldest first. Calls back on the shard's loop.
    using MessagesRead = std::function<void(const Result<std::vector<StoredMessage>>&)>;
    virtual void read_messages(std::string topic, ReplayRequest wanted, MessagesRead done) = 0;
    /// A random UUID (RFC 9562 version 4).
    virtual std::string random_uuid() = 0;
};

/// Live channels of the clients of one event loop: joins, bindings, matching, fan-out. Knows no
/// socket.
///
/// Belongs to one loop; nothing in it is locked. Cost of a change follows the subscriptions that
/// match it (docs/decisions, "principal-first predicate index"), not those that exist.
class Shard {
public:
    /// `groups`: what a binding's table `group:NAME` stands for.
    Shard(std::shared_ptr<const policy::AccessRules> rules, Host& host, const Clock& clock,
          TableGroups groups = {});
    Shard(std::unique_ptr<const RuleSource> rules, Host& host, const Clock& clock);
    ~Shard();

    /// `outlet` is borrowed until disconnect(). `identity` comes from the handshake's API key,
    /// `device` from its parameter of that name ("" for none): under that name the same identity
    /// gets what it missed when it joins again with the same bindings.
    ClientId connect(Outlet& outlet, Version version, Identity identity, std::string device = "");
    void disconnect(ClientId client);
    /// The outlet is writable again.
    void writable(ClientId client);

    /// A text or binary message from the client. Anything malformed is answered or closes the
    /// client, as upstream does; see docs/protocol/realtime.md.
    void receive(ClientId client, std::string_view text);
    void receive_binary(ClientId client, std::string_view bytes);

    /// Delivers a commit to whoever is interested and entitled. In log order. A commit that changes
    /// who may see what waits, with all later ones, until the readers it concerns are loaded again.
    void publish(const ChangeBatch& batch);

    /// Sessions have ended and accounts have changed their claims, by the commit that is published
    /// next: call it before. Sockets of an ended session are told "session_revoked" and closed;
    /// nothing more reaches them. Channels of the accounts go on under their present rights, and
    /// commits wait until those are known.
    void change_rights(const std::vector<std::string>& ended_sessions,
                       const std::vector<std::string>& changed_users);

    /// Broadcasts from outside the channels, in order. Calls back, maybe at once, with how many of
    /// them `sender` was allowed to send; the others are dropped. Fails as Host::load_reader().
    using Posted = std::function<void(Result<std::size_t>)>;
    void post(const Identity& sender, std::vector<ChannelMessage> messages, Posted done);
    /// What another loop's shard has spread.
    void receive_spread(const ChannelMessage& message);

    /// Ends channels whose token has expired or whose reader does not load. Call about once a
    /// second.
    void tick();

    ShardStatistics statistics() const;
    /// Cost: every channel is looked at, and every client if clients are asked for.
    ShardDescription describe(const DescriptionRequest& request) const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace dunlin::realtime
