#include "http/body_reader.h"

#include <algorithm>
#include <charconv>

#include "core/limits.h"

namespace dunlin::http {

namespace {

constexpr std::size_t chunk_line_bytes_max = 256;

std::unexpected<Error> malformed(const char* what) {
    return std::unexpected(Error{ErrorCode::InvalidInput, what});
}

std::unexpected<Error> too_large(std::size_t bytes_max) {
    return std::unexpected(Error{ErrorCode::TooLarge,
                                 "the body is over " + std::to_string(bytes_max) + " bytes"});
}

}  // namespace

Result<void> BodyReader::take(std::string_view& input) {
    if (done_) return {};
    if (chunked_) return take_chunked(input);
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
    body_.append(input.substr(0, count));
    input.remove_prefix(count);
    left_ -= count;
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
    if (line_.size() < 2 || line_[line_.size() - 2] != '\r') return malformed("chunk lines end with CRLF");
    line_.resize(line_.size() - 2);
    return true;
}

Result<void> BodyReader::start_chunk() {
    const std::string_view digits = std::string_view(line_).substr(0, line_.find(';'));
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
    if (failure != std::errc{} || end != digits.data() + digits.size() || digits.empty()) {
        return malformed("a chunk's size is not a number");
    }
    if (left_ > bytes_max_ - std::min(bytes_max_, body_.size())) return too_large(bytes_max_);
    expect_ = left_ == 0 ? Expect::Trailer : Expect::Data;
    return {};
}

Result<void> BodyReader::take_chunked(std::string_view& input) {
    while (!input.empty() && !done_) {
        if (expect_ == Expect::Data) {
            const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
            body_.append(input.substr(0, count));
            input.remove_prefix(count);
            left_ -= count;
            if (left_ == 0) expect_ = Expect::DataEnd;
            continue;
        }
        const auto complete = take_line(input);
        if (!complete) return std::unexpected(complete.error());
        if (!*complete) return {};
        Result<void> taken{};
        if (expect_ == Expect::Size) {
            taken = start_chunk();
        } else if (expect_ == Expect::DataEnd) {
            if (!line_.empty()) taken = malformed("a chunk is longer than its size");
            expect_ = Expect::Size;
        } else {
            trailer_bytes_ += line_.size();
            if (trailer_bytes_ > limits::http_header_bytes_max) taken = malformed("the trailer is too long");
            done_ = line_.empty();
        }
        line_.clear();
        if (!taken) return taken;
    }
    return {};
}

}  // namespace dunlin::http
