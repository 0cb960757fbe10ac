#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

/// The two framings of Phoenix channels (docs/protocol/realtime.md) as pure functions; no sockets.
namespace dunlin::wire {

/// V1: a JSON object. V2: a JSON array of five, and binary broadcasts.
enum class PhoenixVersion : std::uint8_t { V1, V2 };

/// How deep the JSON of a message may be nested.
constexpr std::size_t phoenix_depth_max = 32;

struct PhoenixMessage {
    std::optional<std::string> join_ref;
    std::optional<std::string> ref;
    std::string topic;
    std::string event;
    boost::json::value payload;
};

/// Reads a text message. Strict: the exact shape, references are strings or null, one JSON value.
/// Fails with InvalidInput and what is wrong.
Result<PhoenixMessage> decode_phoenix(PhoenixVersion version, std::string_view text);

using OptionalText = std::optional<std::string_view>;

/// Builds a text message around `payload`, which is JSON text already, so that a payload for many
/// receivers is encoded once.
std::string encode_phoenix(PhoenixVersion version, OptionalText join_ref, OptionalText ref,
                           std::string_view topic, std::string_view event,
                           std::string_view payload);

enum class PhoenixEncoding : std::uint8_t { Bytes = 0, Json = 1 };

/// A broadcast in binary form (V2 only): kind 3 from a client, kind 4 to a client.
struct PhoenixBroadcast {
    std::string join_ref{};  // kind 3 only; "" for none
    std::string ref{};       // kind 3 only; "" for none
    std::string topic;
    std::string event;
    std::string metadata{};  // JSON text or ""
    PhoenixEncoding encoding = PhoenixEncoding::Json;
    std::string payload;
};

/// Reads a kind 3 frame. Fails with InvalidInput for another kind, a wrong length, an unknown
/// encoding, or no topic or event. The payload is not looked at.
Result<PhoenixBroadcast> decode_phoenix_push(std::string_view bytes);

/// Builds a kind 4 frame. Fails with TooLarge when topic, event or metadata is over 255 bytes.
Result<std::string> encode_phoenix_broadcast(const PhoenixBroadcast& broadcast);

}  // namespace dunlin::wire
