#include "http_client.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <cstdlib>

#include "support.h"

namespace dunlin::bench {

namespace {

constexpr std::string_view head_end = "\r\n\r\n";

/// Value of the Content-Length header, 0 without one.
std::size_t content_length(std::string_view head) {
    constexpr std::string_view name = "\r\ncontent-length:";
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
         at = head.find("\r\n", at + 2)) {
        const std::string_view line = head.substr(at);
        if (line.size() > name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0) {
            return std::strtoull(line.data() + name.size(), nullptr, 10);
        }
    }
    return 0;
}

}  // namespace

std::string post_request(std::string_view path, std::string_view key, std::string_view body) {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\napikey: {}\r\nContent-Type: application/json\r\n"
        "Prefer: return=minimal\r\nContent-Length: {}\r\n\r\n{}",
        path, key, body.size(), body);
}

std::string RequestTemplate::with(std::uint64_t n) const {
    std::string target = path;
    if (const auto at = target.find("{n}"); at != std::string::npos)
        target.replace(at, 3, std::to_string(n));
    std::string text =
        fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\napikey: {}\r\n", method, target, key);
    if (!token.empty()) text += fmt::format("Authorization: Bearer {}\r\n", token);
    if (!prefer.empty()) text += fmt::format("Prefer: {}\r\n", prefer);
    if (!body.empty())
        text +=
            fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
    return text + "\r\n" + body;
}

bool AnswerReader::feed(std::string_view bytes) {
    pending_ += bytes;
    const std::size_t end = pending_.find(head_end);
    if (end == std::string::npos) return false;
    const std::size_t whole =
        end + head_end.size() + content_length(std::string_view(pending_).substr(0, end + 2));
    if (pending_.size() < whole) return false;
    if (pending_.size() > whole) fail("more bytes than one answer: " + pending_.substr(whole));
    constexpr std::size_t status_at = 9;  // after "HTTP/1.1 "
    status_ = std::atoi(pending_.c_str() + status_at);
    answer_.swap(pending_);
    pending_.clear();
    return true;
}

std::string sequence_text(std::uint64_t sequence) {
    return fmt::format("seq={:012}", sequence);
}

std::string event_row(std::uint64_t sequence, std::size_t payload_bytes) {
    std::string payload = sequence_text(sequence);
    payload.resize(std::max(payload_bytes, payload.size()), 'x');
    return fmt::format(R"({{"kind":"bench","payload":"{}"}})", payload);
}

}  // namespace dunlin::bench
