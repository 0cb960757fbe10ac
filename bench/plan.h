#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stamp.h"
#include "support.h"

/// What is measured: how messages travel, who hears which of them, and what is sent.
namespace dunlin::bench {

enum class Way {
    Changes,    // rows by REST, `postgres_changes` over WebSocket
    Feed,       // rows by REST, /sync/v1/changes as server-sent events
    Broadcast,  // binary broadcasts over WebSocket
    Relay,      // a WebSocket whose every message goes to all others
    Redis,      // PUBLISH and SUBSCRIBE
};

enum class Audience {
    Everybody,  // one lane
    Nobody,     // as many filters as receivers; none of them fits
    Own,        // receiver i hears lane i % lanes, by a filter
    Mixed,      // the same, every filter another one, of three kinds
    Teams,      // by policy: a lane for each team, then one for each person
    Groups,     // each member of a small topic hears all of them, itself included
};

/// Immutable. Receivers count from 0; the one behind the last is the sender of those ways that
/// need one.
class Plan {
public:
    explicit Plan(const Arguments& arguments);

    Way way() const { return way_; }
    std::size_t receivers() const { return receivers_; }
    bool has_sender() const;
    bool has_teams() const { return audience_ == Audience::Teams; }
    std::uint16_t port() const { return port_; }
    const std::string& key() const { return key_; }

    /// The first bytes of a connection; `position` "" to begin with the present.
    std::string opening(std::size_t receiver, std::string_view position) const;
    /// The message that joins a channel, unframed; "" when a connection alone is enough.
    std::string join(std::size_t receiver, std::string_view position) const;

    std::vector<std::uint32_t> lanes_of(std::size_t receiver) const;
    std::size_t lane_count() const;
    /// How many receivers hear each lane.
    std::vector<std::size_t> listeners() const;
    /// The lane of the n-th message.
    std::uint32_t lane(std::uint64_t n) const;

    /// The table that is written, a row of it, and the request that inserts `rows` ("[…]" or one).
    const std::string& table() const { return table_; }
    std::string row(const Stamp& stamp) const;
    std::string insert(std::string_view rows) const;
    /// A membership for each receiver of Audience::Teams, as rows to insert.
    std::string memberships() const;
    /// Whose connection the n-th message is sent on, and its bytes, frame included.
    std::size_t sender(std::uint64_t n) const;
    std::string message(std::size_t sender, const Stamp& stamp) const;

private:
    std::string filter(std::size_t receiver) const;
    std::string topic(std::size_t receiver) const;
    std::string token(std::size_t receiver) const;
    std::string payload(const Stamp& stamp) const;

    Way way_;
    Audience audience_;
    std::uint16_t port_;
    std::size_t receivers_, lanes_, group_, payload_bytes_;
    bool has_tokens_;
    std::string key_, table_;
};

}  // namespace dunlin::bench
