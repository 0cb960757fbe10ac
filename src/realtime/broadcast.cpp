#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "core/codec.h"
#include "core/limits.h"
#include "realtime/broadcast_frames.h"
#include "realtime/shard_implementation.h"

namespace dunlin::realtime {

namespace {

namespace json = boost::json;

std::optional<std::string> present(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

/// Receivers on 1.0.0 get the text inside of another text, those on 2.0.0 parse it.
bool is_json(std::string_view text) {
    json::parse_options options;
    options.max_depth = wire::phoenix_depth_max;
    boost::system::error_code failure;
    json::parse(json::string_view(text.data(), text.size()), failure, {}, options);
    return !failure;
}

/// `persist`: true, or {ttl: seconds}. Fails with what is wrong.
Result<std::optional<Persist>> read_persist(const json::object& options) {
    const auto* persist = options.if_contains("persist");
    if (persist == nullptr || persist->is_null() || *persist == false) return std::nullopt;
    if (*persist == true) return Persist{};
    const auto* object = persist->if_object();
    const auto* ttl = object == nullptr ? nullptr : object->if_contains("ttl");
    if (object != nullptr && ttl == nullptr) return Persist{};
    const bool good = ttl != nullptr && ttl->is_int64() && ttl->get_int64() >= 1 &&
                      ttl->get_int64() <= limits::persist_ttl_s_max;
    if (good) return Persist{ttl->get_int64()};
    return std::unexpected(
        Error{ErrorCode::InvalidInput, "persist must be true or {ttl: seconds}"});
}

/// {type, event, payload}: fails with what is wrong.
Result<Broadcast> read_broadcast(const json::value& payload) {
    const auto invalid = [](const char* what) {
        return std::unexpected(Error{ErrorCode::InvalidInput, what});
    };
    const auto* object = payload.if_object();
    if (object == nullptr) return invalid("Broadcast must be a map");
    const auto* event = object->if_contains("event");
    if (event == nullptr || !event->is_string() || event->get_string().empty()) {
        return invalid("Broadcast needs an event");
    }
    Broadcast broadcast;
    broadcast.event.assign(event->get_string().data(), event->get_string().size());
    const auto persist = read_persist(*object);
    if (!persist) return std::unexpected(persist.error());
    broadcast.persist = *persist;
    const auto* content = object->if_contains("payload");
    broadcast.payload = content == nullptr ? "{}" : json::serialize(*content);
    return broadcast;
}

/// The metadata of a binary broadcast is a JSON object, or empty.
Result<std::optional<Persist>> read_metadata(std::string_view metadata) {
    if (metadata.empty()) return std::nullopt;
    boost::system::error_code failure;
    const auto parsed = json::parse(json::string_view(metadata.data(), metadata.size()), failure);
    if (failure || !parsed.is_object()) {
        return std::unexpected(
            Error{ErrorCode::InvalidInput, "Broadcast metadata is not a JSON object"});
    }
    return read_persist(parsed.get_object());
}

/// Why it is not taken, "" when it is.
std::string_view problem_of(const Broadcast& broadcast, Privacy privacy) {
    if (broadcast.persist && privacy == Privacy::Public) {
        return "Cannot store a message on a public channel";
    }
    if (broadcast.payload.size() > limits::broadcast_payload_bytes_max) {
        return "payload_size_exceeded";
    }
    if (broadcast.event.size() > limits::broadcast_event_bytes_max) return "event_size_exceeded";
    return {};
}

}  // namespace

void Shard::Implementation::receive_broadcast(Channel& channel,
                                              const wire::PhoenixMessage& message) {
    if (!channel.joined || is_too_often(channel)) return;
    auto broadcast = read_broadcast(message.payload);
    if (!broadcast) return refuse_broadcast(channel, message, broadcast.error().message);
    accept_broadcast(channel, message, std::move(*broadcast));
}

void Shard::Implementation::receive_push(Channel& channel, wire::PhoenixBroadcast push) {
    if (!channel.joined || is_too_often(channel)) return;
    const wire::PhoenixMessage message{
        present(push.join_ref), present(push.ref), channel.topic, "broadcast", {}};
    if (push.encoding == wire::PhoenixEncoding::Json && !is_json(push.payload)) {
        return refuse_broadcast(channel, message, "Broadcast payload is not JSON");
    }
    const auto persist = read_metadata(push.metadata);
    if (!persist) return refuse_broadcast(channel, message, persist.error().message);
    accept_broadcast(channel, message,
                     {.event = std::move(push.event),
                      .payload = std::move(push.payload),
                      .encoding = push.encoding,
                      .form = Broadcast::Form::Binary,
                      .persist = *persist});
}

bool Shard::Implementation::is_too_often(Channel& channel) {
    constexpr Rate rate{limits::messages_per_second_max, limits::messages_burst_max};
    if (channel.client->messages.take(rate, clock_.now_us())) return false;
    fail_channel(channel, "system", "Too many messages per second");
    return true;
}

void Shard::Implementation::refuse_broadcast(Channel& channel, const wire::PhoenixMessage& message,
                                             std::string_view reason) {
    if (!channel.broadcast_ack || !message.ref) return;
    // The client shows `error` for what was to be stored, else only that there was one.
    std::string text;
    codec::write_json_string(reason, text);
    reply(*channel.client, message, "error", R"({"reason":)" + text + R"(,"error":)" + text + '}');
}

void Shard::Implementation::accept_broadcast(Channel& sender, const wire::PhoenixMessage& reply_to,
                                             Broadcast broadcast) {
    if (!sender.rights.write_broadcast) return;  // Without a word, as upstream.
    const std::string_view problem = problem_of(broadcast, sender.privacy);
    if (!problem.empty()) return refuse_broadcast(sender, reply_to, problem);
    if (broadcast.persist) return store_broadcast(sender, reply_to, std::move(broadcast));
    const auto message = std::make_shared<const ChannelMessage>(
        ChannelMessage{sender.topic, sender.privacy, std::move(broadcast)});
    deliver_broadcast(message->topic, message->privacy, std::get<Broadcast>(message->content),
                      sender.broadcast_self ? nullptr : &sender);
    host_.spread(message);
    if (sender.broadcast_ack && reply_to.ref) reply(*sender.client, reply_to, "ok", "{}");
}

void Shard::Implementation::deliver_broadcast(std::string_view topic, Privacy privacy,
                                              const Broadcast& broadcast, const Channel* except) {
    ++counted_.broadcasts;
    const Room* room = rooms_.find(topic, privacy);
    if (room == nullptr) return;
    BroadcastFrames frames(topic, broadcast);
    for (const Channel* member : room->members) {
        if (member == except || !member->rights.read_broadcast) continue;
        const wire::Frame& frame = frames.of(member->client->version);
        if (frame) send(*member->client, frame);
    }
}

void Shard::Implementation::receive_spread(const ChannelMessage& message) {
    const Busy busy(*this);
    if (const auto* broadcast = std::get_if<Broadcast>(&message.content)) {
        deliver_broadcast(message.topic, message.privacy, *broadcast, nullptr);
    } else {
        Room& room = rooms_.open(message.topic, message.privacy);
        apply_presence(room, std::get<PresenceDelta>(message.content));
    }
}

}  // namespace dunlin::realtime
