#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/server_fixture.h"

/// The client's side of a WebSocket, for tests.
namespace dunlin::http {

constexpr std::string_view websocket_key =
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";  // RFC 6455, 1.3
constexpr std::string_view websocket_version = "Sec-WebSocket-Version: 13\r\n";
constexpr std::string_view asks_for_websocket = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

std::string upgrade(std::string_view path = "/socket");

/// Mask bit and length of a client's frame.
std::string sized(std::size_t size);
/// A frame of a client, masked with zeros: `first` is FIN, the reserved bits and the opcode.
std::string frame(int first, std::string_view payload);
std::string close_frame(std::uint16_t code);

/// A client whose upgrade was answered and who was welcomed.
class Socket13 : public Client {
public:
    explicit Socket13(const TestServer& server, int receive_buffer = 0);

    /// The next frame of the server, "T:text"; a close with its code: "C:1000"; "" at the end.
    std::string next();
};

}  // namespace dunlin::http
