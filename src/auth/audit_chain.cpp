#include "auth/audit_chain.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <vector>

#include "auth/digest.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

void append(std::string& text, const json::value& value);

void append_object(std::string& text, const json::object& object) {
    std::vector<const json::key_value_pair*> members;
    for (const auto& member : object) members.push_back(&member);
    std::ranges::sort(members, {},
                      [](const auto* member) { return std::string_view(member->key()); });
    text.push_back('{');
    for (const auto* member : members) {
        if (member != members.front()) text.push_back(',');
        text += json::serialize(json::value(member->key()));
        text.push_back(':');
        append(text, member->value());
    }
    text.push_back('}');
}

void append_array(std::string& text, const json::array& array) {
    text.push_back('[');
    for (std::size_t i = 0; i < array.size(); ++i) {
        if (i > 0) text.push_back(',');
        append(text, array[i]);
    }
    text.push_back(']');
}

void append(std::string& text, const json::value& value) {
    if (value.is_object()) return append_object(text, value.as_object());
    if (value.is_array()) return append_array(text, value.as_array());
    text += json::serialize(value);
}

}  // namespace

std::string canonical_json(const json::value& value) {
    std::string text;
    append(text, value);
    return text;
}

std::string audit_hash(std::string_view previous, const json::object& entry) {
    std::string text(previous);
    append_object(text, entry);
    return to_hex(sha256(text));
}

std::optional<std::size_t> first_broken_link(std::span<const AuditLink> links,
                                             std::string_view previous) {
    for (std::size_t i = 0; i < links.size(); ++i) {
        if (audit_hash(previous, links[i].entry) != links[i].hash) return i;
        previous = links[i].hash;
    }
    return std::nullopt;
}

}  // namespace dunlin::auth
