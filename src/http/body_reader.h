#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace dunlin::http {

/// Collects a body of known length or in chunks (RFC 9112 section 7.1). Belongs to one connection.
class BodyReader {
public:
    BodyReader() = default;
    /// `length` is ignored for a chunked body.
    BodyReader(bool chunked, std::uint64_t length, std::size_t bytes_max)
        : chunked_(chunked),
          left_(chunked ? 0 : length),
          done_(!chunked && length == 0),
          bytes_max_(bytes_max) {}

    /// Takes bytes from the front of `input`. Fails with TooLarge or InvalidInput.
    Result<void> take(std::string_view& input);
    bool done() const { return done_; }
    std::string& body() { return body_; }

private:
    enum class Expect : std::uint8_t { Size, Data, DataEnd, Trailer };
    Result<void> take_chunked(std::string_view& input);
    Result<bool> take_line(std::string_view& input);  // false: more bytes are needed
    Result<void> use_line();
    Result<void> start_chunk();
    Result<void> take_trailer();
    Result<void> count_overhead(std::size_t bytes);
    void take_data(std::string_view& input);

    bool chunked_ = false;
    Expect expect_ = Expect::Size;
    std::uint64_t left_ = 0;
    bool done_ = true;
    std::size_t bytes_max_ = 0;
    std::string line_;
    std::size_t overhead_bytes_ = 0;  // of extensions and trailers
    std::string body_;
};

}  // namespace dunlin::http
