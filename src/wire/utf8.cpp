#include "wire/utf8.h"

namespace dunlin::wire {

// RFC 3629 section 4: the first byte decides how many follow and, in four cases, narrows the
// second.
bool Utf8Checker::start(unsigned char byte) {
    low_ = 0x80;
    high_ = 0xBF;
    if (byte < 0x80) return true;
    if (byte < 0xC2 || byte > 0xF4) return false;
    needed_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    if (byte == 0xE0) low_ = 0xA0;
    if (byte == 0xED) high_ = 0x9F;
    if (byte == 0xF0) low_ = 0x90;
    if (byte == 0xF4) high_ = 0x8F;
    return true;
}

bool Utf8Checker::feed(std::string_view bytes) {
    for (const char character : bytes) {
        const auto byte = static_cast<unsigned char>(character);
        if (needed_ == 0) {
            if (!start(byte)) return false;
            continue;
        }
        if (byte < low_ || byte > high_) return false;
        low_ = 0x80;
        high_ = 0xBF;
        --needed_;
    }
    return true;
}

}  // namespace dunlin::wire
