#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
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
    /// Bytes that wait for a slow reader.
    virtual std::size_t queued_bytes() const { return 0; }
};

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
    /// sets reflect every change published to the shard before the call.
    using ReaderLoaded = std::function<void(Result<std::shared_ptr<const policy::Reader>>)>;
    virtual void load_reader(const Identity& identity, ReaderLoaded done) = 0;
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

    /// `outlet` is borrowed until disconnect(). `identity` comes from the handshake's API key.
    ClientId connect(Outlet& outlet, Version version, Identity identity);
    void disconnect(ClientId client);

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
