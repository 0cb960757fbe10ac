#include "http/body_reader.h"

#include <algorithm>
#include <charconv>

#include "core/limits.h"
#include "http/ascii.h"

namespace dunlin::http {

namespace {

constexpr std::size_t chunk_line_bytes_max = 256;

std::unexpected<Error> malformed(const char* what) {
    return std::unexpected(Error{ErrorCode::InvalidInput, what});
}

std::unexpected<Error> too_large(std::size_t bytes_max) {
    return std::unexpected(
        Error{ErrorCode::TooLarge, "the body is over " + std::to_string(bytes_max) + " bytes"});
}

}  // namespace

Result<void> BodyReader::take(std::string_view& input) {
    if (done_) return {};
    if (chunked_) return take_chunked(input);
    take_data(input);
    done_ = left_ == 0;
    return {};
}

Result<bool> BodyReader::take_line(std::string_view& input) {
    const auto end = input.find('\n');
    const auto part = input.substr(0, end == input.npos ? input.size() : end + 1);
    line_ += part;
    input.remove_prefix(part.size());
    if (line_.size() > chunk_line_bytes_max) return malformed("a chunk's line is too long");
    if (end == part.npos) return false;
    if (line_.size() < 2 || line_[line_.size() - 2] != '\r')
        return malformed("chunk lines end with CRLF");
    line_.resize(line_.size() - 2);
    if (!is_field_value(line_)) return malformed("a chunk's line has control characters");
    return true;
}

Result<void> BodyReader::start_chunk() {
    const std::string_view digits = std::string_view(line_).substr(0, line_.find(';'));
    const auto counted = count_overhead(line_.size() - digits.size());
    if (!counted) return counted;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
    if (failure != std::errc{} || end != digits.data() + digits.size() || digits.empty()) {
        return malformed("a chunk's size is not a number");
    }
    if (left_ > bytes_max_ - std::min(bytes_max_, body_.size())) return too_large(bytes_max_);
    expect_ = left_ == 0 ? Expect::Trailer : Expect::Data;
    return {};
}

/// Extensions and trailers carry no data, so what they may weigh has a bound of its own.
Result<void> BodyReader::count_overhead(std::size_t bytes) {
    overhead_bytes_ += bytes;
    if (overhead_bytes_ > limits::http_header_bytes_max)
        return malformed("the chunks' lines are too long");
    return {};
}

Result<void> BodyReader::take_trailer() {
    done_ = line_.empty();
    if (!done_ && !is_token(std::string_view(line_).substr(0, line_.find(':')))) {
        return malformed("malformed trailer");
    }
    if (!done_ && line_.find(':') == line_.npos) return malformed("malformed trailer");
    return count_overhead(line_.size());
}

/// What a whole line means where it stands.
Result<void> BodyReader::use_line() {
    if (expect_ == Expect::Size) return start_chunk();
    if (expect_ == Expect::Trailer) return take_trailer();
    if (!line_.empty()) return malformed("a chunk is longer than its size");
    expect_ = Expect::Size;
    return {};
}

void BodyReader::take_data(std::string_view& input) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
    body_.append(input.substr(0, count));
    input.remove_prefix(count);
    left_ -= count;
}

Result<void> BodyReader::take_chunked(std::string_view& input) {
    while (!input.empty() && !done_) {
        if (expect_ == Expect::Data) {
            take_data(input);
            if (left_ == 0) expect_ = Expect::DataEnd;
            continue;
        }
        const auto complete = take_line(input);
        if (!complete) return std::unexpected(complete.error());
        if (!*complete) return {};
        const auto used = use_line();
        if (!used) return used;
        line_.clear();
    }
    return {};
}

}  // namespace dunlin::http
