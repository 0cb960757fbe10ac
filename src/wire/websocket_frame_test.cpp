#include "wire/websocket_frame.h"

#include <gtest/gtest.h>

namespace dunlin::wire {

namespace {

/// A frame as a client sends it: masked with a fixed key.
std::string client_frame(std::uint8_t first_byte, std::string payload) {
    std::string frame(1, static_cast<char>(first_byte));
    if (payload.size() <= 125) {
        frame.push_back(static_cast<char>(0x80 | payload.size()));
    } else {
        frame.push_back(static_cast<char>(0x80 | 126));
        frame.push_back(static_cast<char>(payload.size() >> 8));
        frame.push_back(static_cast<char>(payload.size() & 0xff));
    }
    const std::string mask = "\x11\x22\x33\x44";
    frame += mask;
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
    return frame + payload;
}

/// What the reader makes of `bytes`, fed `step` bytes at a time: "T:text" and the like, joined by
/// blanks, then the close code of a violation.
std::string read_all(std::string_view bytes, std::size_t step) {
    FrameReader reader(1000);
    std::string seen;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        reader.feed(bytes.substr(at, step));
        while (true) {
            const auto next = reader.next();
            if (!next) return seen + next.error().details;
            if (!next->has_message) break;
            constexpr std::string_view letters = "?TB?????CPO";
            seen += letters[static_cast<std::size_t>(next->message.opcode)];
            seen += ":" + next->message.payload + " ";
        }
    }
    return seen;
}

}  // namespace

TEST(FrameReader, ReadsAndRefusesTheSameHoweverTheBytesArrive) {
    const std::string long_text(300, 'x');
    struct Case {
        const char* why;
        std::string bytes;
        std::string seen;
    };
    const Case cases[] = {
        {"text", client_frame(0x81, "hello"), "T:hello "},
        {"empty", client_frame(0x81, ""), "T: "},
        {"binary may be anything", client_frame(0x82, "\xff\xfe"), "B:\xff\xfe "},
        {"two byte length", client_frame(0x81, long_text), "T:" + long_text + " "},
        {"two messages", client_frame(0x81, "a") + client_frame(0x81, "b"), "T:a T:b "},
        {"fragments", client_frame(0x01, "a") + client_frame(0x00, "b") + client_frame(0x80, "c"),
         "T:abc "},
        {"ping between fragments",
         client_frame(0x01, "a") + client_frame(0x89, "p") + client_frame(0x80, "b"), "P:p T:ab "},
        {"character split by fragments", client_frame(0x01, "\xc3") + client_frame(0x80, "\xa9"),
         "T:\xc3\xa9 "},
        {"close with code", client_frame(0x88, close_payload(1000, "bye")),
         "C:" + close_payload(1000, "bye") + " "},
        {"unmasked",
         std::string("\x81\x01"
                     "a",
                     3),
         "1002"},
        {"reserved bit", client_frame(0xC1, "a"), "1002"},
        {"unknown opcode", client_frame(0x83, "a"), "1002"},
        {"fragmented ping", client_frame(0x09, "a"), "1002"},
        {"ping too long", client_frame(0x89, std::string(126, 'a')), "1002"},
        {"continuation of nothing", client_frame(0x80, "a"), "1002"},
        {"new message inside another", client_frame(0x01, "a") + client_frame(0x81, "b"), "1002"},
        {"length not shortest", std::string("\x81\xfe\x00\x05\x00\x00\x00\x00hello", 13), "1002"},
        {"not UTF-8", client_frame(0x81, "\xff"), "1007"},
        {"overlong", client_frame(0x81, "\xc0\xaf"), "1007"},
        {"surrogate", client_frame(0x81, "\xed\xa0\x80"), "1007"},
        {"character cut off", client_frame(0x81, "\xc3"), "1007"},
        {"close code out of range", client_frame(0x88, close_payload(1005, "")), "1002"},
        {"close of one byte", client_frame(0x88, "a"), "1002"},
        {"too big", client_frame(0x82, std::string(1001, 'a')), "1009"},
        {"too big in pieces",
         client_frame(0x02, std::string(600, 'a')) + client_frame(0x80, std::string(600, 'a')),
         "1009"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(read_all(c.bytes, c.bytes.size()), c.seen) << c.why;
        EXPECT_EQ(read_all(c.bytes, 1), c.seen) << c.why << ", byte by byte";
    }
}

TEST(MakeFrame, UsesTheShortestLength) {
    struct Case {
        std::size_t size;
        std::string header;
    };
    const Case cases[] = {
        {5, "\x81\x05"},
        {125, "\x81\x7d"},
        {126, std::string("\x81\x7e\x00\x7e", 4)},
        {65536, std::string("\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10)},
    };
    for (const Case& c : cases) {
        const auto frame = make_frame(Opcode::Text, std::string(c.size, 'a'));
        EXPECT_EQ(frame->substr(0, c.header.size()), c.header) << c.size;
        EXPECT_EQ(frame->size(), c.size + c.header.size()) << c.size;
    }
}

}  // namespace dunlin::wire
