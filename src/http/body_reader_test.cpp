#include "http/body_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace dunlin::http {

namespace {

using namespace std::string_literals;

constexpr std::size_t bytes_max = 1000;

/// What the reader makes of `bytes` that arrive `step` at a time: "body|what follows it", "more",
/// or the status of a refusal.
std::string read(BodyReader reader, std::string_view bytes, std::size_t step) {
    for (std::size_t at = 0; at < bytes.size() && !reader.done(); at += step) {
        std::string_view piece = bytes.substr(at, step);
        const std::size_t size = piece.size();
        const auto taken = reader.take(piece);
        if (!taken) return std::to_string(http_status(taken.error().code));
        if (!reader.done() && !piece.empty()) return "not everything was taken";
        if (reader.done()) bytes = bytes.substr(at + size - piece.size());
    }
    return reader.done() ? reader.body() + "|" + std::string(bytes) : "more";
}

std::string read_chunked(std::string_view bytes, std::size_t step) {
    return read(BodyReader(true, 0, bytes_max), bytes, step);
}

std::string chunks_with_extensions(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += "1;" + std::string(200, 'x') + "\r\na\r\n";
    return text + "0\r\n\r\n";
}

std::string trailer_of(std::size_t count) {
    std::string text = "0\r\n";
    for (std::size_t i = 0; i < count; ++i) text += "X: " + std::string(200, 'x') + "\r\n";
    return text + "\r\n";
}

}  // namespace

TEST(BodyReader, TakesAsManyBytesAsAnnounced) {
    EXPECT_EQ(read(BodyReader(false, 3, bytes_max), "abcd", 4), "abc|d");
    EXPECT_EQ(read(BodyReader(false, 3, bytes_max), "abcd", 1), "abc|d");
    EXPECT_EQ(read(BodyReader(false, 3, bytes_max), "ab", 2), "more");
    EXPECT_EQ(read(BodyReader(false, 0, bytes_max), "", 1), "|") << "no body is complete at once";
}

TEST(BodyReader, ReadsAndRefusesChunksTheSameHoweverTheyArrive) {
    struct Case {
        const char* why;
        std::string bytes;
        std::string expected;
    };
    const std::string full(bytes_max, 'a');
    const Case cases[] = {
        {"one chunk", "3\r\nabc\r\n0\r\n\r\n", "abc|"},
        {"two chunks", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc|"},
        {"none", "0\r\n\r\n", "|"},
        {"the next request stays", "1\r\na\r\n0\r\n\r\nGET /", "a|GET /"},
        {"data that looks like the end", "5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n|"},
        {"hexadecimal in both cases", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
         "01234567890123456789|"},
        {"leading zeros", "0003\r\nabc\r\n000\r\n\r\n", "abc|"},
        {"extension", "3;a=b;c=\"d\"\r\nabc\r\n0;e\r\n\r\n", "abc|"},
        {"trailer", "1\r\na\r\n0\r\nX: y\r\nZ: \r\n\r\n", "a|"},
        {"as large as allowed", "3e8\r\n" + full + "\r\n0\r\n\r\n", full + "|"},
        {"not finished", "3\r\nabc\r\n0\r\n", "more"},
        {"size missing", "\r\nabc\r\n", "400"},
        {"size missing, extension", ";a\r\nabc\r\n", "400"},
        {"prefix", "0x3\r\nabc\r\n", "400"},
        {"plus", "+3\r\nabc\r\n", "400"},
        {"minus", "-3\r\nabc\r\n", "400"},
        {"blank first", " 3\r\nabc\r\n", "400"},
        {"blank behind (RFC 9112, 7.1.1: servers differ)", "3 \r\nabc\r\n", "400"},
        {"no digit", "g\r\nabc\r\n", "400"},
        {"over 64 bits", "10000000000000003\r\nabc\r\n", "400"},
        {"largest of 64 bits", "ffffffffffffffff\r\nabc\r\n", "413"},
        {"one byte too large", "3e9\r\n", "413"},
        {"too large together", "3e8\r\n" + full + "\r\n1\r\na\r\n", "413"},
        {"longer than its size", "3\r\nabcd\r\n", "400"},
        {"shorter than its size", "4\r\nabc\r\n0\r\n\r\n", "400"},
        {"bare LF behind a size", "3\nabc\r\n", "400"},
        {"bare LF behind data", "3\r\nabc\n0\r\n\r\n", "400"},
        {"bare LF as the end", "0\r\n\n", "400"},
        {"bare CR in an extension", "3;a\rb\r\nabc\r\n0\r\n\r\n", "400"},
        {"CR twice", "3\r\r\nabc\r\n", "400"},
        {"NUL in an extension", "3;\0\r\nabc\r\n"s, "400"},
        {"bare CR in a trailer", "0\r\nX: a\rY: b\r\n\r\n", "400"},
        {"trailer without a colon", "0\r\nGET / HTTP/1.1\r\n\r\n", "400"},
        {"line without an end", std::string(5000, '0'), "400"},
        {"long extension", "3;" + std::string(300, 'a') + "\r\nabc\r\n", "400"},
        {"extensions that outweigh the data", chunks_with_extensions(100), "400"},
        {"trailer too long", trailer_of(100), "400"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(read_chunked(c.bytes, c.bytes.size()), c.expected) << c.why;
        for (const std::size_t step : {1, 2, 3, 7}) {
            EXPECT_EQ(read_chunked(c.bytes, step), c.expected) << c.why << ", by " << step;
        }
    }
}

}  // namespace dunlin::http
