#include <set>

#include "realtime/shard_implementation.h"

namespace dunlin::realtime {

namespace {

// RFC 6455 section 7.4.1: what the client does is against the server's rules.
constexpr std::uint16_t close_policy_violation = 1008;
constexpr std::string_view revoked = "session_revoked";

}  // namespace

void Shard::Implementation::change_rights(const std::vector<std::string>& ended_sessions,
                                          const std::vector<std::string>& changed_users) {
    const Busy busy(*this);
    for (const std::string& session_id : ended_sessions) {
        for (const std::uint64_t serial : pool_.of_session(session_id)) {
            Principal* principal = pool_.find(serial);
            if (principal != nullptr) evict(*principal);
        }
    }
    for (const std::string& user_id : changed_users) {
        for (const std::uint64_t serial : pool_.of_user(user_id)) {
            Principal* principal = pool_.find(serial);
            if (principal != nullptr) renew(*principal);
        }
    }
}

void Shard::Implementation::evict(Principal& principal) {
    std::set<ClientId> clients;
    for (const std::uint32_t slot : principal.channels) {
        if (channels_[slot] != nullptr) clients.insert(channels_[slot]->client->id);
    }
    for (const ClientId id : clients) {
        Client* client = find(id);
        if (client == nullptr) continue;
        for (const auto& [topic, channel] : client->channels) {
            send_system(*channel, "session", "error", revoked);
        }
        close(*client, close_policy_violation, revoked);
    }
}

void Shard::Implementation::renew(Principal& principal) {
    const auto identity = host_.current(principal.identity);
    if (!identity) return evict(principal);
    if (*identity == principal.identity) return;
    const std::uint64_t old = principal.serial;
    const std::vector<std::uint32_t> slots(principal.channels.begin(), principal.channels.end());
    for (const std::uint32_t slot : slots) {
        Channel* channel = channels_[slot];
        const Principal* present = channel == nullptr            ? nullptr
                                   : channel->pending != nullptr ? channel->pending
                                                                 : channel->active;
        if (present == nullptr || present->serial != old) continue;  // a newer token has come
        begin(*channel, *identity);
        if (channels_[slot] != channel || channel->pending == nullptr) continue;
        hold(*channel->pending, published_);
    }
}

}  // namespace dunlin::realtime
