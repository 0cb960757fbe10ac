// Load: as many keep-alive connections as wanted, each with one request under way.
//
//   bench_http_load --port P --pid PID --connections C --seconds S [--key KEY]
//       [--payload-bytes B]                                  inserts of one event each, or
//       --path P [--method M] [--range N] [--token T] [--prefer P] [--body-file F]
//
// Prints one JSON line. Every request is answered before it ends, and with a 2xx status, so that
// the rows can be counted.

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "http_client.h"
#include "support.h"

namespace dunlin::bench {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t answer_timeout_ns = 20 * second_ns;
constexpr int success = 2;  // of a status, its hundreds
constexpr std::size_t receive_bytes = 16 * 1024;

/// The text of the request with that number.
using RequestSource = std::function<std::string(std::uint64_t)>;

struct Connection {
    Descriptor socket;
    AnswerReader answers;
    std::int64_t sent_ns = 0;
};

class HttpLoad {
public:
    HttpLoad(std::uint16_t port, RequestSource requests, std::size_t count)
        : requests_(std::move(requests)), connections_(count), buffer_(receive_bytes, '\0') {
        for (std::size_t number = 0; number < count; ++number) {
            connections_[number].socket = connect_to(port, number);
            poller_.add(connections_[number].socket, number, EPOLLIN);
        }
    }

    /// Sends for `duration_ns`, then waits for the last answers.
    void run(std::int64_t duration_ns) {
        start_ns_ = now_ns();
        end_ns_ = start_ns_ + duration_ns;
        for (Connection& connection : connections_) send(connection);
        while (waiting_ > 0) {
            for (const Poller::Event& event : poller_.wait(1000))
                receive(connections_[event.number]);
            if (now_ns() > end_ns_ + answer_timeout_ns) fail("requests were left unanswered");
        }
    }

    std::vector<double>& latencies_ms() { return latencies_ms_; }
    /// When the request that waited longest was sent, from the start.
    double worst_sent_ms() const { return static_cast<double>(worst_sent_ns_ - start_ns_) / 1e6; }
    /// Of all answers, heads included.
    std::uint64_t bytes() const { return bytes_; }

private:
    void send(Connection& connection) {
        connection.sent_ns = now_ns();
        ++waiting_;
        send_all(connection.socket, requests_(sequence_++));
    }

    void receive(Connection& connection) {
        const ssize_t count = recv(connection.socket.value(), buffer_.data(), buffer_.size(), 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) fail("a connection was closed");
        if (!connection.answers.feed({buffer_.data(), static_cast<std::size_t>(count)})) return;
        if (connection.answers.status() / 100 != success) {
            fail("refused: " + connection.answers.answer());
        }
        bytes_ += connection.answers.answer().size();
        const std::int64_t now = now_ns();
        latencies_ms_.push_back(static_cast<double>(now - connection.sent_ns) / 1e6);
        if (now - connection.sent_ns > worst_ns_) {
            worst_ns_ = now - connection.sent_ns;
            worst_sent_ns_ = connection.sent_ns;
        }
        --waiting_;
        if (now < end_ns_) send(connection);
    }

    RequestSource requests_;
    Poller poller_;
    std::vector<Connection> connections_;
    std::string buffer_;
    std::vector<double> latencies_ms_;
    std::uint64_t sequence_ = 0;
    std::uint64_t bytes_ = 0;
    std::size_t waiting_ = 0;
    std::int64_t start_ns_ = 0;
    std::int64_t end_ns_ = 0;
    std::int64_t worst_ns_ = 0;
    std::int64_t worst_sent_ns_ = 0;
};

std::string read_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) fail("cannot read " + path);
    return {std::istreambuf_iterator<char>(stream), {}};
}

RequestSource requests_of(const Arguments& arguments) {
    const std::string key = arguments.text("key", "");
    const std::string path = arguments.text("path", "");
    if (path.empty()) {
        const auto bytes = static_cast<std::size_t>(arguments.number("payload-bytes", 200));
        return [key, bytes](std::uint64_t sequence) {
            return post_request("/rest/v1/events", key, event_row(sequence, bytes));
        };
    }
    const std::string body_file = arguments.text("body-file", "");
    RequestTemplate request{.method = arguments.text("method", "GET"),
                            .path = path,
                            .key = key,
                            .token = arguments.text("token", ""),
                            .prefer = arguments.text("prefer", ""),
                            .body = body_file.empty() ? "" : read_file(body_file)};
    const auto range = static_cast<std::uint64_t>(arguments.number("range", 1));
    return [request, range, random = std::mt19937_64(42)](std::uint64_t) mutable {
        return request.with(1 + random() % range);
    };
}

}  // namespace
}  // namespace dunlin::bench

int main(int argc, char** argv) {
    using namespace dunlin::bench;
    const Arguments arguments(argc, argv);
    raise_file_limit();
    const int pid = static_cast<int>(arguments.number("pid", 0));
    HttpLoad load(static_cast<std::uint16_t>(arguments.number("port", 0)), requests_of(arguments),
                  static_cast<std::size_t>(arguments.number("connections", 500)));
    const std::int64_t cpu_before = process_cpu_ns(pid);
    const std::int64_t start = now_ns();
    load.run(arguments.number("seconds", 5) * second_ns);
    const std::int64_t wall_ns = now_ns() - start;
    const std::int64_t cpu_ns = process_cpu_ns(pid) - cpu_before;
    auto& latencies = load.latencies_ms();
    const std::size_t rows = latencies.size();
    fmt::print(
        R"({{"rows":{},"bytes":{},"wall_ns":{},"cpu_ns":{},"p50_ms":{:.3f},"p99_ms":{:.3f},"max_ms":{:.3f},"worst_sent_ms":{:.3f}}})"
        "\n",
        rows, load.bytes(), wall_ns, cpu_ns, percentile(latencies, 0.5),
        percentile(latencies, 0.99), percentile(latencies, 1), load.worst_sent_ms());
    std::fflush(stdout);
    std::_Exit(0);
}
