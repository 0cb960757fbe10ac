#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// As much of an HTTP/1.1 client as a load generator needs.
namespace dunlin::bench {

/// A POST that wants no rows back. `key` goes into the apikey header.
std::string post_request(std::string_view path, std::string_view key, std::string_view body);

/// A request that is sent again and again. "{n}" in the path becomes a number of each request.
struct RequestTemplate {
    std::string method = "GET";
    std::string path;
    std::string key;
    std::string token;   // "" for none
    std::string prefer;  // "" for none
    std::string body;

    std::string with(std::uint64_t n) const;
};

/// Reads answers that have a Content-Length, or none and no body (204).
class AnswerReader {
public:
    /// True when an answer is complete; status() is then its status.
    bool feed(std::string_view bytes);
    int status() const { return status_; }
    /// The last complete answer, head and body.
    const std::string& answer() const { return answer_; }

private:
    std::string pending_;
    std::string answer_;
    int status_ = 0;
};

/// A JSON row of the table `events`, whose payload names the change and has `payload_bytes`.
std::string event_row(std::uint64_t sequence, std::size_t payload_bytes);

/// `seq=` and twelve digits: what a change carries, so that its receiver can check the order.
std::string sequence_text(std::uint64_t sequence);
constexpr std::size_t sequence_text_bytes = 16;

}  // namespace dunlin::bench
