#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Server-sent events (WHATWG HTML, section 9.2) out of a chunked body (RFC 9112 section 7.1).
namespace dunlin::bench {

class EventStream {
public:
    /// Takes bytes after the head. What is returned are whole events, each with its empty line; it
    /// is good until the next call.
    std::string_view feed(std::string_view bytes);

private:
    void take_chunks(std::string_view bytes);

    std::string events_;
    std::size_t whole_bytes_ = 0;  // of events_, handed out
    std::string size_line_;
    std::size_t chunk_bytes_ = 0;    // of the chunk under way
    std::size_t line_ends_due_ = 0;  // bytes of the CRLF after it
};

}  // namespace dunlin::bench
