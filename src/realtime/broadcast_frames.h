#pragma once

#include <string_view>

#include "realtime/channel_message.h"
#include "wire/phoenix.h"
#include "wire/websocket_frame.h"

namespace dunlin::realtime {

/// The frames of one broadcast, each encoded when the first receiver needs it and shared by all.
/// Borrows what it is made of.
class BroadcastFrames {
public:
    BroadcastFrames(std::string_view topic, const Broadcast& broadcast)
        : topic_(topic), broadcast_(broadcast) {}

    /// nullptr when receivers of that version cannot get it: bytes have no form in 1.0.0.
    const wire::Frame& of(wire::PhoenixVersion version);

private:
    wire::Frame encode(wire::PhoenixVersion version) const;

    std::string_view topic_;
    const Broadcast& broadcast_;
    wire::Frame frames_[2];
    bool encoded_[2] = {};
};

}  // namespace dunlin::realtime
