#include "websocket.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>

namespace dunlin::bench {

namespace {

constexpr unsigned final_bit = 0x80;
constexpr std::size_t mask_bytes = 4;
constexpr std::string_view mask = "\x11\x22\x33\x44";

/// Bytes of the extended length for the 7 bits of `length` (section 5.2).
std::size_t extended_bytes(unsigned length) {
    if (length == 126) return 2;
    return length == 127 ? 8 : 0;
}

void write_length(std::size_t size, unsigned mask_bit, std::string& out) {
    const auto big_endian = [&](int bytes) {
        for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i));
    };
    if (size < 126) {
        out += static_cast<char>(mask_bit | size);
    } else if (size < 65536) {
        out += static_cast<char>(mask_bit | 126);
        big_endian(2);
    } else {
        out += static_cast<char>(mask_bit | 127);
        big_endian(8);
    }
}

void apply_mask(std::string_view key, std::string& payload) {
    for (std::size_t i = 0; i < payload.size(); ++i) {
        payload[i] = static_cast<char>(payload[i] ^ key[i % mask_bytes]);
    }
}

}  // namespace

std::string upgrade_request(std::string_view target) {
    return fmt::format(
        "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        target);
}

std::string upgrade_answer(std::string_view request) {
    constexpr std::string_view name = "Sec-WebSocket-Key: ";
    const std::size_t at = request.find(name);
    if (at == std::string_view::npos) return {};
    const std::size_t start = at + name.size();
    std::string key(request.substr(start, request.find("\r\n", start) - start));
    key += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // section 1.3
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
    std::array<unsigned char, 32> accept{};
    EVP_EncodeBlock(accept.data(), digest.data(), SHA_DIGEST_LENGTH);
    return fmt::format(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: {}\r\n\r\n",
        reinterpret_cast<const char*>(accept.data()));
}

std::string text_frame(std::string_view payload, Masking masking) {
    if (masking == Masking::Masked) return masked_frame(text_opcode, payload);
    std::string frame(1, static_cast<char>(final_bit | text_opcode));
    write_length(payload.size(), 0, frame);
    return frame.append(payload);
}

std::string masked_frame(unsigned opcode, std::string_view payload) {
    std::string frame(1, static_cast<char>(final_bit | opcode));
    write_length(payload.size(), 0x80, frame);
    frame += mask;
    std::string body(payload);
    apply_mask(mask, body);
    return frame + body;
}

std::optional<FrameHead> read_frame_head(std::string_view bytes) {
    if (bytes.size() < 2) return {};
    const auto second = static_cast<unsigned char>(bytes[1]);
    FrameHead head{.opcode = static_cast<unsigned>(bytes[0]) & 0x0F,
                   .is_masked = (second & 0x80) != 0};
    const unsigned length = second & 0x7F;
    const std::size_t extended = extended_bytes(length);
    head.head_bytes = 2 + extended + (head.is_masked ? mask_bytes : 0);
    if (bytes.size() < head.head_bytes) return {};
    head.payload_bytes = extended == 0 ? length : 0;
    for (std::size_t i = 0; i < extended; ++i) {
        head.payload_bytes = head.payload_bytes << 8 | static_cast<unsigned char>(bytes[2 + i]);
    }
    return head;
}

std::string unmask(const FrameHead& head, std::string_view frame) {
    std::string payload(frame.substr(head.head_bytes));
    apply_mask(frame.substr(head.head_bytes - mask_bytes, mask_bytes), payload);
    return payload;
}

}  // namespace dunlin::bench
