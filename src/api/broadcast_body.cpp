#include "api/broadcast_body.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <utility>

#include "core/limits.h"
#include "http/ascii.h"
#include "http/request_target.h"

namespace dunlin::api {

namespace {

namespace json = boost::json;
using realtime::Broadcast;
using realtime::ChannelMessage;
using realtime::Privacy;

constexpr std::string_view topic_prefix = "realtime:";
constexpr const char* blank = "can't be blank";
constexpr const char* not_valid = "is invalid";
constexpr const char* too_large = "Payload size exceeds tenant limit";

/// The form that upstream has for what is wrong with a body: lists of texts by member.
http::Response unprocessable(json::object errors) {
    return http::Response::json(422, json::serialize(json::object{{"errors", std::move(errors)}}));
}

Result<json::value> parse_body(const http::Request& request) {
    json::parse_options options;
    options.max_depth = limits::body_depth_max;
    boost::system::error_code failure;
    auto parsed = json::parse(request.body, failure, {}, options);
    if (failure) return std::unexpected(Error{ErrorCode::InvalidInput, failure.message()});
    return parsed;
}

/// The text under `name`; what is wrong with it goes to `errors`.
std::string read_text(const json::object& message, const char* name, std::size_t bytes_max,
                      json::object& errors) {
    const json::value* value = message.if_contains(name);
    const bool missing =
        value == nullptr || value->is_null() || (value->is_string() && value->get_string().empty());
    if (missing || !value->is_string() || value->get_string().size() > bytes_max) {
        errors[name] = json::array{missing ? blank : not_valid};
        return {};
    }
    return {value->get_string().data(), value->get_string().size()};
}

ChannelMessage read_message(const json::object& message, json::object& errors) {
    constexpr std::size_t topic_bytes_max = limits::topic_bytes_max - topic_prefix.size();
    ChannelMessage read;
    read.topic = topic_prefix;
    read.topic += read_text(message, "topic", topic_bytes_max, errors);
    Broadcast broadcast;
    broadcast.event = read_text(message, "event", limits::broadcast_event_bytes_max, errors);
    const json::value* payload = message.if_contains("payload");
    if (payload == nullptr || payload->is_null()) {
        errors["payload"] = json::array{blank};
    } else {
        broadcast.payload = json::serialize(*payload);
        if (broadcast.payload.size() > limits::broadcast_payload_bytes_max) {
            errors["payload"] = json::array{too_large};
        }
    }
    read.content = std::move(broadcast);
    const json::value* is_private = message.if_contains("private");
    if (is_private == nullptr || is_private->is_null()) return read;
    if (!is_private->is_bool()) errors["private"] = json::array{not_valid};
    if (*is_private == true) read.privacy = Privacy::Private;
    return read;
}

BroadcastCall refused(http::Response response) {
    return {.refusal = std::move(response)};
}

/// `persist=true`, or `persist[ttl]=SECONDS`.
void read_persist(const http::Request& request, bool is_private, Broadcast& broadcast,
                  json::object& errors) {
    const auto flag = request.parameter("persist");
    const auto ttl = request.parameter("persist[ttl]");
    if (!ttl && (!flag || *flag == "false")) return;
    std::int64_t seconds = 0;
    if (ttl) {
        const char* end = ttl->data() + ttl->size();
        const auto [stop, failure] = std::from_chars(ttl->data(), end, seconds);
        const bool good = failure == std::errc() && stop == end && seconds >= 1 &&
                          seconds <= limits::persist_ttl_s_max;
        if (!good) errors["persist"] = json::array{not_valid};
    } else if (*flag != "true") {
        errors["persist"] = json::array{not_valid};
    }
    if (!is_private) errors["persist"] = json::array{"is only for private channels"};
    broadcast.persist = realtime::Persist{ttl ? std::optional(seconds) : std::nullopt};
}

/// "TOPIC/events/EVENT", each percent-encoded: a slash inside of one is written %2F.
bool read_path(std::string_view rest, std::string& topic, std::string& event) {
    constexpr std::string_view middle = "/events/";
    const auto at = rest.find(middle);
    if (at == std::string_view::npos) return false;
    const auto raw_event = rest.substr(at + middle.size());
    if (raw_event.contains('/')) return false;
    return http::decode_percent(rest.substr(0, at), topic, false) &&
           http::decode_percent(raw_event, event, false) && !topic.empty() && !event.empty();
}

}  // namespace

BroadcastCall read_broadcast_batch(const http::Request& request) {
    const auto body = parse_body(request);
    const json::value* list =
        body && body->is_object() ? body->get_object().if_contains("messages") : nullptr;
    if (list == nullptr || list->is_null()) {
        return refused(unprocessable({{"messages", json::array{blank}}}));
    }
    if (!list->is_array()) return refused(unprocessable({{"messages", json::array{not_valid}}}));
    if (list->get_array().size() > limits::broadcast_batch_max) {
        return refused(http::Response::json(
            429, R"({"message":"Too many messages to broadcast, please reduce the batch size"})"));
    }
    BroadcastCall call;
    json::array errors;
    bool wrong = false;
    for (const json::value& entry : list->get_array()) {
        json::object problems;
        if (entry.is_object()) {
            call.messages.push_back(read_message(entry.get_object(), problems));
        } else {
            problems["message"] = json::array{not_valid};
        }
        wrong = wrong || !problems.empty();
        errors.emplace_back(std::move(problems));
    }
    if (wrong) return refused(unprocessable({{"messages", std::move(errors)}}));
    return call;
}

BroadcastCall read_single_broadcast(const http::Request& request, std::string_view prefix) {
    const std::string_view path =
        std::string_view(request.target).substr(0, request.target.find('?'));
    std::string topic;
    Broadcast broadcast;
    if (!path.starts_with(prefix) ||
        !read_path(path.substr(prefix.size()), topic, broadcast.event)) {
        return refused(http::Response::json(404, R"({"message":"Not found"})"));
    }
    json::object errors;
    if (topic.size() > limits::topic_bytes_max - topic_prefix.size()) {
        errors["topic"] = json::array{not_valid};
    }
    if (broadcast.event.size() > limits::broadcast_event_bytes_max) {
        errors["event"] = json::array{not_valid};
    }
    const auto type = request.header("content-type");
    const auto media = http::trim(type.substr(0, type.find(';')));
    if (http::equal_ignoring_case(media, "application/octet-stream")) {
        broadcast.encoding = wire::PhoenixEncoding::Bytes;
    } else if (!http::equal_ignoring_case(media, "application/json")) {
        return refused(http::Response::json(
            415,
            R"({"message":"Content-Type must be application/json or application/octet-stream"})"));
    } else if (!parse_body(request)) {
        errors["payload"] = json::array{request.body.empty() ? blank : not_valid};
    }
    broadcast.payload = request.body;
    if (broadcast.payload.size() > limits::broadcast_payload_bytes_max) {
        errors["payload"] = json::array{too_large};
    }
    const bool is_private = request.parameter("private").value_or("") == "true";
    read_persist(request, is_private, broadcast, errors);
    if (!errors.empty()) return refused(unprocessable(std::move(errors)));
    BroadcastCall call;
    call.messages.push_back({std::string(topic_prefix) + topic,
                             is_private ? Privacy::Private : Privacy::Public,
                             std::move(broadcast)});
    return call;
}

}  // namespace dunlin::api
