#include "support.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <utility>

namespace dunlin::bench {

namespace {

constexpr std::size_t events_max = 64;
constexpr std::size_t connections_per_source = 10'000;
constexpr int listen_backlog = 4096;
constexpr int send_timeout_ms = 20'000;

sockaddr_in loopback(std::uint32_t host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(host);
    return address;
}

/// 127.A.B.1 by process and number, never 127.0.x.x.
std::uint32_t source_host(std::size_t number) {
    const auto run = static_cast<std::uint32_t>(getpid()) % 200;
    const auto block = static_cast<std::uint32_t>(number / connections_per_source) % 200;
    return (127U << 24) | ((run + 1) << 16) | (block << 8) | 1U;
}

}  // namespace

void fail(std::string_view why) {
    fmt::print(stderr, "bench: {}\n", why);
    std::_Exit(1);
}

void fail_errno(std::string_view what) {
    fail(fmt::format("{}: {}", what, std::strerror(errno)));
}

void raise_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail_errno("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail_errno("setrlimit");
}

std::int64_t now_ns() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

std::int64_t process_cpu_ns(int pid) {
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) {
        fail(fmt::format("process {} has no processor clock", pid));
    }
    return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

std::int64_t process_rss_bytes(int pid) {
    std::ifstream file(fmt::format("/proc/{}/statm", pid));
    std::int64_t size = 0;
    std::int64_t resident = 0;
    file >> size >> resident;
    if (!file) fail(fmt::format("process {} is gone", pid));
    return resident * sysconf(_SC_PAGESIZE);
}

double percentile(std::vector<double>& values, double share) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    const double rank = std::ceil(share * static_cast<double>(values.size()));
    return values[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

Descriptor::Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
}

Descriptor::~Descriptor() {
    if (value_ >= 0) ::close(value_);
}

Descriptor listen_on(std::uint16_t port) {
    Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) fail_errno("socket");
    const int on = 1;
    setsockopt(socket.value(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in address = loopback(INADDR_LOOPBACK, port);
    if (bind(socket.value(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(socket.value(), listen_backlog) != 0) {
        fail_errno("listen");
    }
    return socket;
}

std::uint16_t local_port(const Descriptor& socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(socket.value(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

Descriptor connect_to(std::uint16_t port, std::size_t number) {
    Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) fail_errno("socket");
    const int on = 1;
    // The port is chosen at connect(), by the whole address pair.
    setsockopt(socket.value(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(socket.value(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const sockaddr_in source = loopback(source_host(number), 0);
    if (bind(socket.value(), reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) {
        fail_errno("bind");
    }
    const sockaddr_in address = loopback(INADDR_LOOPBACK, port);
    if (connect(socket.value(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        fail_errno("connect");
    }
    if (fcntl(socket.value(), F_SETFL, O_NONBLOCK) != 0) fail_errno("fcntl");
    return socket;
}

void send_all(const Descriptor& socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = send(socket.value(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) fail_errno("send");
        if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
        pollfd writable{.fd = socket.value(), .events = POLLOUT, .revents = 0};
        if (!bytes.empty() && poll(&writable, 1, send_timeout_ms) <= 0)
            fail("a request was not taken in time");
    }
}

Poller::Poller() : poller_(epoll_create1(EPOLL_CLOEXEC)) {
    if (!poller_) fail_errno("epoll_create1");
    events_.reserve(events_max);
}

void Poller::add(const Descriptor& socket, std::uint64_t number, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.u64 = number}};
    if (epoll_ctl(poller_.value(), EPOLL_CTL_ADD, socket.value(), &event) != 0)
        fail_errno("epoll_ctl");
}

void Poller::change(const Descriptor& socket, std::uint64_t number, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.u64 = number}};
    if (epoll_ctl(poller_.value(), EPOLL_CTL_MOD, socket.value(), &event) != 0)
        fail_errno("epoll_ctl");
}

const std::vector<Poller::Event>& Poller::wait(int timeout_ms) {
    std::array<epoll_event, events_max> ready;
    const int count = epoll_wait(poller_.value(), ready.data(), events_max, timeout_ms);
    if (count < 0 && errno != EINTR) fail_errno("epoll_wait");
    events_.clear();
    for (int i = 0; i < count; ++i) {
        const auto& event = ready[static_cast<std::size_t>(i)];
        events_.push_back({event.data.u64, event.events});
    }
    return events_;
}

Arguments::Arguments(int count, char** words) {
    if (count % 2 == 0) fail("arguments come as --name value");
    for (int i = 1; i + 1 < count; i += 2) values_[words[i]] = words[i + 1];
}

std::string Arguments::text(const std::string& name, const std::string& fallback) const {
    const auto found = values_.find("--" + name);
    return found == values_.end() ? fallback : found->second;
}

std::int64_t Arguments::number(const std::string& name, std::int64_t fallback) const {
    const auto found = values_.find("--" + name);
    return found == values_.end() ? fallback : std::strtoll(found->second.c_str(), nullptr, 10);
}

}  // namespace dunlin::bench
