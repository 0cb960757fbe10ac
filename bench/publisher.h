#pragma once

#include <cstdint>
#include <string>

#include "http_client.h"
#include "support.h"

/// Makes the changes that subscribers then receive.
namespace dunlin::bench {

/// What kind of server is under load.
enum class Protocol {
    Dunlin,     // insert over REST, live channel over WebSocket
    Broadcast,  // a WebSocket whose every message goes to all others
};

struct Target {
    Protocol protocol = Protocol::Broadcast;
    std::uint16_t port = 0;
    std::string key;                // Dunlin: an API key
    std::size_t payload_bytes = 0;  // Dunlin: of the column `payload`; Broadcast: of the frame
};

class Publisher {
public:
    /// Connects, and registers with `poller` as `number`.
    Publisher(const Target& target, Poller& poller, std::uint64_t number);

    /// Sends changes `first` to `first + count - 1`: one bulk insert, or `count` frames in one
    /// write.
    void publish(std::uint64_t first, std::size_t count);

    /// True when the server has answered what was published; a Broadcast server never does.
    /// Fails unless the answer is 201.
    bool take_answer();

    bool expects_answer() const { return target_.protocol == Protocol::Dunlin; }

private:
    Target target_;
    Descriptor socket_;
    AnswerReader answers_;
};

}  // namespace dunlin::bench
