#include "event_stream.h"

#include <algorithm>
#include <cstdlib>

namespace dunlin::bench {

std::string_view EventStream::feed(std::string_view bytes) {
    events_.erase(0, whole_bytes_);
    take_chunks(bytes);
    const std::size_t end = events_.rfind("\n\n");
    whole_bytes_ = end == std::string::npos ? 0 : end + 2;
    return std::string_view(events_).substr(0, whole_bytes_);
}

void EventStream::take_chunks(std::string_view bytes) {
    while (!bytes.empty()) {
        if (chunk_bytes_ > 0) {
            const std::size_t count = std::min(chunk_bytes_, bytes.size());
            events_ += bytes.substr(0, count);
            bytes.remove_prefix(count);
            chunk_bytes_ -= count;
            if (chunk_bytes_ == 0) line_ends_due_ = 2;
            continue;
        }
        const char next = bytes.front();
        bytes.remove_prefix(1);
        if (line_ends_due_ > 0) {
            --line_ends_due_;
        } else if (next == '\n') {
            chunk_bytes_ = std::strtoull(size_line_.c_str(), nullptr, 16);
            size_line_.clear();
        } else {
            size_line_ += next;
        }
    }
}

}  // namespace dunlin::bench
