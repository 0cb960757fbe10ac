#pragma once

#include <string>
#include <string_view>

namespace dunlin::realtime {

/// A topic on the wire is this and the name that the application gave to its channel.
constexpr std::string_view topic_prefix = "realtime:";

/// The name in a topic that begins with the prefix.
inline std::string name_of(std::string_view topic) {
    return std::string(topic.substr(topic_prefix.size()));
}

}  // namespace dunlin::realtime
