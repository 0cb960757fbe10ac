#include "realtime/join_request.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <limits>
#include <utility>

#include "core/limits.h"

namespace dunlin::realtime {

namespace {

namespace json = boost::json;

Error invalid(std::string what) {
    return Error{ErrorCode::InvalidInput, "InvalidJoinPayload: " + std::move(what)};
}

/// The object under `key`; an empty one when there is none or null.
Result<const json::object*> read_object(const json::object& parent, const char* key) {
    static const json::object empty;
    const json::value* value = parent.if_contains(key);
    if (value == nullptr || value->is_null()) return &empty;
    if (!value->is_object()) {
        return std::unexpected(invalid("`" + std::string(key) + "` is not an object"));
    }
    return &value->get_object();
}

/// Older clients send booleans as text.
Result<bool> read_flag(const json::object& parent, const char* key, bool missing = false) {
    const json::value* value = parent.if_contains(key);
    if (value == nullptr || value->is_null()) return missing;
    if (value->is_bool()) return value->get_bool();
    if (value->is_string() && value->get_string() == "true") return true;
    if (value->is_string() && value->get_string() == "false") return false;
    return std::unexpected(invalid("`" + std::string(key) + "` is not a boolean"));
}

Error no_replay(const char* why) {
    return Error{ErrorCode::InvalidInput, std::string("UnableToReplayMessages: ") + why};
}

/// {since: milliseconds since 1970, limit?: 1 to 25}
Result<void> read_replay(const json::object& broadcast, JoinRequest& request) {
    const json::value* replay = broadcast.if_contains("replay");
    if (replay == nullptr || replay->is_null()) return {};
    if (!request.is_private) {
        return std::unexpected(no_replay("Replay is not allowed for public channels"));
    }
    constexpr std::int64_t since_ms_max = std::numeric_limits<std::int64_t>::max() / 1000;
    const auto* object = replay->if_object();
    const auto* since = object == nullptr ? nullptr : object->if_contains("since");
    const auto* limit = object == nullptr ? nullptr : object->if_contains("limit");
    const auto is_in = [](const json::value& value, std::int64_t most) {
        return value.is_int64() && value.get_int64() >= 1 && value.get_int64() <= most;
    };
    const bool has_limit = limit != nullptr && !limit->is_null();
    const auto most = static_cast<std::int64_t>(limits::replayed_messages_max);
    if (since == nullptr || !is_in(*since, since_ms_max) || (has_limit && !is_in(*limit, most))) {
        return std::unexpected(no_replay("Replay params are not valid"));
    }
    request.replay = {.since_us = since->get_int64() * 1000,
                      .limit = static_cast<std::size_t>(has_limit ? limit->get_int64() : most)};
    return {};
}

Result<void> read_broadcast(const json::object& config, JoinRequest& request) {
    const auto broadcast = read_object(config, "broadcast");
    if (!broadcast) return std::unexpected(broadcast.error());
    const auto ack = read_flag(**broadcast, "ack");
    if (!ack) return std::unexpected(ack.error());
    const auto self = read_flag(**broadcast, "self");
    if (!self) return std::unexpected(self.error());
    const auto ready = read_flag(**broadcast, "replication_ready");
    if (!ready) return std::unexpected(ready.error());
    request.broadcast_ack = *ack;
    request.broadcast_self = *self;
    request.replication_ready = *ready;
    return read_replay(**broadcast, request);
}

Result<void> read_presence(const json::object& config, JoinRequest& request) {
    const auto presence = read_object(config, "presence");
    if (!presence) return std::unexpected(presence.error());
    const auto enabled = read_flag(**presence, "enabled", request.presence_enabled);
    if (!enabled) return std::unexpected(enabled.error());
    request.presence_enabled = *enabled;
    const json::value* key = (*presence)->if_contains("key");
    if (key == nullptr || key->is_null()) return {};
    if (!key->is_string()) return std::unexpected(invalid("`presence.key` is not text"));
    request.presence_key.assign(key->get_string().data(), key->get_string().size());
    if (request.presence_key.size() > limits::presence_key_bytes_max) {
        return std::unexpected(invalid("`presence.key` is over " +
                                       std::to_string(limits::presence_key_bytes_max) + " bytes"));
    }
    return {};
}

Result<void> read_token(const json::object& payload, std::string& token) {
    for (const char* key : {"access_token", "user_token"}) {  // the latter from the oldest clients
        const json::value* value = payload.if_contains(key);
        if (value == nullptr || value->is_null()) continue;
        if (!value->is_string()) return std::unexpected(invalid("`access_token` is not text"));
        token.assign(value->get_string().data(), value->get_string().size());
        return {};
    }
    return {};
}

Result<void> read_resume(const json::object& config, JoinRequest& request) {
    const auto resume = read_object(config, "resume");
    if (!resume) return std::unexpected(resume.error());
    const json::value* position = (*resume)->if_contains("position");
    if (position == nullptr || position->is_null()) return {};
    if (!position->is_string()) return std::unexpected(invalid("`resume.position` is not text"));
    const auto parsed = Position::parse(std::string_view(position->get_string()));
    if (!parsed) return std::unexpected(invalid("`resume.position`: " + parsed.error().message));
    request.resume_from = *parsed;
    return {};
}

Result<void> read_bindings(const json::object& config, JoinRequest& request) {
    const json::value* list = config.if_contains("postgres_changes");
    if (list == nullptr || list->is_null()) return {};
    if (!list->is_array()) return std::unexpected(invalid("`postgres_changes` is not a list"));
    if (list->get_array().size() > limits::bindings_per_channel_max) {
        return std::unexpected(invalid("more than " +
                                       std::to_string(limits::bindings_per_channel_max) +
                                       " postgres_changes entries"));
    }
    json::array echo;
    for (const json::value& entry : list->get_array()) {
        if (!entry.is_object()) {
            return std::unexpected(invalid("a postgres_changes entry is not an object"));
        }
        auto binding = read_binding_request(entry.get_object());
        if (!binding) return std::unexpected(invalid(binding.error().message));
        json::object answer = entry.get_object();
        answer["id"] = binding_id(*binding);
        echo.emplace_back(std::move(answer));
        request.bindings.push_back(std::move(*binding));
    }
    request.echo = json::serialize(echo);
    return {};
}

}  // namespace

Result<JoinRequest> read_join_request(const json::value& payload) {
    JoinRequest request;
    if (payload.is_null()) return request;
    if (!payload.is_object()) return std::unexpected(invalid("not an object"));
    const auto config = read_object(payload.get_object(), "config");
    if (!config) return std::unexpected(config.error());
    const auto presence = read_presence(**config, request);
    if (!presence) return std::unexpected(presence.error());
    const auto is_private = read_flag(**config, "private");
    if (!is_private) return std::unexpected(is_private.error());
    request.is_private = *is_private;
    const auto broadcast = read_broadcast(**config, request);
    if (!broadcast) return std::unexpected(broadcast.error());
    const auto token = read_token(payload.get_object(), request.access_token);
    if (!token) return std::unexpected(token.error());
    const auto resume = read_resume(**config, request);
    if (!resume) return std::unexpected(resume.error());
    const auto bindings = read_bindings(**config, request);
    if (!bindings) return std::unexpected(bindings.error());
    return request;
}

}  // namespace dunlin::realtime
