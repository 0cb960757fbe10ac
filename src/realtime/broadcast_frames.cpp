#include "realtime/broadcast_frames.h"

#include <string>

#include "core/codec.h"

namespace dunlin::realtime {

const wire::Frame& BroadcastFrames::of(wire::PhoenixVersion version) {
    const auto index = static_cast<std::size_t>(version);
    if (!encoded_[index]) {
        encoded_[index] = true;
        frames_[index] = encode(version);
    }
    return frames_[index];
}

wire::Frame BroadcastFrames::encode(wire::PhoenixVersion version) const {
    const bool is_json = broadcast_.encoding == wire::PhoenixEncoding::Json;
    const bool binary = !is_json || broadcast_.form == Broadcast::Form::Binary;
    if (version == wire::PhoenixVersion::V2 && binary) {
        const auto message = wire::encode_phoenix_broadcast({.topic = std::string(topic_),
                                                             .event = broadcast_.event,
                                                             .metadata = broadcast_.meta,
                                                             .encoding = broadcast_.encoding,
                                                             .payload = broadcast_.payload});
        if (message) return wire::make_frame(wire::Opcode::Binary, *message);
    }
    if (!is_json) return nullptr;
    std::string payload = R"({"type":"broadcast","event":)";
    codec::write_json_string(broadcast_.event, payload);
    payload += R"(,"payload":)";
    payload += broadcast_.payload;
    if (!broadcast_.meta.empty()) payload += R"(,"meta":)" + broadcast_.meta;
    payload += '}';
    return wire::make_frame(wire::Opcode::Text,
                            wire::encode_phoenix(version, {}, {}, topic_, "broadcast", payload));
}

}  // namespace dunlin::realtime
