#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "wire/utf8.h"

/// RFC 6455 framing as pure functions and a state machine; no sockets.
namespace dunlin::wire {

enum class Opcode : std::uint8_t {
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
};

/// A whole frame, header and payload, ready to be written to any number of sockets. Shared by their
/// queues, never changed.
using Frame = std::shared_ptr<const std::string>;

/// An unmasked, final frame as servers send (section 5.2).
Frame make_frame(Opcode opcode, std::string_view payload);

/// Payload of a close frame: code and reason (section 5.5.1).
std::string close_payload(std::uint16_t code, std::string_view reason);

struct Message {
    Opcode opcode = Opcode::Text;  // Text, Binary, Close, Ping or Pong; never Continuation
    std::string payload;
};

/// Reassembles client frames into messages. Strict: masked frames only, no reserved bits, control
/// frames at most 125 bytes and unfragmented, minimal lengths, valid UTF-8 in text (checked
/// incrementally), valid close codes. Belongs to one connection.
class FrameReader {
public:
    explicit FrameReader(std::size_t message_bytes_max);

    /// Takes what arrived; call next() until it yields nothing.
    void feed(std::string_view bytes);

    /// The next complete message; `has_message` false when more bytes are needed.
    /// A violation is final. Error::details is the close code to send ("1002", "1007", "1009").
    struct Step {
        bool has_message = false;
        Message message;
    };
    Result<Step> next();

    /// Releases buffers while nothing is pending: an idle connection holds no memory.
    void shrink();

    /// Of what arrived and is not yet a whole message.
    std::size_t held_bytes() const { return pending_.size() + message_.size(); }

private:
    struct Header;
    Result<Header> read_header() const;
    Result<Step> take_control(Opcode opcode, std::string payload);
    Result<Step> take_data(const Header& header, std::string payload);

    std::size_t message_bytes_max_;
    std::string pending_;  // received, not yet a whole frame
    std::size_t consumed_ = 0;
    std::string message_;  // fragments so far
    Opcode message_opcode_ = Opcode::Continuation;
    Utf8Checker utf8_;
};

}  // namespace dunlin::wire
