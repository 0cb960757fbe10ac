#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// What the benchmark programs share: sockets, clocks, the figures of another process.
namespace dunlin::bench {

/// Prints why and ends the program: a run that went wrong has no figures to show.
[[noreturn]] void fail(std::string_view why);
/// As fail(), with the text of errno.
[[noreturn]] void fail_errno(std::string_view what);

/// Raises the soft limit of open files to the hard one.
void raise_file_limit();

/// Monotonic clock, nanoseconds.
std::int64_t now_ns();
/// Processor time of all threads of `pid`, user and system, nanoseconds.
std::int64_t process_cpu_ns(int pid);
/// Resident memory of `pid`.
std::int64_t process_rss_bytes(int pid);

/// The value below which `share` (0 to 1) of `values` lie; 0 for none. Sorts them.
double percentile(std::vector<double>& values, double share);

/// Owns a file descriptor.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    int value() const { return value_; }
    explicit operator bool() const { return value_ >= 0; }

private:
    int value_ = -1;
};

/// A non-blocking listener on 127.0.0.1; port 0: any.
Descriptor listen_on(std::uint16_t port);
std::uint16_t local_port(const Descriptor& socket);
/// A connected, non-blocking socket without Nagle's delay. Each 10,000 numbers share a loopback
/// source address, as one address has some 28,000 ports and those of earlier runs linger.
Descriptor connect_to(std::uint16_t port, std::size_t number);
/// Writes all of it, waiting for a full socket buffer to be read.
void send_all(const Descriptor& socket, std::string_view bytes);

/// Level-triggered epoll over sockets that are told apart by a number.
class Poller {
public:
    struct Event {
        std::uint64_t number;
        std::uint32_t events;
    };

    Poller();
    void add(const Descriptor& socket, std::uint64_t number, std::uint32_t events);
    void change(const Descriptor& socket, std::uint64_t number, std::uint32_t events);
    /// At most 64 events; `timeout_ms` < 0 waits for ever.
    const std::vector<Event>& wait(int timeout_ms);

private:
    Descriptor poller_;
    std::vector<Event> events_;
};

/// `--name value` pairs of a command line.
class Arguments {
public:
    Arguments(int count, char** words);
    std::string text(const std::string& name, const std::string& fallback) const;
    std::int64_t number(const std::string& name, std::int64_t fallback) const;

private:
    std::map<std::string, std::string> values_;
};

}  // namespace dunlin::bench
