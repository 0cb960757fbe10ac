#include <algorithm>
#include <utility>

#include "core/limits.h"
#include "realtime/shard_implementation.h"
#include "realtime/view.h"

namespace dunlin::realtime {

namespace {

/// A channel is read for from the log in parts of about so many changes: a part is dropped when its
/// client cannot take it at once, and read again.
constexpr std::size_t part_changes = 256;

}  // namespace

/// A client sends its next heartbeat only when the last one was answered: what was sent before that
/// answer has arrived by now.
void Shard::Implementation::answer_heartbeat(Client& client, const wire::PhoenixMessage& message) {
    for (const auto& [topic, channel] : client.channels) {
        if (channel->resume_key.empty() || !channel->joined) continue;
        const Position sent = channel->caught_up_to.value_or(delivered_);
        const auto arrived = std::exchange(channel->told_position, sent);
        if (arrived) host_.keep_resume_point(channel->resume_key, *arrived);
    }
    const std::string position = sent_position(client).to_string();
    reply(client, message, "ok", R"({"position":")" + position + R"("})");
}

Position Shard::Implementation::sent_position(const Client& client) const {
    Position sent = delivered_;
    for (const auto& [topic, channel] : client.channels) {
        if (channel->caught_up_to) sent = std::min(sent, *channel->caught_up_to);
    }
    return sent;
}

/// The same for the same device, account, topic and bindings; "" where nothing is to be resumed.
std::string Shard::Implementation::resume_key_of(const Channel& channel, const Identity& identity) {
    if (channel.client->device.empty() || channel.wanted.empty()) return {};
    std::string key = channel.client->device;
    for (const std::string_view part :
         {role_name(identity.role), std::string_view(identity.user_id),
          std::string_view(channel.topic)}) {
        key += '\0';
        key += part;
    }
    for (const BindingRequest& wanted : channel.wanted) {
        key += '\0' + std::to_string(binding_id(wanted));
    }
    return key;
}

void Shard::Implementation::writable(ClientId id) {
    const Busy busy(*this);
    Client* client = find(id);
    if (client == nullptr) return;
    std::vector<Channel*> waiting;
    for (const auto& [topic, channel] : client->channels) {
        if (channel->caught_up_to) waiting.push_back(channel.get());
        if (channel->room != nullptr && !channel->presence_told) make_due(*channel->room);
    }
    for (Channel* channel : waiting) catch_up(*channel);
}

void Shard::Implementation::catch_up(Channel& channel) {
    if (channel.reading_log || channel.subscriptions.empty()) return;
    if (channel.joined && !channel.client->outlet->is_writable()) return;  // writable() goes on.
    channel.reading_log = true;
    host_.read_log(
        *channel.caught_up_to, part_changes,
        [this, alive = std::weak_ptr<char>(alive_), place = Place{channel.slot, channel.serial}](
            const Result<std::vector<ChangeBatch>>& commits) {
            if (alive.expired()) return;
            Channel* reader = channel_at(place);
            if (reader == nullptr) return;
            const Busy busy(*this);
            reader->reading_log = false;
            if (reader->client->deaf || !reader->caught_up_to) return;
            if (reader->subscriptions.empty()) return;  // It waits for a newer token's reader.
            take_log(*reader, commits);
        });
}

void Shard::Implementation::take_log(Channel& channel,
                                     const Result<std::vector<ChangeBatch>>& commits) {
    if (!commits) return resync(channel, commits.error().message);
    const auto is_due = [&](const ChangeBatch& commit) {
        return !commit->empty() && commit->back().position <= delivered_;
    };
    // Before the join is answered: a client that resumes is told at once when it cannot. Commits
    // that are not due count too, because the rights may already be those after them.
    const bool doubtful =
        std::ranges::any_of(*commits,
                            [&](const auto& commit) { return changes_rights(channel, *commit); }) ||
        std::ranges::any_of(held_, [&](const Held& held) {
            return !held.dependencies.empty() && changes_rights(channel, *held.batch);
        });
    if (doubtful) return resync(channel, "what you may read has changed since");
    if (!channel.joined) answer_join(channel, Resumed{});
    for (const ChangeBatch& commit : *commits) {
        if (!is_due(commit)) break;  // The others have not got it yet either.
        if (!replay(channel, *commit)) return;
    }
    end_replay(channel);
}

/// What shows and hides rows without touching them is not to be learned from the log of these rows.
bool Shard::Implementation::changes_rights(const Channel& channel,
                                           const std::vector<Change>& commit) const {
    return std::ranges::any_of(commit, [&](const Change& change) {
        const bool is_new = !channel.caught_up_to || change.position > *channel.caught_up_to;
        return is_new && may_change_rights(channel, change);
    });
}

bool Shard::Implementation::may_change_rights(const Channel& channel, const Change& change) const {
    if (!dependencies_.contains(change.table)) return false;
    const policy::Reader& reader = *channel.active->rights;
    return std::ranges::any_of(channel.subscriptions, [&](const Channel::Subscribed& subscribed) {
        const policy::RowRule& rule = *subscribed.what.rule;
        if (std::ranges::find(rule.depends_on(), change.table) == rule.depends_on().end())
            return false;
        return std::ranges::any_of(rule.sets_used(), [&](std::size_t set) {
            return rules_->may_change_set(set, change, reader);
        });
    });
}

/// False when its client cannot take more now.
bool Shard::Implementation::replay(Channel& channel, const std::vector<Change>& commit) {
    const policy::Reader& reader = *channel.active->rights;
    for (const Change& change : commit) {
        if (change.position <= *channel.caught_up_to) continue;
        channel.caught_up_to = change.position;
        if (!tables_.contains(change.table)) continue;
        matches_.clear();
        for (const Channel::Subscribed& subscribed : channel.subscriptions) {
            const Subscription& what = subscribed.what;
            if (what.table->storage_name() != change.table) continue;
            const auto seen = seen_as(change, *what.rule, reader, what.filter.get());
            if (!seen || (what.kinds & kind_bit(*seen)) == 0) continue;
            matches_.push_back({what.subscriber, what.delivery, *seen});
        }
        send_matches(change, commit.back().position);
        if (channel.client->deaf || !channel.client->outlet->is_writable()) return false;
    }
    return true;
}

/// Live when it has got to where the others are.
void Shard::Implementation::end_replay(Channel& channel) {
    if (*channel.caught_up_to < delivered_) return catch_up(channel);
    if (*channel.caught_up_to > delivered_) {
        ahead_.insert(channel.slot);  // Another loop had sent it what comes here next.
        return;
    }
    channel.caught_up_to.reset();
    const Position known = host_.log_position();
    if (known > published_position_) doubtful_.push_back({channel.slot, channel.serial, known});
    send_system(channel, "resume", "ok", "Resumed; live from " + delivered_.to_string());
    go_live(channel);
}

/// Channels have resumed under rights that may already be those after this commit: then nobody has
/// told them which rows it showed and hid.
void Shard::Implementation::settle_doubts(const std::vector<Change>& commit) {
    const Position end = commit.back().position;
    for (const Doubt& doubt : std::exchange(doubtful_, {})) {
        Channel* channel = channel_at({doubt.slot, doubt.serial});
        if (channel == nullptr || channel->caught_up_to) continue;
        if (changes_rights(*channel, commit)) {
            send_system(*channel, "resume", "error", "resync: what you may read has changed since");
        } else if (doubt.until > end) {
            doubtful_.push_back(doubt);
        }
    }
}

/// The client has to read its rows again; from here on it misses nothing.
void Shard::Implementation::resync(Channel& channel, const std::string& why) {
    channel.caught_up_to.reset();
    if (!channel.joined) answer_join(channel, Resumed{why});
    send_system(channel, "resume", "error", "resync: " + why);
    go_live(channel);
}

}  // namespace dunlin::realtime
