#pragma once

#include <string>

namespace dunlin::auth {

/// A device as it names itself by headers (docs/guide/sign-in.md). All "" when the client is
/// silent.
struct Device {
    std::string id{};        // X-Device-Id: the application's own, kept on the device
    std::string name{};      // X-Device-Name: "Reception, left desk"
    std::string platform{};  // X-Device-Platform: "Windows", "Android 16"
};

/// Who sends a request, as far as the connection tells.
struct Visitor {
    std::string address{};  // IP address, without port
    std::string user_agent{};
    Device device{};
    bool force = false;  // X-Force-Sign-In: true
};

}  // namespace dunlin::auth
