#include <algorithm>
#include <boost/json/object.hpp>
#include <utility>

#include "core/check.h"
#include "core/codec.h"
#include "core/limits.h"
#include "realtime/shard_implementation.h"
#include "realtime/topic.h"

namespace dunlin::realtime {

namespace {

/// Why the topic cannot be joined, or "".
std::string topic_problem(std::string_view topic) {
    if (!topic.starts_with(topic_prefix)) return "unmatched topic";
    if (topic.size() == topic_prefix.size()) {
        return "TopicNameRequired: You must provide a topic name";
    }
    if (topic.size() > limits::topic_bytes_max) {
        return "InvalidJoinPayload: the topic is over " + std::to_string(limits::topic_bytes_max) +
               " bytes";
    }
    return {};
}

std::string expired_text(std::int64_t seconds) {
    return "Token has expired " + std::to_string(seconds) + " seconds ago";
}

}  // namespace

void Shard::Implementation::join(Client& client, const wire::PhoenixMessage& message) {
    constexpr Rate rate{limits::joins_per_second_max, limits::joins_burst_max};
    if (!client.joins.take(rate, clock_.now_us())) {
        return reply_error(client, message,
                           "ClientJoinRateLimitReached: Too many joins per second");
    }
    const std::string problem = topic_problem(message.topic);
    if (!problem.empty()) return reply_error(client, message, problem);
    const auto request = read_join_request(message.payload);
    if (!request) return reply_error(client, message, request.error().message);
    const auto identity = identity_of(client, *request);
    if (!identity) {
        return reply_error(client, message, "InvalidJWTToken: " + identity.error().message);
    }
    const auto same = client.channels.find(message.topic);
    if (same != client.channels.end()) {
        remove_channel(*same->second);
    } else if (client.channels.size() == limits::channels_per_client_max) {
        return reply_error(client, message, "ChannelRateLimitReached: Too many channels");
    }
    if (client.deaf) return;
    Channel& channel = add_channel(client, message);
    channel.broadcast_ack = request->broadcast_ack;
    channel.privacy = request->is_private ? Privacy::Private : Privacy::Public;
    channel.broadcast_self = request->broadcast_self;
    channel.replication_ready = request->replication_ready;
    channel.replay = request->replay;
    channel.presence_enabled = request->presence_enabled;
    channel.presence_key = request->presence_key;
    channel.echo = request->echo;
    channel.wanted = request->bindings;
    channel.resume_key = resume_key_of(channel, *identity);
    channel.resume_from = request->resume_from;
    if (!channel.resume_from && !channel.resume_key.empty()) {
        channel.resume_from = host_.resume_point(channel.resume_key);
    }
    resolve_bindings(channel, identity->role);
    begin(channel, *identity);  // May have ended the channel when it returns.
}

Result<Identity> Shard::Implementation::identity_of(const Client& client,
                                                    const JoinRequest& request) {
    if (!request.access_token.empty()) return host_.verify(request.access_token);
    const std::int64_t now_s = clock_.now_us() / 1'000'000;
    const std::int64_t expires_at_s = client.identity.expires_at_s;
    if (expires_at_s != 0 && now_s >= expires_at_s) {
        return std::unexpected(Error{ErrorCode::Unauthorized, expired_text(now_s - expires_at_s)});
    }
    return client.identity;
}

Channel& Shard::Implementation::add_channel(Client& client, const wire::PhoenixMessage& message) {
    auto added = std::make_unique<Channel>();
    added->client = &client;
    added->serial = ++last_channel_;
    added->topic = message.topic;
    added->join_ref = message.join_ref;
    added->ref = message.ref;
    added->created_us = clock_.now_us();
    if (free_slots_.empty()) {
        added->slot = static_cast<std::uint32_t>(channels_.size());
        channels_.push_back(nullptr);
    } else {
        added->slot = free_slots_.back();
        free_slots_.pop_back();
    }
    Channel& channel = *added;
    channels_[channel.slot] = &channel;
    client.channels.emplace(message.topic, std::move(added));
    return channel;
}

/// All or nothing: one binding that means nothing keeps the others from going live, as upstream.
void Shard::Implementation::resolve_bindings(Channel& channel, Role role) {
    channel.bound_role = role;
    channel.bindings.clear();
    channel.refusal.clear();
    for (const BindingRequest& wanted : channel.wanted) {
        auto binding = resolve_binding(rules_->schema_for(role), rules_->groups(), wanted);
        if (!binding) {
            channel.refusal = binding.error().message;
            channel.bindings.clear();
            return;
        }
        const auto same = std::ranges::find(channel.bindings, binding->id, &Binding::id);
        if (same == channel.bindings.end()) channel.bindings.push_back(std::move(*binding));
    }
}

void Shard::Implementation::remove_channel(Channel& channel) {
    leave_room(channel);
    unsubscribe(channel);
    drop_pending(channel);
    if (channel.active != nullptr) {
        Principal& left = *std::exchange(channel.active, nullptr);
        leave_principal(left, channel.slot);
    }
    channels_[channel.slot] = nullptr;
    free_slots_.push_back(channel.slot);
    auto& siblings = channel.client->channels;
    const auto self = siblings.find(channel.topic);
    CHECK(self != siblings.end() && self->second.get() == &channel);
    siblings.erase(self);
}

void Shard::Implementation::drop_pending(Channel& channel) {
    if (channel.pending == nullptr) return;
    Principal& left = *std::exchange(channel.pending, nullptr);
    if (&left != channel.active) leave_principal(left, channel.slot);
}

void Shard::Implementation::begin(Channel& channel, const Identity& identity) {
    Principal& principal = pool_.enter(identity, channel.slot);
    const bool other_names = !channel.wanted.empty() && channel.bound_role != identity.role;
    if (channel.pending != &principal) drop_pending(channel);
    channel.pending = &principal;
    const bool fresh = principal.reader && principal.loaded_sequence >= last_dependency_sequence_;
    const bool asks_nothing =
        channel.bindings.empty() && !other_names && channel.privacy == Privacy::Public;
    if (asks_nothing || fresh) {
        activate(channel);
    } else {
        pool_.load(principal, published_);
    }
}

/// Live before answered: whatever is committed after the reply is delivered.
void Shard::Implementation::activate(Channel& channel) {
    Principal* before = channel.active;
    const auto rights_before = before != nullptr ? before->rights : nullptr;
    unsubscribe(channel);
    channel.active = std::exchange(channel.pending, nullptr);
    if (before != nullptr && before != channel.active) leave_principal(*before, channel.slot);

    // Another role may see other columns under the same names.
    const Role role = channel.active->identity.role;
    if (role != channel.bound_role) resolve_bindings(channel, role);
    if (!authorize(channel)) return;
    if (!channel.bindings.empty()) {
        const auto prepared = prepare(channel);
        channel.refusal = prepared ? std::string() : prepared.error().message;
        if (channel.resume_from && prepared) {
            channel.caught_up_to = std::exchange(channel.resume_from, {});
        }
        const bool has_other_rights =
            rights_before && channel.joined && prepared && channel.active->rights &&
            !policy::have_same_rights(*rights_before, *channel.active->rights);
        if (has_other_rights) return resync(channel, "what you may read has changed");
        if (channel.caught_up_to && prepared) return catch_up(channel);
        channel.caught_up_to.reset();
    }
    if (!channel.bindings.empty() || channel.privacy == Privacy::Private) {
        const Place place{channel.slot, channel.serial};
        go_live(channel);
        if (channel_at(place) == nullptr) return;
    }
    if (!channel.joined) {
        answer_join(channel);
    } else if (!channel.refusal.empty()) {
        send_system(channel, "postgres_changes", "error", channel.refusal);
    }
}

/// The reader may turn out to be stale, its load may fail at once, and the channel be gone.
void Shard::Implementation::go_live(Channel& channel) {
    for (Channel::Subscribed& subscribed : channel.subscriptions) {
        subscribed.live = index_.add(subscribed.what);
    }
    Principal& principal = *channel.active;
    const bool stale = principal.loaded_sequence < last_dependency_sequence_;
    if (stale && !principal.dependencies.empty()) hold(principal, last_dependency_sequence_);
}

void Shard::Implementation::answer_join(Channel& channel, const std::optional<Resumed>& resumed) {
    channel.joined = true;
    channel.joined_us = clock_.now_us();
    ++counted_.joins_ok;
    enter_room(channel);
    const Position position = channel.caught_up_to.value_or(delivered_);
    // Who has to read again may never get to know it: then it is told so once more.
    const bool resyncs = resumed && !resumed->resync.empty();
    if (!channel.resume_key.empty() && !resyncs)
        host_.keep_resume_point(channel.resume_key, position);
    std::string payload = R"({"status":"ok","response":{"postgres_changes":)";
    payload += std::exchange(channel.echo, {});
    payload += R"(,"position":")" + position.to_string() + '"';
    if (resumed) payload += resumed->resync.empty() ? R"(,"resumed":true)" : R"(,"resumed":false)";
    if (resyncs) {
        payload += R"(,"resync":)";
        codec::write_json_string(resumed->resync, payload);
    }
    payload += "}}";
    send_text(*channel.client, channel.join_ref, channel.ref, channel.topic, "phx_reply", payload);
    begin_replay(channel);
    if (channel.replication_ready) {
        send_system(channel, "system", "ok", "Replication connection established");
    }
    if (channel.wanted.empty()) return;
    if (channel.refusal.empty()) {
        send_system(channel, "postgres_changes", "ok", "Subscribed to PostgreSQL");
    } else {
        send_system(channel, "postgres_changes", "error", channel.refusal);
    }
}

Result<void> Shard::Implementation::prepare(Channel& channel) {
    for (const Binding& binding : channel.bindings) {
        auto prepared = prepare(channel, binding);
        if (prepared) continue;
        unsubscribe(channel);
        return prepared;
    }
    return {};
}

Result<void> Shard::Implementation::prepare(Channel& channel, const Binding& binding) {
    Principal& principal = *channel.active;
    for (const Table* table : binding.tables) {
        const auto rule = rules_->select_rule(*table, principal.identity.role);
        if (!rule) {
            return std::unexpected(Error{
                rule.error().code, unable_to_subscribe(binding.description, rule.error().message)});
        }
        if (channel.subscriptions.size() == limits::subscriptions_per_channel_max) {
            return std::unexpected(Error{
                ErrorCode::LimitExceeded,
                unable_to_subscribe(binding.description,
                                    "The bindings of a channel name more than " +
                                        std::to_string(limits::subscriptions_per_channel_max) +
                                        " tables together.")});
        }
        Subscription wanted{.table = tables_.at(table->storage_name()),
                            .rule = *rule,
                            .reader = *principal.reader,
                            .kinds = binding.kinds,
                            .filter = binding.filter,
                            .subscriber = static_cast<SubscriberId>(channel.slot)};
        principal.dependencies.insert((*rule)->depends_on().begin(), (*rule)->depends_on().end());
        const DeliveryId delivery = fan_out_.intern({.topic = channel.topic,
                                                     .version = channel.client->version,
                                                     .binding = binding.id,
                                                     .projection = projection_of(binding, *table)});
        wanted.delivery = delivery;
        const auto accepted = index_.check(wanted);
        if (!accepted) {
            fan_out_.release(delivery);
            return std::unexpected(
                Error{accepted.error().code,
                      unable_to_subscribe(binding.description, accepted.error().message)});
        }
        channel.subscriptions.push_back({.what = wanted});
    }
    return {};
}

void Shard::Implementation::unsubscribe(Channel& channel) {
    for (const Channel::Subscribed& subscribed : channel.subscriptions) {
        if (subscribed.live) index_.remove(*subscribed.live);
        fan_out_.release(subscribed.what.delivery);
    }
    channel.subscriptions.clear();
}

void Shard::Implementation::replace_token(Channel& channel, const boost::json::value& payload) {
    const auto* object = payload.if_object();
    const auto* token = object == nullptr ? nullptr : object->if_contains("access_token");
    if (token == nullptr || !token->is_string()) return;
    const std::string text(token->get_string().data(), token->get_string().size());
    if (text.empty() || text.starts_with("sb_")) return;  // An API key says nothing new.

    const auto identity = host_.verify(text);
    if (identity) {
        const Principal* current = channel.pending != nullptr ? channel.pending : channel.active;
        if (current == nullptr || current->identity != *identity) begin(channel, *identity);
        return;
    }
    if (identity.error().message.starts_with("Token has expired")) {
        fail_channel(channel, "system", identity.error().message);
        return;
    }
    // Joining again with the same token would fail the same way: the client must not.
    Client& client = *channel.client;
    const std::string topic = channel.topic;
    const auto join_ref = channel.join_ref;
    send_system(channel, "system", "error", identity.error().message);
    remove_channel(channel);
    send_text(client, join_ref, join_ref, topic, "phx_close", "{}");
}

void Shard::Implementation::fail_channel(Channel& channel, std::string_view extension,
                                         std::string_view message) {
    Client& client = *channel.client;
    const std::string topic = channel.topic;
    const auto join_ref = channel.join_ref;
    send_system(channel, extension, "error", message);
    remove_channel(channel);
    send_text(client, join_ref, join_ref, topic, "phx_error", "{}");
}

}  // namespace dunlin::realtime
