#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "publisher.h"
#include "support.h"
#include "websocket.h"

/// Many sockets that follow the same changes.
namespace dunlin::bench {

/// Path of the live socket, key included.
std::string live_path(const Target& target);
/// The message that joins the channel of the benchmark's table.
std::string_view live_join_message();

class Subscribers {
public:
    /// Called for every change that a subscriber receives, in the order of arrival.
    using OnChange = std::function<void(std::uint64_t sequence)>;

    Subscribers(const Target& target, Poller& poller, std::size_t count, OnChange on_change);

    /// Connects all and joins them to the channel, some at a time. Fails after a minute.
    void join();

    /// Reads what has come for subscriber `number`. Fails when it was closed, or when a change is
    /// missing, twice, or out of order.
    void receive(std::uint64_t number);

    std::size_t count() const { return subscribers_.size(); }
    /// Bytes of the last change's frame, head included.
    std::size_t frame_bytes() const { return frame_bytes_; }
    /// The sequence number that all subscribers wait for next; set before the first change.
    void expect(std::uint64_t sequence);

private:
    enum class State { Upgrading, Joining, Joined };
    struct Subscriber {
        Descriptor socket;
        FrameSplitter frames;
        std::string handshake;
        std::uint64_t expected = 0;
        State state = State::Upgrading;
    };

    void connect_next();
    void take_handshake(Subscriber& subscriber, std::string_view bytes);
    void take_frames(Subscriber& subscriber, std::string_view bytes);
    void take_frame(Subscriber& subscriber, const FrameHead& head, std::string_view frame);
    void take_change(Subscriber& subscriber, std::string_view frame);
    void joined(Subscriber& subscriber);
    std::uint64_t sequence_in(std::string_view frame);

    Target target_;
    Poller& poller_;
    OnChange on_change_;
    std::vector<Subscriber> subscribers_;
    std::string buffer_;
    std::size_t connected_ = 0;
    std::size_t joined_ = 0;
    std::size_t frame_bytes_ = 0;
    std::size_t sequence_at_ = 0;  // where the last frame had its sequence
};

}  // namespace dunlin::bench
