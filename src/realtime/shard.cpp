#include "realtime/shard.h"

#include <utility>

#include "core/codec.h"
#include "realtime/shard_implementation.h"
#include "realtime/topic.h"

namespace dunlin::realtime {

namespace {

// RFC 6455, section 7.4.1
constexpr std::uint16_t close_unsupported_data = 1003;
constexpr std::uint16_t close_invalid_payload = 1007;

wire::OptionalText view(const std::optional<std::string>& text) {
    return text ? wire::OptionalText(*text) : std::nullopt;
}

}  // namespace

Shard::Implementation::Implementation(std::unique_ptr<const RuleSource> rules, Host& host,
                                      const Clock& clock)
    : rules_(std::move(rules)),
      host_(host),
      clock_(clock),
      pool_(host, index_,
            [this](Principal& principal, const Result<void>& outcome) {
                reader_loaded(principal, outcome);
            }),
      messages_(MessageTable::of(rules_->schema())),
      delivered_(host.log_position()),
      published_position_(delivered_),
      ref_prefix_(host.random_uuid().substr(0, 13) + "-") {
    for (const Role role : {Role::Anon, Role::Authenticated, Role::ServiceRole}) {
        auto& tables = channel_dependencies_[static_cast<std::size_t>(role)];
        tables = channel_dependencies(*rules_, role);
        dependencies_.insert(tables.begin(), tables.end());
    }
    for (const auto& [name, table] : rules_->schema().tables) {
        if (table.kind != RelationKind::Table) continue;
        tables_.emplace(table.storage_name(), &table);
        for (const Role role : {Role::Anon, Role::Authenticated, Role::ServiceRole}) {
            const auto rule = rules_->select_rule(table, role);
            if (!rule) continue;
            dependencies_.insert((*rule)->depends_on().begin(), (*rule)->depends_on().end());
        }
    }
}

ClientId Shard::Implementation::connect(Outlet& outlet, Version version, Identity identity,
                                        std::string device) {
    auto client = std::make_unique<Client>();
    client->id = static_cast<ClientId>(++last_client_);
    client->outlet = &outlet;
    client->version = version == Version::V1 ? wire::PhoenixVersion::V1 : wire::PhoenixVersion::V2;
    client->identity = std::move(identity);
    client->device = std::move(device);
    client->connected_us = clock_.now_us();
    const ClientId id = client->id;
    clients_.emplace(id, std::move(client));
    return id;
}

void Shard::Implementation::disconnect(ClientId id) {
    const Busy busy(*this);
    const auto found = clients_.find(id);
    if (found == clients_.end()) return;
    found->second->deaf = true;
    found->second->outlet = nullptr;
    gone_.push_back(id);
}

void Shard::Implementation::settle() {
    do {
        bury();
        drain();  // Sends, and so may lose more clients.
    } while (!gone_.empty());
}

void Shard::Implementation::bury() {
    while (!gone_.empty()) {
        const auto found = clients_.find(gone_.back());
        gone_.pop_back();
        if (found == clients_.end()) continue;
        auto& channels = found->second->channels;
        while (!channels.empty()) remove_channel(*channels.begin()->second);
        clients_.erase(found);
    }
}

Client* Shard::Implementation::find(ClientId id) {
    const auto found = clients_.find(id);
    return found == clients_.end() || found->second->deaf ? nullptr : found->second.get();
}

void Shard::Implementation::close(Client& client, std::uint16_t code, std::string_view reason) {
    while (!client.channels.empty()) remove_channel(*client.channels.begin()->second);
    if (client.deaf) return;
    client.deaf = true;
    client.outlet->close(code, reason);
}

void Shard::Implementation::send(Client& client, const wire::Frame& frame) {
    if (client.deaf) return;
    ++counted_.frames;
    client.outlet->send(frame);
}

void Shard::Implementation::send_text(Client& client, const std::optional<std::string>& join_ref,
                                      const std::optional<std::string>& ref, std::string_view topic,
                                      std::string_view event, std::string_view payload) {
    send(client, wire::make_frame(wire::Opcode::Text,
                                  wire::encode_phoenix(client.version, view(join_ref), view(ref),
                                                       topic, event, payload)));
}

void Shard::Implementation::reply(Client& client, const wire::PhoenixMessage& to,
                                  std::string_view status, std::string_view response) {
    std::string payload = R"({"status":")";
    payload += status;
    payload += R"(","response":)";
    payload += response;
    payload += '}';
    send_text(client, to.join_ref, to.ref, to.topic, "phx_reply", payload);
}

void Shard::Implementation::reply_error(Client& client, const wire::PhoenixMessage& to,
                                        std::string_view reason) {
    if (to.event == "phx_join") ++counted_.joins_refused;
    std::string response = R"({"reason":)";
    codec::write_json_string(reason, response);
    response += '}';
    reply(client, to, "error", response);
}

void Shard::Implementation::send_system(Channel& channel, std::string_view extension,
                                        std::string_view status, std::string_view message) {
    std::string payload = R"({"extension":)";
    codec::write_json_string(extension, payload);
    payload += R"(,"status":)";
    codec::write_json_string(status, payload);
    payload += R"(,"message":)";
    codec::write_json_string(message, payload);
    payload += R"(,"channel":)";
    codec::write_json_string(name_of(channel.topic), payload);
    payload += '}';
    send_text(*channel.client, {}, {}, channel.topic, "system", payload);
}

void Shard::Implementation::receive(ClientId id, std::string_view text) {
    const Busy busy(*this);
    Client* client = find(id);
    if (client == nullptr) return;
    const auto message = wire::decode_phoenix(client->version, text);
    if (!message) {
        close(*client, close_invalid_payload, "malformed message");
        return;
    }
    handle(*client, *message);
}

void Shard::Implementation::receive_binary(ClientId id, std::string_view bytes) {
    const Busy busy(*this);
    Client* client = find(id);
    if (client == nullptr) return;
    if (client->version == wire::PhoenixVersion::V1) {
        close(*client, close_unsupported_data, "binary messages need vsn=2.0.0");
        return;
    }
    auto push = wire::decode_phoenix_push(bytes);
    if (!push) {
        close(*client, close_invalid_payload, "malformed message");
        return;
    }
    const auto channel = client->channels.find(push->topic);
    if (channel == client->channels.end()) return;
    receive_push(*channel->second, std::move(*push));
}

void Shard::Implementation::handle(Client& client, const wire::PhoenixMessage& message) {
    if (message.topic == "phoenix") {
        if (message.event != "heartbeat") return;
        counted_.last_heartbeat_us = client.last_heartbeat_us = clock_.now_us();
        answer_heartbeat(client, message);
        return;
    }
    if (message.event == "phx_join") {
        join(client, message);
        return;
    }
    const auto channel = client.channels.find(message.topic);
    if (channel != client.channels.end()) {
        handle_channel_event(client, *channel->second, message);
    } else if (message.event == "phx_leave") {
        reply(client, message, "ok", "{}");
    } else if (message.ref && message.event != "access_token") {
        reply_error(client, message, "unmatched topic");
    }
}

void Shard::Implementation::handle_channel_event(Client& client, Channel& channel,
                                                 const wire::PhoenixMessage& message) {
    if (message.event == "phx_leave") {
        const auto join_ref = channel.join_ref;
        if (!channel.resume_key.empty()) host_.forget_resume_point(channel.resume_key);
        remove_channel(channel);
        reply(client, message, "ok", "{}");
        send_text(client, join_ref, join_ref, message.topic, "phx_close", "{}");
    } else if (message.event == "access_token") {
        replace_token(channel, message.payload);
    } else if (message.event == "broadcast") {
        receive_broadcast(channel, message);
    } else if (message.event == "presence") {
        receive_presence(channel, message);
    }
    // Anything else is ignored, as upstream does.
}

Shard::Shard(std::unique_ptr<const RuleSource> rules, Host& host, const Clock& clock)
    : implementation_(std::make_unique<Implementation>(std::move(rules), host, clock)) {}

Shard::~Shard() = default;

ClientId Shard::connect(Outlet& outlet, Version version, Identity identity, std::string device) {
    return implementation_->connect(outlet, version, std::move(identity), std::move(device));
}

void Shard::disconnect(ClientId client) {
    implementation_->disconnect(client);
}
void Shard::writable(ClientId client) {
    implementation_->writable(client);
}
void Shard::receive(ClientId client, std::string_view text) {
    implementation_->receive(client, text);
}
void Shard::receive_binary(ClientId client, std::string_view bytes) {
    implementation_->receive_binary(client, bytes);
}
void Shard::publish(const ChangeBatch& batch) {
    implementation_->publish(batch);
}
void Shard::change_rights(const std::vector<std::string>& ended_sessions,
                          const std::vector<std::string>& changed_users) {
    implementation_->change_rights(ended_sessions, changed_users);
}

void Shard::post(const Identity& sender, std::vector<ChannelMessage> messages, Posted done) {
    implementation_->post(sender, std::move(messages), std::move(done));
}
void Shard::receive_spread(const ChannelMessage& message) {
    implementation_->receive_spread(message);
}

void Shard::tick() {
    implementation_->tick();
}
ShardStatistics Shard::statistics() const {
    return implementation_->statistics();
}
ShardDescription Shard::describe(const DescriptionRequest& request) const {
    return implementation_->describe(request);
}

}  // namespace dunlin::realtime
