#pragma once

#include <cstdint>
#include <string_view>

namespace dunlin::wire {

/// Checks UTF-8 (RFC 3629) piece by piece: no overlong forms, no surrogates, nothing over U+10FFFF.
class Utf8Checker {
public:
    /// False as soon as the bytes so far cannot be the beginning of valid text.
    bool feed(std::string_view bytes);
    /// True when no character is half read.
    bool complete() const { return needed_ == 0; }

private:
    bool start(unsigned char byte);

    std::uint8_t needed_ = 0;  // continuation bytes still to come
    std::uint8_t low_ = 0x80;  // allowed range of the next one
    std::uint8_t high_ = 0xBF;
};

}  // namespace dunlin::wire
