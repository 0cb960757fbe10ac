#include <algorithm>
#include <utility>

#include "realtime/shard_implementation.h"
#include "realtime/topic.h"

namespace dunlin::realtime {

namespace {

bool may_read(const ChannelRights& rights) {
    return rights.read_broadcast || rights.read_presence;
}

}  // namespace

/// Takes the rights in a private channel from the reader as it is loaded now. False when it ended
/// the channel, which then is gone.
bool Shard::Implementation::authorize(Channel& channel) {
    if (channel.privacy == Privacy::Public) return true;
    Principal& principal = *channel.active;
    const auto& tables = channel_dependencies_[static_cast<std::size_t>(principal.identity.role)];
    principal.dependencies.insert(tables.begin(), tables.end());
    const std::string name = name_of(channel.topic);
    const auto rights = channel_rights(*rules_, name, *principal.rights);
    if (rights && may_read(*rights)) {
        take_rights(channel, *rights);
        return true;
    }
    if (channel.joined) {
        fail_channel(channel, "system",
                     "You no longer have permission to read from this Channel topic: " + name);
        return false;
    }
    const std::string reason =
        rights ? "You do not have permissions to read from this Channel topic: " + name
               : rights.error().message;
    refuse_join(channel, "Unauthorized: " + reason);
    return false;
}

void Shard::Implementation::take_rights(Channel& channel, const ChannelRights& rights) {
    const bool sees_more = rights.read_presence && !channel.rights.read_presence;
    channel.rights = rights;
    if (channel.room == nullptr) return;
    if (!rights.read_presence) channel.presence_told = false;  // From here on it misses diffs.
    if (sees_more && channel.presence_enabled) make_due(*channel.room);
    if (!rights.write_presence) set_present(channel, std::nullopt);
}

/// After the reader was loaded again.
void Shard::Implementation::authorize_again(std::uint64_t principal_serial) {
    const Principal* principal = pool_.find(principal_serial);
    if (principal == nullptr) return;
    const std::vector<std::uint32_t> slots(principal->channels.begin(), principal->channels.end());
    for (const std::uint32_t slot : slots) {
        Channel* channel = channels_[slot];
        const bool concerned = channel != nullptr && channel->joined &&
                               channel->active != nullptr &&
                               channel->active->serial == principal_serial;
        if (concerned) authorize(*channel);
    }
}

/// The error reply to a join that has not been answered; ends the channel.
void Shard::Implementation::refuse_join(Channel& channel, std::string_view reason) {
    const wire::PhoenixMessage join{channel.join_ref, channel.ref, channel.topic, "phx_join", {}};
    Client& client = *channel.client;
    remove_channel(channel);
    reply_error(client, join, reason);
}

/// With its own reader: who sends over HTTP has no channel.
void Shard::Implementation::post(const Identity& sender, std::vector<ChannelMessage> messages,
                                 Posted done) {
    const bool asks = std::ranges::any_of(messages, [](const ChannelMessage& message) {
        return message.privacy == Privacy::Private;
    });
    if (!asks) return post_as(sender, nullptr, std::move(messages), std::move(done));
    auto loaded =
        [this, alive = std::weak_ptr<char>(alive_), sender, messages = std::move(messages),
         done = std::move(done)](const Result<std::shared_ptr<const policy::Reader>>& reader) {
            if (alive.expired()) return;
            if (!reader) return done(std::unexpected(reader.error()));
            post_as(sender, reader->get(), messages, done);
        };
    host_.load_reader(sender, std::move(loaded));
}

/// Sends what `reader` may send; nullptr for who was not asked, because all is public.
void Shard::Implementation::post_as(const Identity& sender, const policy::Reader* reader,
                                    std::vector<ChannelMessage> messages, Posted done) {
    const Busy busy(*this);
    std::size_t sent = 0;
    for (ChannelMessage& message : messages) {
        if (message.privacy == Privacy::Private) {
            const auto rights = channel_rights(*rules_, name_of(message.topic), *reader);
            if (!rights) return done(std::unexpected(rights.error()));
            if (!rights->write_broadcast) continue;
        }
        ++sent;
        auto& broadcast = std::get<Broadcast>(message.content);
        if (broadcast.persist) {
            StoredMessage stored = stored_message(message.topic, message.privacy, broadcast);
            return host_.store_message(sender, std::move(stored),
                                       [done, sent](const Result<void>& outcome) {
                                           if (!outcome)
                                               return done(std::unexpected(outcome.error()));
                                           done(sent);
                                       });
        }
        const auto shared = std::make_shared<const ChannelMessage>(std::move(message));
        receive_spread(*shared);
        host_.spread(shared);
    }
    done(sent);
}

}  // namespace dunlin::realtime
