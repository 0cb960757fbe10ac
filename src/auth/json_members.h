#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Reading JSON that others have written: what is missing or of another type is absent. Pure.
namespace dunlin::auth {

/// Nothing when `text` is not one JSON object, or is nested deeper than 16.
std::optional<boost::json::object> parse_json_object(std::string_view text);

/// "" when absent or not a string.
std::string text_member(const boost::json::object& object, std::string_view name);

/// A NumericDate (RFC 7519 section 2) in whole seconds.
std::optional<std::int64_t> date_member(const boost::json::object& object, std::string_view name);

/// A boolean, which some providers write as "true", "1" or "false".
std::optional<bool> truth_member(const boost::json::object& object, std::string_view name);

}  // namespace dunlin::auth
