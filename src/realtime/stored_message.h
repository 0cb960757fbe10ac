#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/schema.h"
#include "core/value.h"
#include "realtime/channel_message.h"

namespace dunlin::realtime {

/// A broadcast as a row of realtime.messages.
struct StoredMessage {
    std::string id;     // UUID
    std::string topic;  // without "realtime:"
    Privacy privacy = Privacy::Private;
    Broadcast broadcast{};           // its `meta` and `persist` are not stored
    std::int64_t expires_at_us = 0;  // microseconds since 1970 UTC; 0 for when all are removed
};

/// What a channel that joins wants of what was stored before.
struct ReplayRequest {
    std::int64_t since_us = 0;  // microseconds since 1970 UTC, exclusive
    std::size_t limit = 0;      // of the newest
};

/// Reads rows of realtime.messages.
class MessageTable {
public:
    /// Nothing when the schema has no such table, or one without its columns.
    static std::optional<MessageTable> of(const Schema& schema);

    const std::string& storage_name() const { return storage_name_; }

    /// Nothing for a row that is no broadcast: of another extension, or without an event.
    std::optional<StoredMessage> read(const Row& row) const;

private:
    std::string storage_name_;
    std::size_t id_ = 0;
    std::size_t topic_ = 0;
    std::size_t extension_ = 0;
    std::size_t event_ = 0;
    std::size_t payload_ = 0;
    std::size_t binary_payload_ = 0;
    std::size_t private_ = 0;
};

enum class Delivery : std::uint8_t { Live, Replayed };

/// A stored message as receivers get it: `meta` is {id, replayed?}.
Broadcast broadcast_of(const StoredMessage& message, Delivery delivery);

}  // namespace dunlin::realtime
