#include "auth/json_members.h"

#include <boost/json/parse.hpp>

namespace dunlin::auth {

namespace json = boost::json;

std::optional<json::object> parse_json_object(std::string_view text) {
    boost::system::error_code failure;
    json::parse_options options;
    options.max_depth = 16;
    auto value = json::parse(text, failure, {}, options);
    if (failure || !value.is_object()) return std::nullopt;
    return std::move(value.as_object());
}

std::string text_member(const json::object& object, std::string_view name) {
    const auto* member = object.if_contains(name);
    return member != nullptr && member->is_string() ? std::string(member->as_string())
                                                    : std::string();
}

std::optional<std::int64_t> date_member(const json::object& object, std::string_view name) {
    const auto* member = object.if_contains(name);
    if (member == nullptr) return std::nullopt;
    if (member->is_int64()) return member->as_int64();
    if (member->is_double() && member->as_double() > 0 && member->as_double() < 9e15) {
        return static_cast<std::int64_t>(member->as_double());
    }
    return std::nullopt;
}

std::optional<bool> truth_member(const json::object& object, std::string_view name) {
    const auto* member = object.if_contains(name);
    if (member == nullptr) return std::nullopt;
    if (member->is_bool()) return member->as_bool();
    const std::string text = text_member(object, name);
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    return std::nullopt;
}

}  // namespace dunlin::auth
