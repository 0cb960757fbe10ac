#include "realtime/join_request.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
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
Result<bool> read_flag(const json::object& parent, const char* key) {
    const json::value* value = parent.if_contains(key);
    if (value == nullptr || value->is_null()) return false;
    if (value->is_bool()) return value->get_bool();
    if (value->is_string() && value->get_string() == "true") return true;
    if (value->is_string() && value->get_string() == "false") return false;
    return std::unexpected(invalid("`" + std::string(key) + "` is not a boolean"));
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
    const auto broadcast = read_object(**config, "broadcast");
    if (!broadcast) return std::unexpected(broadcast.error());
    const auto ack = read_flag(**broadcast, "ack");
    if (!ack) return std::unexpected(ack.error());
    const auto is_private = read_flag(**config, "private");
    if (!is_private) return std::unexpected(is_private.error());
    request.broadcast_ack = *ack;
    request.is_private = *is_private;
    const auto token = read_token(payload.get_object(), request.access_token);
    if (!token) return std::unexpected(token.error());
    const auto resume = read_resume(**config, request);
    if (!resume) return std::unexpected(resume.error());
    const auto bindings = read_bindings(**config, request);
    if (!bindings) return std::unexpected(bindings.error());
    return request;
}

}  // namespace dunlin::realtime
