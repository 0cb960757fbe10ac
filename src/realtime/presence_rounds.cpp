#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <utility>

#include "core/limits.h"
#include "realtime/shard_implementation.h"

namespace dunlin::realtime {

namespace {

namespace json = boost::json;

Error refused(ErrorCode code, std::string_view message) {
    return Error{code, std::string(message)};
}

/// Frames of one text, encoded when the first receiver of a version needs them.
class TextFrames {
public:
    TextFrames(std::string_view topic, std::string_view event, std::string_view payload)
        : topic_(topic), event_(event), payload_(payload) {}

    const wire::Frame& of(wire::PhoenixVersion version) {
        wire::Frame& frame = frames_[static_cast<std::size_t>(version)];
        if (!frame) {
            frame =
                wire::make_frame(wire::Opcode::Text,
                                 wire::encode_phoenix(version, {}, {}, topic_, event_, payload_));
        }
        return frame;
    }

private:
    std::string_view topic_;
    std::string_view event_;
    std::string_view payload_;
    wire::Frame frames_[2];
};

}  // namespace

void Shard::Implementation::enter_room(Channel& channel) {
    Room& room = rooms_.open(channel.topic, channel.privacy);
    rooms_.enter(room, channel);
    if (channel.presence_enabled) make_due(room);
}

void Shard::Implementation::leave_room(Channel& channel) {
    if (channel.room == nullptr) return;
    Room& room = *channel.room;
    set_present(channel, std::nullopt);
    rooms_.leave(channel);
    rooms_.forget(room);
}

void Shard::Implementation::receive_presence(Channel& channel,
                                             const wire::PhoenixMessage& message) {
    if (!channel.joined) return;
    const auto answer = [&](const Result<void>& outcome) {
        if (!message.ref) return;
        if (!outcome) return reply_error(*channel.client, message, outcome.error().message);
        reply(*channel.client, message, "ok", "{}");
    };
    constexpr Rate rate{limits::presence_calls_per_30_s_max / 30,
                        limits::presence_calls_per_30_s_max};
    if (!channel.client->presence_calls.take(rate, clock_.now_us())) {
        return answer(std::unexpected(
            refused(ErrorCode::LimitExceeded, "Client presence rate limit exceeded")));
    }
    const auto* object = message.payload.if_object();
    const auto* event = object == nullptr ? nullptr : object->if_contains("event");
    if (event != nullptr && *event == "track") return answer(track(channel, *object));
    if (event != nullptr && *event == "untrack") {
        set_present(channel, std::nullopt);
        return answer({});
    }
    answer(std::unexpected(
        refused(ErrorCode::InvalidInput, "Presence event must be track or untrack")));
}

Result<void> Shard::Implementation::track(Channel& channel, const json::object& message) {
    if (!channel.rights.write_presence) {
        return std::unexpected(
            refused(ErrorCode::Forbidden,
                    "Unauthorized: You do not have permissions to track presence in this Channel"));
    }
    const auto* payload = message.if_contains("payload");
    if (payload != nullptr && !payload->is_object()) {
        return std::unexpected(
            refused(ErrorCode::InvalidInput, "Presence track payload must be a map"));
    }
    json::object fields = payload == nullptr ? json::object() : payload->get_object();
    fields.erase("phx_ref");
    fields.erase("phx_ref_prev");
    PresenceMeta meta{.ref = ref_prefix_ + std::to_string(last_ref_ + 1),
                      .ref_prev = channel.present.ref,
                      .fields = json::serialize(fields)};
    if (channel.presence_key.empty()) channel.presence_key = host_.random_uuid();
    const bool is_present = !channel.present.ref.empty();
    if (!is_present || meta.fields != channel.present.fields) {
        const auto admitted = admit_presence(channel, meta);
        if (!admitted) return admitted;
        ++last_ref_;
        set_present(channel, std::move(meta));
    }
    if (!channel.presence_enabled) {  // Who says something wants to hear as well.
        channel.presence_enabled = true;
        make_due(*channel.room);
    }
    return {};
}

Result<void> Shard::Implementation::admit_presence(const Channel& channel,
                                                   const PresenceMeta& meta) {
    if (meta.fields.size() > limits::presence_fields_bytes_max) {
        return std::unexpected(refused(ErrorCode::TooLarge, "Track message size exceeded"));
    }
    const Presence& presence = channel.room->presence;
    const std::size_t metas = presence.meta_count(channel.presence_key);
    const std::size_t bytes = presence_bytes(channel.presence_key, meta);
    const bool is_update = !channel.present.ref.empty();
    const bool full = (metas == 0 && presence.key_count() >= limits::presence_keys_per_topic_max) ||
                      (!is_update && metas >= limits::presence_metas_per_key_max) ||
                      presence.bytes() + bytes > limits::presence_topic_bytes_max;
    if (full) {
        return std::unexpected(
            refused(ErrorCode::LimitExceeded, "Too many are present in this topic"));
    }
    if (presence_bytes_ + bytes > limits::presence_bytes_max) {
        return std::unexpected(
            refused(ErrorCode::LimitExceeded, "Too many are present on this server"));
    }
    return {};
}

void Shard::Implementation::set_present(Channel& channel, std::optional<PresenceMeta> meta) {
    if (channel.present.ref.empty() && !meta) return;
    PresenceDelta delta{.key = channel.presence_key, .left = channel.present.ref, .joined = meta};
    channel.present = meta ? std::move(*meta) : PresenceMeta();
    const auto message = std::make_shared<const ChannelMessage>(
        ChannelMessage{channel.topic, channel.privacy, std::move(delta)});
    apply_presence(*channel.room, std::get<PresenceDelta>(message->content));
    host_.spread(message);
}

void Shard::Implementation::apply_presence(Room& room, const PresenceDelta& delta) {
    presence_bytes_ -= room.presence.bytes();
    room.presence.apply(delta);
    presence_bytes_ += room.presence.bytes();
    make_due(room);
}

/// At once when it is quiet, else after the interval: then a round tells all that has come
/// together.
void Shard::Implementation::make_due(Room& room) {
    if (!room.due) {
        room.due = true;
        due_rooms_.push_back(&room);
    }
    if (round_planned_) return;
    round_planned_ = true;
    const std::chrono::microseconds since(clock_.now_us() - last_round_us_);
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(
        std::chrono::microseconds(limits::presence_interval) - since);
    host_.call_after(std::clamp(wait, std::chrono::milliseconds(0), limits::presence_interval),
                     [this] { run_presence_round(); });
}

void Shard::Implementation::run_presence_round() {
    const Busy busy(*this);
    round_planned_ = false;
    last_round_us_ = clock_.now_us();
    for (Room* room : std::exchange(due_rooms_, {})) {
        room->due = false;
        tell_presence(*room);
        rooms_.forget(*room);
    }
}

/// The diff for those who know the state it starts from, the state for the others.
void Shard::Implementation::tell_presence(Room& room) {
    const std::string diff = room.presence.take_diff_json();
    std::string state;
    TextFrames diffs(room.topic, "presence_diff", diff);
    std::optional<TextFrames> states;
    for (Channel* member : room.members) {
        if (!member->presence_enabled || !member->rights.read_presence) continue;
        const Outlet* outlet = member->client->outlet;
        if (outlet == nullptr || !outlet->is_writable()) {
            member->presence_told = false;  // It gets the state once it can: diffs need not wait.
            continue;
        }
        const wire::PhoenixVersion version = member->client->version;
        if (member->presence_told) {
            if (!diff.empty()) send(*member->client, diffs.of(version));
            continue;
        }
        if (!states) {
            state = room.presence.state_json();
            states.emplace(room.topic, "presence_state", state);
        }
        member->presence_told = true;
        send(*member->client, states->of(version));
    }
}

}  // namespace dunlin::realtime
