#include "wire/websocket_frame.h"

namespace dunlin::wire {

namespace {

constexpr std::size_t control_bytes_max = 125;

std::unexpected<Error> violation(const char* code, const char* what) {
    return std::unexpected(Error{ErrorCode::InvalidInput, what, "", code});
}

bool is_control(Opcode opcode) {
    return static_cast<std::uint8_t>(opcode) >= 0x8;
}

bool is_known(std::uint8_t opcode) {
    return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xA);
}

/// RFC 6455 section 7.4: codes an endpoint may send.
bool is_close_code(std::uint16_t code) {
    if (code >= 3000 && code <= 4999) return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes) number = (number << 8) | static_cast<unsigned char>(byte);
    return number;
}

}  // namespace

Frame make_frame(Opcode opcode, std::string_view payload) {
    std::string frame;
    frame.reserve(payload.size() + 10);
    frame.push_back(static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode)));
    const std::uint64_t size = payload.size();
    int length_bytes = 0;
    if (size <= 125) {
        frame.push_back(static_cast<char>(size));
    } else {
        length_bytes = size <= 0xffff ? 2 : 8;
        frame.push_back(length_bytes == 2 ? char{126} : char{127});
    }
    for (int shift = (length_bytes - 1) * 8; shift >= 0 && length_bytes > 0; shift -= 8) {
        frame.push_back(static_cast<char>(size >> shift));
    }
    frame += payload;
    return std::make_shared<const std::string>(std::move(frame));
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
    std::string payload;
    payload.push_back(static_cast<char>(code >> 8));
    payload.push_back(static_cast<char>(code & 0xff));
    payload += reason.substr(0, control_bytes_max - 2);
    return payload;
}

/// A frame's header (section 5.2). `size == 0`: not complete yet.
struct FrameReader::Header {
    std::size_t size = 0;
    bool final = false;
    Opcode opcode = Opcode::Text;
    std::uint64_t length = 0;
    char mask[4] = {};
};

FrameReader::FrameReader(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

void FrameReader::feed(std::string_view bytes) {
    if (consumed_ > 0) {
        pending_.erase(0, consumed_);
        consumed_ = 0;
    }
    pending_ += bytes;
}

Result<FrameReader::Header> FrameReader::read_header() const {
    const std::string_view bytes = std::string_view(pending_).substr(consumed_);
    Header header;
    if (bytes.size() < 2) return header;
    const auto first = static_cast<unsigned char>(bytes[0]);
    const auto second = static_cast<unsigned char>(bytes[1]);
    if ((first & 0x70) != 0) return violation("1002", "reserved bits are set");
    if (!is_known(first & 0x0f)) return violation("1002", "unknown opcode");
    if ((second & 0x80) == 0) return violation("1002", "frames of clients must be masked");
    header.final = (first & 0x80) != 0;
    header.opcode = static_cast<Opcode>(first & 0x0f);
    header.length = second & 0x7f;
    if (is_control(header.opcode) && (header.length > control_bytes_max || !header.final)) {
        return violation("1002", "a control frame is too long or fragmented");
    }
    const std::size_t length_bytes = header.length == 126 ? 2 : header.length == 127 ? 8 : 0;
    if (bytes.size() < 2 + length_bytes + 4) return Header{};
    if (length_bytes > 0) {
        header.length = big_endian(bytes.substr(2, length_bytes));
        if (header.length <= (length_bytes == 2 ? 125u : 0xffffu)) {
            return violation("1002", "a length is not in its shortest form");
        }
    }
    if (!is_control(header.opcode) && header.length > message_bytes_max_ - message_.size()) {
        return violation("1009", "the message is too big");
    }
    bytes.copy(header.mask, 4, 2 + length_bytes);
    header.size = 2 + length_bytes + 4;
    return header;
}

Result<FrameReader::Step> FrameReader::next() {
    while (true) {
        const auto header = read_header();
        if (!header) return std::unexpected(header.error());
        if (header->size == 0 || pending_.size() - consumed_ - header->size < header->length)
            return Step{};
        std::string payload = pending_.substr(consumed_ + header->size, header->length);
        for (std::size_t i = 0; i < payload.size(); ++i) {
            payload[i] = static_cast<char>(payload[i] ^ header->mask[i % 4]);
        }
        consumed_ += header->size + payload.size();
        auto step = is_control(header->opcode) ? take_control(header->opcode, std::move(payload))
                                               : take_data(*header, std::move(payload));
        if (!step || step->has_message) return step;
    }
}

Result<FrameReader::Step> FrameReader::take_control(Opcode opcode, std::string payload) {
    if (opcode == Opcode::Close && !payload.empty()) {
        const auto code = static_cast<std::uint16_t>(big_endian(payload.substr(0, 2)));
        if (payload.size() == 1 || !is_close_code(code))
            return violation("1002", "invalid close code");
        Utf8Checker reason;
        if (!reason.feed(std::string_view(payload).substr(2)) || !reason.complete()) {
            return violation("1007", "a close reason is not UTF-8");
        }
    }
    return Step{true, {opcode, std::move(payload)}};
}

Result<FrameReader::Step> FrameReader::take_data(const Header& header, std::string payload) {
    const bool continues = header.opcode == Opcode::Continuation;
    const bool open = message_opcode_ != Opcode::Continuation;
    if (continues != open) return violation("1002", "fragments are out of order");
    if (!open) {
        message_opcode_ = header.opcode;
        utf8_ = {};
    }
    if (message_opcode_ == Opcode::Text &&
        (!utf8_.feed(payload) || (header.final && !utf8_.complete()))) {
        return violation("1007", "a text message is not UTF-8");
    }
    if (message_.empty())
        message_ = std::move(payload);
    else
        message_ += payload;
    if (!header.final) return Step{};
    Step step{true, {message_opcode_, std::move(message_)}};
    message_ = {};
    message_opcode_ = Opcode::Continuation;
    return step;
}

void FrameReader::shrink() {
    if (consumed_ == pending_.size()) {
        pending_ = {};
        consumed_ = 0;
    }
}

}  // namespace dunlin::wire
