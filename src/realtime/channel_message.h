#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "realtime/presence.h"
#include "wire/phoenix.h"

namespace dunlin::realtime {

/// The two namespaces of topics: a message never crosses from one to the other.
enum class Privacy : std::uint8_t { Public, Private };

/// That a message is stored before it is delivered.
struct Persist {
    std::optional<std::int64_t> ttl_s{};  // how long at most; as long as all when there is none
};

/// A message from one member of a topic to all others.
struct Broadcast {
    /// How it came: clients of vsn 2.0.0 get in binary form what was sent in it.
    enum class Form : std::uint8_t { Text, Binary };

    std::string event;
    std::string payload;  // valid JSON text, or bytes
    wire::PhoenixEncoding encoding = wire::PhoenixEncoding::Json;
    Form form = Form::Text;
    std::string meta{};  // JSON object as text, "" for none
    std::optional<Persist> persist{};
};

/// What one loop's shard tells the others. Immutable; shared by the queues of the loops.
struct ChannelMessage {
    std::string topic;  // with "realtime:"
    Privacy privacy = Privacy::Public;
    std::variant<Broadcast, PresenceDelta> content;
};

}  // namespace dunlin::realtime
