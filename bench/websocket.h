#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// RFC 6455 for both ends of a benchmark. Kept apart from src/wire, so that what is measured does
/// not measure itself.
namespace dunlin::bench {

std::string upgrade_request(std::string_view target);
/// The 101 answer to `request`; empty when it is no upgrade.
std::string upgrade_answer(std::string_view request);

/// A final text frame, masked as a client's or plain as a server's.
enum class Masking { Masked, Plain };
std::string text_frame(std::string_view payload, Masking masking);
/// A final frame of `opcode`, as a client sends it.
std::string masked_frame(unsigned opcode, std::string_view payload);

struct FrameHead {
    std::size_t head_bytes = 0;
    std::size_t payload_bytes = 0;
    unsigned opcode = 0;
    bool is_masked = false;
};
constexpr unsigned text_opcode = 1;
constexpr unsigned binary_opcode = 2;
constexpr unsigned close_opcode = 8;

/// Nothing while the head is incomplete.
std::optional<FrameHead> read_frame_head(std::string_view bytes);
/// `frame` is whole and masked.
std::string unmask(const FrameHead& head, std::string_view frame);

/// Cuts a stream into whole frames. Buffers only what is incomplete.
class FrameSplitter {
public:
    /// Calls on_frame(head, frame) for every frame that is complete.
    template <class OnFrame>
    void feed(std::string_view bytes, OnFrame&& on_frame) {
        if (pending_.empty()) {
            pending_.assign(bytes.substr(split(bytes, on_frame)));
            return;
        }
        pending_ += bytes;
        pending_.erase(0, split(pending_, on_frame));
    }

private:
    /// How many bytes were whole frames.
    template <class OnFrame>
    static std::size_t split(std::string_view bytes, OnFrame&& on_frame) {
        std::size_t done = 0;
        while (true) {
            const std::string_view rest = bytes.substr(done);
            const auto head = read_frame_head(rest);
            if (!head || rest.size() < head->head_bytes + head->payload_bytes) return done;
            const std::size_t whole = head->head_bytes + head->payload_bytes;
            on_frame(*head, rest.substr(0, whole));
            done += whole;
        }
    }

    std::string pending_;
};

}  // namespace dunlin::bench
