#include <algorithm>
#include <utility>

#include "core/limits.h"
#include "realtime/broadcast_frames.h"
#include "realtime/shard_implementation.h"
#include "realtime/topic.h"

namespace dunlin::realtime {

namespace {}  // namespace

StoredMessage Shard::Implementation::stored_message(std::string_view topic, Privacy privacy,
                                                    Broadcast broadcast) {
    const auto ttl_s = broadcast.persist->ttl_s;
    return {.id = host_.random_uuid(),
            .topic = name_of(topic),
            .privacy = privacy,
            .broadcast = std::move(broadcast),
            .expires_at_us = ttl_s ? clock_.now_us() + *ttl_s * 1'000'000 : 0};
}

/// The row is on disk when the sender is told so. Everybody, on every loop, hears of it from the
/// log.
void Shard::Implementation::store_broadcast(Channel& sender, const wire::PhoenixMessage& reply_to,
                                            Broadcast broadcast) {
    StoredMessage message = stored_message(sender.topic, sender.privacy, std::move(broadcast));
    stored_here_.emplace(message.id, Place{sender.slot, sender.serial});
    const bool answers = sender.broadcast_ack && reply_to.ref.has_value();
    Host::Done done = [this, alive = std::weak_ptr<char>(alive_), id = message.id, answers,
                       reply_to, sender_id = sender.client->id](const Result<void>& stored) {
        if (alive.expired()) return;
        const Busy busy(*this);
        // Published before this, so delivered too unless it is held back; or a trigger dropped it.
        if (!stored || held_.empty()) stored_here_.erase(id);
        Client* client = find(sender_id);
        if (client == nullptr || !answers) return;
        if (stored) return reply(*client, reply_to, "ok", "{}");
        reply_error(*client, reply_to, "UnableToStoreMessage: " + stored.error().message);
    };
    host_.store_message(sender.active->identity, std::move(message), std::move(done));
}

void Shard::Implementation::deliver_stored(const Change& change) {
    if (!messages_ || change.table != messages_->storage_name()) return;
    if (change.kind != ChangeKind::Insert) return;
    const auto message = messages_->read(change.new_row);
    if (!message) return;
    const std::string topic = std::string(topic_prefix) + message->topic;
    const Channel* except = nullptr;
    const auto own = stored_here_.find(message->id);
    if (own != stored_here_.end()) {
        const Channel* sender = channel_at(own->second);
        if (sender != nullptr && !sender->broadcast_self) except = sender;
        stored_here_.erase(own);
    }
    const Room* room = replays_ == 0 ? nullptr : rooms_.find(topic, message->privacy);
    if (room != nullptr) {
        for (Channel* member : room->members) {
            if (member->replaying) member->heard_while_replaying.insert(message->id);
        }
    }
    deliver_broadcast(topic, message->privacy, broadcast_of(*message, Delivery::Live), except);
}

/// What was stored before the channel went live. What commits while this reads comes live, and is
/// not told a second time.
void Shard::Implementation::begin_replay(Channel& channel) {
    if (!channel.replay) return;
    const ReplayRequest wanted = *std::exchange(channel.replay, std::nullopt);
    channel.replaying = true;
    ++replays_;
    Host::MessagesRead done = [this, alive = std::weak_ptr<char>(alive_),
                               place = Place{channel.slot, channel.serial}](
                                  const Result<std::vector<StoredMessage>>& messages) {
        if (alive.expired()) return;
        const Busy busy(*this);
        --replays_;
        Channel* still = channel_at(place);
        if (still != nullptr) finish_replay(*still, messages);
    };
    host_.read_messages(name_of(channel.topic), wanted, std::move(done));
}

void Shard::Implementation::finish_replay(Channel& channel,
                                          const Result<std::vector<StoredMessage>>& messages) {
    channel.replaying = false;
    const auto heard = std::exchange(channel.heard_while_replaying, {});
    if (!messages) {
        return send_system(channel, "system", "error",
                           "UnableToReplayMessages: " + messages.error().message);
    }
    if (!channel.rights.read_broadcast) return;
    for (const StoredMessage& message : *messages) {
        if (heard.contains(message.id)) continue;
        const Broadcast broadcast = broadcast_of(message, Delivery::Replayed);
        BroadcastFrames frames(channel.topic, broadcast);
        const wire::Frame& frame = frames.of(channel.client->version);
        if (frame) send(*channel.client, frame);
    }
}

/// nullptr when that channel has gone, whoever has its slot now.
Channel* Shard::Implementation::channel_at(Place place) {
    Channel* channel = channels_[place.slot];
    return channel != nullptr && channel->serial == place.serial ? channel : nullptr;
}

}  // namespace dunlin::realtime
