#include "wire/phoenix.h"

#include <array>
#include <boost/json/parse.hpp>
#include <utility>

#include "core/codec.h"

namespace dunlin::wire {

namespace {

namespace json = boost::json;

constexpr char kind_push = 3;
constexpr char kind_broadcast = 4;
constexpr std::size_t part_bytes_max = 255;

Error malformed(std::string what) {
    return Error{ErrorCode::InvalidInput, "malformed message: " + std::move(what)};
}

bool read_text(json::value* value, std::string& text) {
    if (value == nullptr || !value->is_string()) return false;
    const json::string& found = value->get_string();
    text.assign(found.data(), found.size());
    return true;
}

bool read_optional_text(json::value* value, std::optional<std::string>& text) {
    if (value == nullptr || value->is_null()) return true;
    return read_text(value, text.emplace());
}

struct Parts {
    json::value* join_ref = nullptr;
    json::value* ref = nullptr;
    json::value* topic = nullptr;
    json::value* event = nullptr;
    json::value* payload = nullptr;
};

Result<Parts> parts_of_object(json::value& root) {
    if (!root.is_object()) return std::unexpected(malformed("not an object"));
    json::object& object = root.get_object();
    const auto find = [&](std::string_view key) {
        return object.if_contains(json::string_view(key.data(), key.size()));
    };
    Parts parts{find("join_ref"), find("ref"), find("topic"), find("event"), find("payload")};
    if (parts.payload == nullptr) return std::unexpected(malformed("no payload"));
    return parts;
}

Result<Parts> parts_of_array(json::value& root) {
    if (!root.is_array() || root.get_array().size() != 5) {
        return std::unexpected(malformed("not an array of five"));
    }
    json::array& array = root.get_array();
    return Parts{&array[0], &array[1], &array[2], &array[3], &array[4]};
}

void append_optional(OptionalText text, std::string& out) {
    if (text) {
        codec::write_json_string(*text, out);
    } else {
        out += "null";
    }
}

/// Takes `length` bytes off the front; false when there are fewer.
bool take(std::string_view& bytes, std::size_t length, std::string& out) {
    if (bytes.size() < length) return false;
    out.assign(bytes.substr(0, length));
    bytes.remove_prefix(length);
    return true;
}

std::size_t byte_at(std::string_view bytes, std::size_t index) {
    return static_cast<unsigned char>(bytes[index]);
}

}  // namespace

Result<PhoenixMessage> decode_phoenix(PhoenixVersion version, std::string_view text) {
    json::parse_options options;
    options.max_depth = phoenix_depth_max;
    boost::system::error_code failure;
    json::value root =
        json::parse(json::string_view(text.data(), text.size()), failure, {}, options);
    if (failure) return std::unexpected(malformed(failure.message()));

    auto parts = version == PhoenixVersion::V1 ? parts_of_object(root) : parts_of_array(root);
    if (!parts) return std::unexpected(parts.error());

    PhoenixMessage message;
    if (!read_optional_text(parts->join_ref, message.join_ref) ||
        !read_optional_text(parts->ref, message.ref)) {
        return std::unexpected(malformed("a reference is neither text nor null"));
    }
    if (!read_text(parts->topic, message.topic)) {
        return std::unexpected(malformed("the topic is not text"));
    }
    if (!read_text(parts->event, message.event)) {
        return std::unexpected(malformed("the event is not text"));
    }
    message.payload = std::move(*parts->payload);
    return message;
}

std::string encode_phoenix(PhoenixVersion version, OptionalText join_ref, OptionalText ref,
                           std::string_view topic, std::string_view event,
                           std::string_view payload) {
    std::string out;
    out.reserve(payload.size() + topic.size() + event.size() + 80);
    if (version == PhoenixVersion::V2) {
        out += '[';
        append_optional(join_ref, out);
        out += ',';
        append_optional(ref, out);
        out += ',';
        codec::write_json_string(topic, out);
        out += ',';
        codec::write_json_string(event, out);
        out += ',';
        out += payload;
        out += ']';
        return out;
    }
    out += R"({"topic":)";
    codec::write_json_string(topic, out);
    out += R"(,"event":)";
    codec::write_json_string(event, out);
    out += R"(,"payload":)";
    out += payload;
    out += R"(,"ref":)";
    append_optional(ref, out);
    out += R"(,"join_ref":)";
    append_optional(join_ref, out);
    out += '}';
    return out;
}

Result<PhoenixBroadcast> decode_phoenix_push(std::string_view bytes) {
    // kind, five lengths, encoding
    constexpr std::size_t header_bytes = 7;
    if (bytes.empty() || bytes[0] != kind_push) {
        return std::unexpected(malformed("unknown kind of binary message"));
    }
    if (bytes.size() < header_bytes) return std::unexpected(malformed("binary message too short"));
    std::array<std::size_t, 5> lengths{};
    for (std::size_t i = 0; i < lengths.size(); ++i) lengths[i] = byte_at(bytes, i + 1);
    const std::size_t encoding = byte_at(bytes, 6);
    if (encoding > 1) return std::unexpected(malformed("unknown encoding"));

    PhoenixBroadcast push;
    push.encoding = static_cast<PhoenixEncoding>(encoding);
    std::string_view rest = bytes.substr(header_bytes);
    if (!take(rest, lengths[0], push.join_ref) || !take(rest, lengths[1], push.ref) ||
        !take(rest, lengths[2], push.topic) || !take(rest, lengths[3], push.event) ||
        !take(rest, lengths[4], push.metadata)) {
        return std::unexpected(malformed("binary message too short"));
    }
    if (push.topic.empty()) return std::unexpected(malformed("no topic"));
    if (push.event.empty()) return std::unexpected(malformed("no event"));
    push.payload.assign(rest);
    return push;
}

Result<std::string> encode_phoenix_broadcast(const PhoenixBroadcast& broadcast) {
    if (broadcast.topic.size() > part_bytes_max || broadcast.event.size() > part_bytes_max ||
        broadcast.metadata.size() > part_bytes_max) {
        return std::unexpected(Error{ErrorCode::TooLarge,
                                     "topic, event or metadata of a broadcast is over 255 bytes"});
    }
    std::string out;
    out.reserve(5 + broadcast.topic.size() + broadcast.event.size() + broadcast.metadata.size() +
                broadcast.payload.size());
    out += kind_broadcast;
    out += static_cast<char>(broadcast.topic.size());
    out += static_cast<char>(broadcast.event.size());
    out += static_cast<char>(broadcast.metadata.size());
    out += static_cast<char>(broadcast.encoding);
    out += broadcast.topic;
    out += broadcast.event;
    out += broadcast.metadata;
    out += broadcast.payload;
    return out;
}

}  // namespace dunlin::wire
