#include "http/websocket_client.h"

#include <gtest/gtest.h>

#include "wire/websocket_frame.h"

namespace dunlin::http {

std::string upgrade(std::string_view path) {
    std::string fields(asks_for_websocket);
    fields += websocket_version;
    fields += websocket_key;
    return request("GET " + std::string(path), fields);
}

std::string sized(std::size_t size) {
    std::string bytes;
    if (size <= 125) return {static_cast<char>(0x80 | size)};
    const int count = size <= 0xffff ? 2 : 8;
    bytes.push_back(static_cast<char>(0x80 | (count == 2 ? 126 : 127)));
    for (int shift = (count - 1) * 8; shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<char>(std::uint64_t{size} >> shift));
    }
    return bytes;
}

std::string frame(int first, std::string_view payload) {
    std::string bytes(1, static_cast<char>(first));
    return bytes + sized(payload.size()) + std::string(4, '\0') + std::string(payload);
}

std::string close_frame(std::uint16_t code) {
    return frame(0x88, wire::close_payload(code, ""));
}

Socket13::Socket13(const TestServer& server, int receive_buffer)
    : Client(server.port(), receive_buffer) {
    EXPECT_EQ(exchange(upgrade()).status, 101);
    EXPECT_EQ(next(), "T:welcome");
}

std::string Socket13::next() {
    const std::string head = read_bytes(2);
    if (head.size() < 2) return "";
    EXPECT_EQ(head[1] & 0x80, 0) << "servers do not mask";
    std::size_t size = static_cast<unsigned char>(head[1]);
    if (size >= 126) {
        const std::string length = read_bytes(size == 126 ? 2 : 8);
        size = 0;
        for (const char byte : length) size = size * 256 + static_cast<unsigned char>(byte);
    }
    const std::string payload = read_bytes(size);
    constexpr std::string_view letters = "?TB?????CPO";
    const char letter = letters[static_cast<std::size_t>(head[0] & 0x0f)];
    if (letter != 'C' || payload.size() < 2) return std::string(1, letter) + ":" + payload;
    const int code =
        static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
    return "C:" + std::to_string(code);
}

}  // namespace dunlin::http
