// Feeds bytes to the frame reader whole and byte by byte: both must see the same messages.
#include "wire/websocket_frame.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/check.h"

using dunlin::wire::FrameReader;

namespace {

constexpr std::size_t message_bytes_max = 4096;

/// Payloads of every message, then "error" when the stream ended in a violation.
std::vector<std::string> read_all(std::string_view bytes, std::size_t step) {
    FrameReader reader(message_bytes_max);
    std::vector<std::string> seen;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        reader.feed(bytes.substr(at, step));
        for (auto next = reader.next();; next = reader.next()) {
            if (!next) return seen.push_back("error"), seen;
            if (!next->has_message) break;
            seen.push_back(next->message.payload);
        }
    }
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    CHECK(read_all(bytes, size + 1) == read_all(bytes, 1));
    return 0;
}
